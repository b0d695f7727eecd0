/** Where a part of a unit test stands in its YAML file, which is read again for it: only faults ask. */
import { readFileSync } from 'node:fs';
import type { Place } from '../../diagnostics/index.js';
import { readYaml } from '../../project/index.js';
import type { OtherNode } from '../node.js';
import { isMap, mapsOf } from '../shape.js';
import type { ParsedProject } from '../state.js';

/**
 * The place of the value at `path` in a unit test's entry (`['given', 0, 'input']`), or of the nearest one above it.
 * With `column`, `path` names a fixture, and the place is that of the first row's key of this name, or of the CSV header.
 */
export function unitTestPlace(
  parsed: ParsedProject,
  test: OtherNode,
  path: readonly (string | number)[],
  column?: string,
): Place | undefined {
  const place = parsed.places.get(test.unique_id);
  if (place === undefined) return undefined;
  try {
    const document = readYaml(readFileSync(place.file, 'utf8'), place.file);
    const entries = isMap(document.value) ? mapsOf(document.value.unit_tests) : [];
    const index = entries.findIndex((entry) => entry.name === test.name && String(entry.model) === String(test.model));
    if (index === -1) return place;
    const at = ['unit_tests', index, ...path];
    if (column === undefined) return document.locate(at);
    let fixture: unknown = entries[index];
    for (const step of path) fixture = (fixture as Record<string | number, unknown>)[step];
    if (!isMap(fixture)) return document.locate(at);
    if (typeof fixture.fixture === 'string') {
      const file = parsed.fixtures.get(`${test.package_name}.${fixture.fixture}`);
      if (file !== undefined) return { file, line: 1, column: headerColumn(readFileSync(file, 'utf8'), column) };
    }
    const rows = Array.isArray(fixture.rows) ? fixture.rows : [];
    const row = rows.findIndex((one) => isMap(one) && Object.hasOwn(one, column));
    return row === -1 ? document.locate([...at, 'rows']) : document.locateKey([...at, 'rows', row, column]);
  } catch {
    // The file was changed or removed meanwhile.
    return place;
  }
}

function headerColumn(text: string, name: string): number {
  return Math.max(0, (text.split('\n', 1)[0] ?? '').indexOf(name)) + 1;
}
