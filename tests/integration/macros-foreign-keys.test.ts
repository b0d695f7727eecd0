import { describe, expect, it } from 'vitest';
import { foreignKeyContract } from './foreign-key-contract.js';
import { withOpened } from './macros-session.js';
import { makeProject } from './test-project.js';

const filesWith = (key: string) => ({
  'models/parents.sql': "{{ config(materialized='table') }}\nselect range::int as id from range({{ var('n') }})",
  'models/children.sql': "{{ config(materialized='table') }}\nselect id, id as parent_id from {{ ref('parents') }}",
  'models/s.yml': foreignKeyContract(key),
});

describe('a table that a foreign key points at', () => {
  it.each(["expression: 'parents (id)'", "to: ref('parents'), to_columns: [id]"])(
    'is replaced in a run that builds the other one too, and refused in a run that does not: %s',
    async (key) => {
      const project = makeProject(filesWith(key));
      for (const n of [2, 3]) {
        await withOpened(
          project,
          async ({ run, rows }) => {
            const results = await run();
            expect(Object.values(results).flatMap(({ diagnostics }) => diagnostics)).toEqual([]);
            expect(await rows('select count(*)::int from children join parents on parent_id = parents.id')).toEqual([
              [n],
            ]);
            expect(
              await rows("select table_name from duckdb_constraints() where constraint_type = 'FOREIGN KEY'"),
            ).toEqual([['children']]);
            expect(await rows('select count(*)::int from duckdb_tables()')).toEqual([[2]]);
          },
          { n },
        );
      }
      await withOpened(
        project,
        async ({ run, rows }) => {
          const { parents } = await run({ select: ['parents'] });
          expect(parents?.status).toBe('error');
          expect(parents?.diagnostics[0]?.message).toContain('a foreign key of children points at it');
          expect(await rows('select count(*)::int from parents')).toEqual([[3]]);
        },
        { n: 4 },
      );
    },
  );
});
