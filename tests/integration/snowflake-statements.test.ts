import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countStatements, tableLines, worse } from '../../bench/snowflake/count-statements.mjs';
import { noStandIn, type StandIn, startStandIn, titled } from '../stand-ins/snowflake/stand-in.js';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { snowflakeProject } from './snowflake-project.js';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const PROJECT = path('fixtures/snowflake-statements');
const { version, builds: theirs } = JSON.parse(
  readFileSync(path('../../bench/snowflake/dbt-snowflake.json'), 'utf8'),
) as {
  version: string;
  builds: readonly Readonly<Record<string, number>>[];
};

function projectFiles(): Record<string, string> {
  const names = readdirSync(PROJECT, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    names.map(({ parentPath, name }) => {
      const file = join(parentPath, name);
      return [file.slice(PROJECT.length + 1), readFileSync(file, 'utf8')];
    }),
  );
}

/** Counted with dbt-snowflake beside it by `npm run bench:snowflake`, which also writes its counts anew. */
describe.skipIf(noStandIn !== undefined)(titled('statements that a build sends'), () => {
  let standIn: StandIn;
  const ours: Readonly<Record<string, number>>[] = [];

  beforeAll(async () => {
    await compileBin();
    standIn = await startStandIn();
    const files = projectFiles();
    const project = snowflakeProject(standIn, {
      ...files,
      'dbt_project.yml': (files['dbt_project.yml'] ?? '').replace('profile: counted', 'profile: shop'),
    });
    for (let n = 1; n <= 2; n++) {
      const window = ['--event-time-start', '2024-01-01', '--event-time-end', '2024-01-02'];
      const { ran, all } = await project.sent('build', ...window);
      expect(ran.code, ran.text).toBe(0);
      ours.push(countStatements(all));
    }
  });
  afterAll(() => standIn?.stop());

  it('are so many for each kind of node', () => {
    const [first = {}, second = {}] = ours;
    const pairs = Object.fromEntries(Object.keys(first).map((node) => [node, [first[node], second[node]]]));
    expect(pairs).toEqual({
      '': [2, 2],
      a_table: [1, 1],
      a_view: [1, 1],
      not_null_a_view_id: [1, 1],
      a_tagged_table: [1, 1],
      a_table_elsewhere: [3, 3],
      a_clustered_table: [2, 2],
      a_granted_table: [2, 2],
      a_described_table: [4, 4],
      a_dynamic_table: [1, 1],
      an_incremental_append: [1, 2],
      an_incremental_merge: [1, 2],
      an_incremental_insert_overwrite: [1, 2],
      an_incremental_delete_insert: [1, 7],
      a_microbatch: [1, 7],
      a_snapshot: [3, 13],
      a_seed: [3, 4],
    });
  });

  it('are no more than those of dbt-snowflake', () => {
    expect(worse(ours, theirs)).toEqual([]);
    expect(Object.keys(ours[0] ?? {}).sort()).toEqual(Object.keys(theirs[0] ?? {}).sort());
  });

  it('are what the guide says', () => {
    const guide = readFileSync(path('../../docs/snowflake.md'), 'utf8');
    const table = /<!-- statements -->\n([\s\S]*?)\n<!-- \/statements -->/.exec(guide)?.[1];
    expect(table?.split('\n')).toEqual(tableLines(ours, theirs, version));
  });
});
