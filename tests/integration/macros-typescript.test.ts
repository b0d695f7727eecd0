import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withOpened } from './macros-session.js';
import { makeProject } from './test-project.js';

const model = (config: string, body: string) =>
  `export const config = { ${config} };\nexport default async function model({ vars, isIncremental }) {\n${body}\n}\n`;

describe('a model in TypeScript', () => {
  it('takes the place of a view or a table in a short transaction, and fails without a trace', async () => {
    const project = makeProject({ 'models/m.sql': 'select 1 as n' });
    await withOpened(project, async ({ run }) => expect((await run()).m?.status).toBe('success'));
    rmSync(`${project.dir}/models/m.sql`);
    project.write('models/m.ts', model("materialized: 'table'", "return [{ n: Number(vars('n')) }];"));
    for (const n of [2, 3]) {
      await withOpened(
        project,
        async ({ run, rows, statements }) => {
          expect((await run()).m?.diagnostics).toEqual([]);
          expect(await rows('select n::int from m')).toEqual([[n]]);
          const last = statements.filter((s) => /^(begin|commit|drop|alter)/.test(s)).slice(-4);
          expect(last.map((s) => s.split(' ')[0])).toEqual(['begin', 'drop', 'alter', 'commit']);
        },
        { n },
      );
    }
    project.write('models/m.ts', model("materialized: 'table'", "throw new Error('no such luck');"));
    await withOpened(project, async ({ run, rows }) => {
      expect((await run()).m?.status).toBe('error');
      expect(await rows('select n::int from m')).toEqual([[3]]);
      expect(await rows("select table_name from information_schema.tables where table_schema = 'main'")).toEqual([
        ['m'],
      ]);
    });
  });

  it('adds its rows by the incremental strategy', async () => {
    const project = makeProject({
      'models/m.ts': model(
        "materialized: 'incremental', unique_key: 'id'",
        "return isIncremental ? [{ id: 2, run: 'second' }, { id: 3, run: 'second' }] : [{ id: 1, run: 'first' }, { id: 2, run: 'first' }];",
      ),
    });
    await withOpened(project, async ({ run, rows }) => {
      expect((await run()).m?.diagnostics).toEqual([]);
      expect((await run()).m?.diagnostics).toEqual([]);
      expect(await rows('select id::int, run from m order by id')).toEqual([
        [1, 'first'],
        [2, 'second'],
        [3, 'second'],
      ]);
      expect(await rows("select table_name from information_schema.tables where table_schema = 'main'")).toEqual([
        ['m'],
      ]);
    });
  });
});
