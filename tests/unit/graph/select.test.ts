import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { UpsqlError } from '../../../src/diagnostics/index.js';
import {
  buildGraph,
  type IndirectSelection,
  readSelectors,
  type SelectOptions,
  type SelectorDefinition,
  select,
  selectorsArtifact,
} from '../../../src/graph/index.js';
import type { Manifest } from '../../../src/parse/node.js';

/** What dbt-core selected; made by fixtures/make_cases.py. */
interface Case {
  readonly manifest: 'before' | 'after';
  readonly args: readonly string[];
  readonly ids?: readonly string[];
  readonly error?: string;
}

const folder = path.join(import.meta.dirname, 'fixtures');
const read = <T>(name: string): T => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as T;
const manifests = { before: read<Manifest>('before.json'), after: read<Manifest>('after.json') };
const graphs = { before: buildGraph(manifests.before), after: buildGraph(manifests.after) };
const cases = read<readonly Case[]>('cases.json');
const definitions = (
  parse(readFileSync(path.join(folder, 'project/selectors.yml'), 'utf8')) as { selectors: SelectorDefinition[] }
).selectors;
const selectors = readSelectors(definitions);

/** What `ls` lists by default. */
const LISTED = 'model snapshot seed test source exposure metric saved_query semantic_model unit_test function'.split(
  ' ',
);

function optionsOf(args: readonly string[], manifest: 'before' | 'after'): SelectOptions {
  const given = (flag: string) => args.flatMap((arg, i) => (arg === flag ? [args[i + 1] ?? ''] : []));
  const types = given('--resource-type');
  const [selector] = given('--selector');
  const [indirect] = given('--indirect-selection');
  return {
    select: given('--select'),
    exclude: given('--exclude'),
    resourceTypes: types.length > 0 ? types : LISTED,
    includeEmpty: true,
    root: path.join(folder, 'project'),
    selectors,
    ...(selector === undefined ? {} : { selector }),
    ...(indirect === undefined ? {} : { indirectSelection: indirect as IndirectSelection }),
    ...(manifest === 'before'
      ? {}
      : {
          manifest: manifests.before,
          results: [
            { unique_id: 'model.shop.revenue', status: 'error' },
            { unique_id: 'model.shop.report', status: 'skipped' },
            { unique_id: 'seed.shop.customers', status: 'success' },
          ],
        }),
  };
}

describe('selection equals dbt-core’s', () => {
  it.each(cases.map((c) => [`${c.manifest}: ${c.args.join(' ')}`, c] as const))('%s', (_, c) => {
    const run = () => select(graphs[c.manifest], manifests[c.manifest], optionsOf(c.args, c.manifest)).ids;
    if (c.error !== undefined) expect(run).toThrow(UpsqlError);
    else expect(run()).toEqual([...(c.ids ?? [])].sort());
  });

  it('shows selectors in the manifest as dbt does', () => {
    expect(selectorsArtifact(definitions)).toEqual(manifests.before.selectors);
  });

  it('has the same parent_map and child_map', () => {
    for (const name of ['before', 'after'] as const) {
      expect(graphs[name].parentMap).toEqual(manifests[name].parent_map);
      expect(graphs[name].childMap).toEqual(manifests[name].child_map);
    }
  });
});
