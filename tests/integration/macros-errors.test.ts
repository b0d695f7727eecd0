import { describe, expect, it } from 'vitest';
import { withOpened } from './macros-session.js';
import { makeProject } from './test-project.js';

const model = (config: string, sql = 'select 1 as id, 2 as n') => `{{ config(${config}) }}\n${sql}`;

/** Builds twice and gives what the second build says of the model; the table of the first has to stay. */
async function secondRun(config: string, files: Record<string, string> = {}): Promise<string> {
  const project = makeProject({ 'models/m.sql': model(config), ...files });
  await withOpened(project, async ({ run }) => expect((await run()).m?.status).toBe('success'));
  if (files['later.sql'] !== undefined) project.write('models/m.sql', files['later.sql']);
  return withOpened(project, async ({ run, rows }) => {
    const { m } = await run();
    expect(m?.status).toBe('error');
    expect(await rows('select * from m')).toEqual([[1, 2]]);
    return (m?.diagnostics ?? []).map((d) => d.message).join('\n');
  });
}

const MERGE = "materialized='incremental', incremental_strategy='merge', unique_key='id'";

describe('a mistake in the configs of an incremental model', () => {
  it('names every merge config that has the wrong shape', async () => {
    const said = await secondRun(
      `${MERGE}, merge_update_condition=['a'], merge_update_columns='id', merge_update_set_expressions=['x']`,
    );
    expect(said).toContain('merge_update_condition has to be a text');
    expect(said).toContain('merge_update_columns has to be a list of texts');
    expect(said).toContain('merge_update_set_expressions has to be a mapping');
  });

  it.each([
    [
      "merge_clauses={'when_matched': [{'action': 'upsert'}]}",
      "action is 'upsert'; it can be update, delete, do_nothing, error",
    ],
    ['merge_clauses={}', 'merge_clauses has to be a mapping with when_matched, when_not_matched or both'],
    ["merge_clauses={'when_matched': 'update'}", 'merge_clauses.when_matched has to be a list of mappings'],
    [
      "merge_clauses={'when_matched': [{'action': 'delete'}]}, merge_exclude_columns=['n']",
      'take away merge_exclude_columns',
    ],
    ["merge_update_columns=['n'], merge_exclude_columns=['id']", 'both merge_update_columns and merge_exclude_columns'],
    ["incremental_predicates={'a': 1}", 'incremental_predicates has to be a text or a list of texts'],
  ])('says what is wrong with %s', async (config, expected) => {
    expect(await secondRun(`${MERGE}, ${config}`)).toContain(expected);
  });

  it('says which columns have changed with on_schema_change: fail', async () => {
    const config = "materialized='incremental', on_schema_change='fail'";
    const said = await secondRun(config, { 'later.sql': model(config, "select 1 as id, 'x' as extra") });
    expect(said).toContain('Only in the query: extra');
    expect(said).toContain('Only in the table: n');
    expect(said).toContain('--full-refresh');
  });
});

describe('other mistakes', () => {
  it('name an index without columns, a plugin, a format and a kind of stored failures that do not exist', async () => {
    const project = makeProject({
      'models/indexed.sql': model("materialized='table', indexes=[{'unique': true}]"),
      'models/plugged.sql': model("materialized='external', plugin='glue'"),
      'models/avro.sql': model("materialized='external', format='avro'"),
      'tests/kept.sql': "{{ config(store_failures=true, store_failures_as='file') }}\nselect 1 as id",
    });
    await withOpened(project, async ({ build }) => {
      const results = await build();
      const said = Object.fromEntries(
        Object.entries(results).map(([name, { diagnostics }]) => [name, diagnostics.map((d) => d.message).join('\n')]),
      );
      expect(said.indexed).toContain('An entry of `indexes` is {columns: [...]');
      expect(said.plugged).toContain('there are no plugins here');
      expect(said.avro).toContain("'avro'; it can be csv, parquet or json");
      expect(said.kept).toContain("store_failures_as: 'file' is not a valid value");
    });
  });

  it('of a seed whose name a view has leave the view', async () => {
    const project = makeProject({ 'seeds/s.csv': 'id\n1\n' });
    await withOpened(project, async ({ build, rows, loaded }) => {
      const session = await (await loaded.engine()).adapter.session('first');
      await session.execute('create view s as select 7 as id');
      const { s } = await build();
      expect(s?.status).toBe('error');
      expect(s?.diagnostics[0]?.message).toContain('that is a view');
      expect(await rows('select id from s')).toEqual([[7]]);
    });
  });
});

describe('a project’s own macros', () => {
  it('take the place of the built-in ones, also where those do not replace by themselves', async () => {
    const project = makeProject({
      'macros/create.sql': `{% macro create_view_as(relation, sql) %}create view {{ relation }} as select *, 'mine' as by_whom from ({{ sql }}){% endmacro %}
{% macro duckdb__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) %}delete from {{ target }}; insert into {{ target }} select * from {{ source }}{% endmacro %}`,
      'models/v.sql': 'select {{ var("n") }} as n',
      'models/i.sql': model("materialized='incremental', unique_key='id'", 'select {{ var("n") }} as id'),
    });
    for (const n of [1, 2]) {
      await withOpened(
        project,
        async ({ run, rows }) => {
          const results = await run();
          expect(Object.values(results).map(({ status }) => status)).toEqual(['success', 'success']);
          expect(await rows('select * from v')).toEqual([[n, 'mine']]);
          expect(await rows('select * from i')).toEqual([[n]]);
        },
        { n },
      );
    }
  });
});
