import { beforeAll, describe, expect, it } from 'vitest';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { makeProject, statusesOf, type TestProject } from './test-project.js';

beforeAll(compileBin);

const files = {
  'profiles.yml': `shop:
  target: prod
  outputs:
    prod: {type: duckdb, path: shop.duckdb, schema: prod, threads: 4}
    dev: {type: duckdb, path: shop.duckdb, schema: dev, threads: 4}
`,
  'seeds/raw.csv': 'id,name\n1,a\n2,b\n',
  'models/a.sql': "select * from {{ ref('raw') }}",
  'models/b.sql': "{{ config(materialized='table') }}select * from {{ ref('a') }}",
  'models/e.sql': "{{ config(materialized='ephemeral') }}select * from {{ ref('b') }}",
  'models/c.sql': "select count(*) as n from {{ ref('e') }}",
  'models/t.ts': `import type { ModelContext, ModelResult } from 'upsql/model';
export const config = { materialized: 'table', refs: ['b'] };
export default async function model({ rows }: ModelContext): Promise<ModelResult> {
  const all = await rows('b');
  return [{ n: all.length }];
}
`,
};

/** A project whose prod target is built, with its artifacts in state/. */
function withProd(more: Record<string, string> = {}): TestProject {
  const project = makeProject({ ...files, ...more });
  expect(project.upsql('build').text).toContain('Completed successfully');
  for (const name of ['manifest.json', 'run_results.json'])
    project.write(`state/${name}`, project.read(`target/${name}`));
  return project;
}

const compiled = (project: TestProject, model: string): string =>
  project.read(`target/compiled/shop/models/${model}.sql`);
const tables = (project: TestProject, schema: string) =>
  project.rows(
    `select table_name, table_type from information_schema.tables where table_schema = '${schema}' order by 1`,
  );

describe('--defer', () => {
  it('reads what is not built here from the state, also below an ephemeral model', async () => {
    const project = withProd();
    expect(project.upsql('run', '-t', 'dev', '-s', 'c', '--defer', '--state', 'state').code).toBe(0);
    expect(compiled(project, 'c')).toContain('from "shop"."prod"."b"');
    expect(await project.rows('select n::int from dev.c')).toEqual([[2]]);
    expect(project.artifact('manifest.json').nodes['model.shop.b'].defer_relation).toMatchObject({
      schema: 'prod',
      alias: 'b',
      relation_name: '"shop"."prod"."b"',
      resource_type: 'model',
    });
  });

  it('reads what is built here, unless --favor-state is given and it is not selected', () => {
    const project = withProd();
    const dev = ['-t', 'dev', '--defer', '--defer-state', 'state'];
    expect(project.upsql('run', ...dev, '-s', 'b').code).toBe(0);
    expect(compiled(project, 'b')).toContain('from "shop"."prod"."a"');
    project.upsql('compile', ...dev, '-s', 'c');
    expect(compiled(project, 'c')).toContain('from "shop"."dev"."b"');
    project.upsql('compile', ...dev, '-s', 'c', '--favor-state');
    expect(compiled(project, 'c')).toContain('from "shop"."prod"."b"');
    project.upsql('compile', ...dev, '-s', 'b', 'c', '--favor-state');
    expect(compiled(project, 'c')).toContain('from "shop"."dev"."b"');
    project.upsql('compile', '-t', 'dev', '-s', 'c', '--state', 'state');
    expect(compiled(project, 'c')).toContain('from "shop"."dev"."b"');
  });

  it('reaches TypeScript models, show and inline queries', async () => {
    const project = withProd();
    const dev = ['-t', 'dev', '--defer', '--state', 'state'];
    expect(project.upsql('run', ...dev, '-s', 't').text).toContain('Completed successfully');
    expect(await project.rows('select n::int from dev.t')).toEqual([[2]]);
    const shown = project.upsql(
      'show',
      '-q',
      ...dev,
      '--inline',
      "select count(*) as n from {{ ref('b') }}",
      '--output',
      'json',
    );
    expect(JSON.parse(shown.stdout)).toMatchObject({ show: [{ n: 2 }] });
  });

  it('says what is missing', () => {
    const project = withProd();
    expect(project.upsql('run', '-t', 'dev', '--defer')).toMatchObject({ code: 2 });
    expect(project.upsql('run', '-t', 'dev', '--defer').text).toContain(
      '--state or --defer-state are required for deferral',
    );
    expect(project.upsql('run', '--defer', '--state', 'nowhere').text).toContain(
      'The folder of the state is not there',
    );
    project.write('empty/x', '');
    expect(project.upsql('run', '--defer', '--state', 'empty').text).toContain('There is no manifest to defer to');
  });
});

describe('clone', () => {
  it('makes views on what the state has, and leaves what is here', async () => {
    const project = withProd();
    const ran = project.upsql('clone', '-t', 'dev', '--state', 'state');
    expect(ran.text).toContain('Completed successfully');
    expect(await tables(project, 'dev')).toEqual(['a', 'b', 'c', 'raw', 't'].map((name) => [name, 'VIEW']));
    expect(await project.rows('select count(*)::int from dev.b')).toEqual([[2]]);
    const results = project.artifact('run_results.json');
    expect(results.args.which).toBe('clone');
    expect(results.results.find((r: { unique_id: string }) => r.unique_id === 'model.shop.b')).toMatchObject({
      status: 'success',
      message: 'OK',
      relation_name: '"shop"."dev"."b"',
      compiled: false,
    });
    expect(project.upsql('run', '-t', 'dev', '-s', 'b', '--full-refresh').code).toBe(0);
    const again = project.upsql('clone', '-t', 'dev', '--state', 'state', '-s', 'b');
    expect(again.text).toContain('is there already');
    expect((await tables(project, 'dev')).find(([name]) => name === 'b')).toEqual(['b', 'BASE TABLE']);
    expect(project.upsql('clone', '-t', 'dev', '--state', 'state', '-s', 'b', '--full-refresh').code).toBe(0);
    expect((await tables(project, 'dev')).find(([name]) => name === 'b')).toEqual(['b', 'VIEW']);
  });

  it('needs a state', () => {
    const project = withProd();
    expect(project.upsql('clone', '-t', 'dev')).toMatchObject({ code: 2 });
  });
});

describe('retry', () => {
  const failing = {
    ...files,
    'models/b.sql':
      "{{ config(materialized='table') }}select {{ var('expression', 'nope') }} as id from {{ ref('a') }}",
  };

  it('runs what failed and was skipped, with the flags of the run', () => {
    const project = makeProject(failing);
    expect(project.upsql('build', '-t', 'dev', '--full-refresh', '--exclude', 't').code).toBe(1);
    expect(statusesOf(project)).toMatchObject({ raw: 'success', a: 'success', b: 'error', c: 'skipped' });
    const ran = project.upsql('retry');
    expect(ran.code).toBe(1);
    expect(statusesOf(project)).toEqual({ b: 'error', c: 'skipped' });
    expect(project.artifact('run_results.json').args).toMatchObject({
      which: 'build',
      target: 'dev',
      full_refresh: true,
    });
    expect(project.upsql('retry', '--vars', '{expression: 1}', '--threads', '1').code).toBe(0);
    expect(statusesOf(project)).toEqual({ b: 'success', c: 'success' });
    const done = project.upsql('retry');
    expect(done.code).toBe(0);
    expect(done.text).toContain('nothing to run again');
  });

  it('keeps that there was no full refresh, and takes one that is asked for', async () => {
    const project = makeProject({
      'models/inc.sql':
        "{{ config(materialized='incremental') }} select {{ 2 if is_incremental() else 1 }} as n, {{ var('x', 1) }} as x",
    });
    expect(project.upsql('run').code).toBe(0);
    expect(project.upsql('run', '--vars', '{x: nope}').code).toBe(1);
    expect(project.upsql('retry', '--vars', '{x: 1}').code).toBe(0);
    expect(project.artifact('run_results.json').args.full_refresh).toBe(false);
    expect(await project.rows('select n from inc order by n')).toEqual([[1], [2]]);
    expect(project.upsql('run', '--vars', '{x: nope}').code).toBe(1);
    expect(project.upsql('retry', '--full-refresh', '--vars', '{x: 1}').code).toBe(0);
    expect(await project.rows('select n from inc order by n')).toEqual([[1]]);
  });

  it('calls an operation again with its arguments', async () => {
    const project = makeProject({
      'macros/m.sql':
        "{% macro make(n) %}{% do run_query('create table made as select ' ~ n ~ ' as n from missing') %}{% endmacro %}",
    });
    expect(project.upsql('run-operation', 'make', '--args', '{n: 7}').code).toBe(1);
    project.write(
      'macros/m.sql',
      "{% macro make(n) %}{% do run_query('create table made as select ' ~ n ~ ' as n') %}{% endmacro %}",
    );
    expect(project.upsql('retry').code).toBe(0);
    expect(await project.rows('select n::int from made')).toEqual([[7]]);
    expect(project.upsql('retry').text).toContain('Nothing to do');
  });

  it('reads the results of another folder, and says what it can not retry', () => {
    const project = makeProject(failing);
    expect(project.upsql('retry').text).toContain('There is no earlier run to retry');
    project.upsql('build', '-s', 'b', 'c');
    project.write('ci/run_results.json', project.read('target/run_results.json'));
    project.upsql('run', '-s', 'a');
    expect(project.upsql('retry', '--state', 'ci', '--vars', '{expression: 1}').code).toBe(1);
    expect(statusesOf(project)).toMatchObject({ b: 'error', c: 'skipped' });
    project.write('ci/run_results.json', '{"results": [], "args": {"which": "freshness"}}');
    expect(project.upsql('retry', '--state', 'ci').text).toContain("was 'freshness', which can't be run again");
    project.write('ci/run_results.json', '{"results": ');
    expect(project.upsql('retry', '--state', 'ci')).toMatchObject({ code: 2 });
  });
});

describe('--empty', () => {
  it('builds everything from no rows', async () => {
    const project = makeProject(files);
    expect(project.upsql('build', '--empty').code).toBe(0);
    expect(await project.rows('select n::int, (select count(*)::int from prod.b) from prod.c')).toEqual([[0, 0]]);
    expect(compiled(project, 'b')).toContain('from (select * from "shop"."prod"."a" where false limit 0)');
    expect(await project.rows('select n::int from prod.t')).toEqual([[0]]);
  });
});
