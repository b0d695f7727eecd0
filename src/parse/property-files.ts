/** Properties files as entries. */
import { type Package, readYaml } from '../project/index.js';
import type { SourceText } from './nodes/sql-files.js';
import type { PropertyEntry } from './property-entry.js';
import type { ParsedProject } from './state.js';

export function readPropertyFile(parsed: ParsedProject, owner: Package, file: SourceText): PropertyEntry[] {
  const document = readYaml(file.text, file.absolutePath);
  parsed.diagnostics.push(...document.diagnostics);
  const { value } = document;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const entries: PropertyEntry[] = [];
  for (const [kind, list] of Object.entries(value)) {
    if (!Array.isArray(list)) continue;
    list.forEach((raw, i) => {
      if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return;
      const map = raw as Record<string, unknown>;
      entries.push({
        kind: kind === 'tests' ? 'data_tests' : kind,
        name: String(map.name),
        packageName: owner.name,
        file: file.absolutePath,
        path: file.path,
        originalFilePath: file.originalFilePath,
        raw: map,
        unrendered: map,
        place: document.locate([kind, i, 'name']),
        locate: (path) => document.locate([kind, i, ...path]),
      });
    });
  }
  return entries;
}
