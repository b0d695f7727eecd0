import { readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { build, loadProject, run, test } from '../../src/index.js';
import { compileBin, startUpsql } from '../unit/cli/compiled-bin.js';
import { makeProject, type Ran, statusesOf, type TestProject } from './test-project.js';

beforeAll(compileBin);

const files = {
  'seeds/raw.csv': 'id,name,amount\n1,a,10\n2,b,20\n',
  'models/stg.sql': "select id, name, amount from {{ ref('raw') }}",
  'models/mart.sql':
    "{{ config(materialized='table') }} select name, sum(amount)::int as total from {{ ref('stg') }} group by name",
  'models/inc.sql':
    "{{ config(materialized='incremental', unique_key='id') }} select id, amount from {{ ref('stg') }}{% if is_incremental() %} where id > (select max(id) from {{ this }}){% endif %}",
  'models/apart.sql': 'select 1 as n',
  'models/s.yml':
    'models: [{name: stg, columns: [{name: name, data_tests: [not_null]}]}, {name: mart, columns: [{name: name, data_tests: [unique]}]}]\n',
  'snapshots/s.yml':
    'snapshots: [{name: snap, relation: ref("raw"), config: {unique_key: id, strategy: check, check_cols: all}}]\n',
};

const DOUBLED = files['models/stg.sql'].replace('amount', 'amount * 2 as amount');
const TABLES = 'select table_schema, table_name, table_type from information_schema.tables order by all';

function ok(ran: Ran): Ran {
  if (ran.code !== 0) throw new Error(ran.text);
  return ran;
}

function built(more: Readonly<Record<string, string>> = {}): TestProject {
  const project = makeProject({ ...files, ...more });
  ok(project.upsql('build'));
  return project;
}

/** `schema.name TYPE` of all relations of the schemas that match. */
async function relations(project: TestProject, schema: RegExp): Promise<string[]> {
  const rows = await project.rows(TABLES);
  return rows.filter(([name]) => schema.test(String(name))).map(([where, name, type]) => `${where}.${name} ${type}`);
}

/** Production as others see it. */
const production = (project: TestProject) => project.rows('select * from main.mart order by all');
const names = (project: TestProject): string[] => Object.keys(statusesOf(project)).sort();

describe('build --env', () => {
  it('builds what differs and what is below it, and shows the rest of production', async () => {
    const project = built();
    project.write('models/stg.sql', DOUBLED);
    const ran = ok(project.upsql('build', '--env', 'dev_x'));
    expect(ran.text).toContain('3 to build, 0 built before, 3 as in production');
    expect(names(project)).toEqual(['inc', 'mart', 'not_null_stg_name', 'stg', 'unique_mart_name']);
    expect(await production(project)).toEqual([
      ['a', 10],
      ['b', 20],
    ]);
    expect(await project.rows('select * from main__dev_x.mart order by all')).toEqual([
      ['a', 20],
      ['b', 40],
    ]);
    expect(await relations(project, /dev_x$/)).toEqual(
      ['apart', 'inc', 'mart', 'raw', 'snap', 'stg'].map((name) => `main__dev_x.${name} VIEW`),
    );
    const [[sql]] = (await project.rows(
      "select sql from duckdb_views() where schema_name = 'main__dev_x' and view_name = 'raw'",
    )) as [[string]];
    expect(sql).toMatch(/main\.raw/);
    expect(await relations(project, /^main$/)).toEqual([
      'main.apart VIEW',
      'main.inc BASE TABLE',
      'main.mart BASE TABLE',
      'main.raw BASE TABLE',
      'main.snap BASE TABLE',
      'main.stg VIEW',
    ]);
  });

  it('does nothing twice, also for another environment with the same change', async () => {
    const project = built();
    project.write('models/stg.sql', DOUBLED);
    ok(project.upsql('build', '--env', 'dev_x'));
    const before = await relations(project, /upsql$/);
    expect(ok(project.upsql('build', '--env', 'dev_x')).text).toContain('0 to build, 3 built before');
    expect(project.artifact('run_results.json').results).toEqual([]);
    expect(ok(project.upsql('build', '--env', 'dev_y')).text).toContain('0 to build, 3 built before');
    expect(await relations(project, /upsql$/)).toEqual(before);
    expect(await project.rows('select * from main__dev_y.mart order by all')).toEqual([
      ['a', 20],
      ['b', 40],
    ]);
    // Changed back: nothing differs any more.
    project.write('models/stg.sql', files['models/stg.sql']);
    expect(ok(project.upsql('build', '--env', 'dev_x')).text).toContain('0 relations of its own, 6 of production');
    expect(await project.rows('select * from main__dev_x.mart order by all')).toEqual(await production(project));
  });

  it('builds what a selection reads, and leaves the rest as production has it', async () => {
    const project = built();
    project.write('models/stg.sql', DOUBLED);
    const ran = ok(project.upsql('run', '--env', 'dev_x', '-s', 'mart'));
    expect(ran.text).toContain('2 to build (1 of them not selected, but read)');
    expect(ran.text).toContain('1 not built');
    expect(names(project)).toEqual(['mart', 'stg']);
    expect(await project.rows('select * from main__dev_x.inc order by all')).toEqual([
      [1, 10],
      [2, 20],
    ]);
    const refused = project.upsql('env', 'promote', 'dev_x');
    expect([refused.code, refused.text]).toEqual([1, expect.stringContaining('not built: inc')]);
    ok(project.upsql('build', '--env', 'dev_x'));
    expect(names(project)).toEqual(['inc', 'not_null_stg_name', 'unique_mart_name']);
    ok(project.upsql('env', 'promote', 'dev_x'));
  });

  it('builds everything where production is not known, unless --state tells of it', () => {
    const project = built();
    ok(project.upsql('compile', '--target-path', 'prod'));
    project.write('target/state/dev.json', '{}');
    expect(ok(project.upsql('build', '--env', 'dev_x', '--state', 'prod')).text).toContain('0 to build');
    const other = built();
    other.write('target/state/dev.json', '{}');
    expect(ok(other.upsql('build', '--env', 'dev_x')).text).toContain('6 to build');
  });

  it('does not build below what fails, and can be gone on with', async () => {
    const project = built();
    project.write('models/stg.sql', "select id, null::varchar as name, amount from {{ ref('raw') }}");
    const failed = project.upsql('build', '--env', 'dev_x');
    expect(failed.code).toBe(1);
    expect(statusesOf(project)).toMatchObject({ stg: 'success', not_null_stg_name: 'fail', mart: 'skipped' });
    expect(failed.text).toContain('2 not built, 1 failing test');
    // The test runs again although there is nothing to build but what it holds up.
    expect(project.upsql('build', '--env', 'dev_x').code).toBe(1);
    expect(statusesOf(project)).toMatchObject({ not_null_stg_name: 'fail', mart: 'skipped' });
    expect(await project.rows('select * from main__dev_x.mart order by all')).toEqual(await production(project));
    project.write('models/stg.sql', DOUBLED);
    ok(project.upsql('build', '--env', 'dev_x'));
    expect(ok(project.upsql('env', 'list')).stdout).toMatch(/dev_x .* ready/);
  });

  it('is gone on with by retry, in the same environment', async () => {
    const project = built();
    project.write('models/stg.sql', DOUBLED);
    project.write('models/mart.sql', files['models/mart.sql'].replace('name,', 'name, nope,'));
    expect(project.upsql('build', '--env', 'dev_x').code).toBe(1);
    expect(statusesOf(project)).toMatchObject({ stg: 'success', inc: 'success', mart: 'error' });
    project.write('models/mart.sql', files['models/mart.sql']);
    ok(project.upsql('retry'));
    expect(names(project)).toEqual(['mart', 'unique_mart_name']);
    expect(await production(project)).toEqual([
      ['a', 10],
      ['b', 20],
    ]);
    ok(project.upsql('env', 'promote', 'dev_x'));
  });

  it('runs a new test of a model that has not changed, once', () => {
    const project = built();
    project.write('models/more.yml', 'models: [{name: apart, columns: [{name: n, data_tests: [unique]}]}]');
    ok(project.upsql('build', '--env', 'dev_x'));
    expect(names(project)).toEqual(['unique_apart_n']);
    ok(project.upsql('build', '--env', 'dev_x'));
    expect(names(project)).toEqual([]);
  });

  it('builds again with --refresh, an incremental model with the rows that are new', async () => {
    const project = built({
      'models/src.yml': 'sources: [{name: ext, schema: main, tables: [{name: events}]}]',
      'models/inc2.sql':
        "{{ config(materialized='incremental') }} select id, now() as at from {{ source('ext', 'events') }}",
      'macros/events.sql':
        '{% macro on_start() %}create table if not exists main.events as select 1 as id{% endmacro %}',
      'dbt_project.yml': 'name: shop\nversion: "1.0"\nprofile: shop\non-run-start: "{{ on_start() }}"\n',
    });
    project.write(
      'models/inc2.sql',
      "{{ config(materialized='incremental') }} select id, 2 as v from {{ source('ext', 'events') }}{% if is_incremental() %} where id > (select max(id) from {{ this }}){% endif %}",
    );
    ok(project.upsql('build', '--env', 'dev_x'));
    await project.rows('insert into main.events values (2)');
    ok(project.upsql('build', '--env', 'dev_x'));
    expect(await project.rows('select id from main__dev_x.inc2')).toEqual([[1]]);
    ok(project.upsql('run', '--env', 'dev_x', '--refresh', '-s', 'inc2'));
    expect(await project.rows('select id from main__dev_x.inc2 order by 1')).toEqual([[1], [2]]);
    expect(await project.rows('select count(*)::int from main.inc2')).toEqual([[1]]);
  });

  it('takes no comment and no white space for a change', () => {
    const project = built();
    project.write(
      'models/stg.sql',
      `-- what is sold\n${files['models/stg.sql'].replace(' from', '\n\n  from')} {# all #}\n`,
    );
    expect(ok(project.upsql('build', '--env', 'dev_x')).text).toContain('0 to build');
    expect(ok(project.upsql('plan')).stdout).toContain('0 to build');
  });

  it('takes variables, macros, seeds and imported TypeScript files into account', async () => {
    const project = built({
      'models/v.sql': "{{ config(materialized='table') }} select {{ var('n', 1) }} as n",
      'models/m.sql': "{{ config(materialized='table') }} select {{ three() }} as n",
      'macros/three.sql': '{% macro three() %}3{% endmacro %}',
      'models/ts.ts':
        "import { value } from '../lib/value.js';\nexport const config = { materialized: 'table' };\nexport default async () => [{ n: value }];\n",
      'lib/value.ts': "export { value } from './deep.js';\n",
      'lib/deep.ts': 'export const value = 7;\n',
    });
    ok(project.upsql('build', '--env', 'dev_x', '--vars', '{n: 2}'));
    expect(names(project)).toEqual(['v']);
    project.write('macros/three.sql', '{% macro three() %}33{% endmacro %}');
    ok(project.upsql('build', '--env', 'dev_x'));
    expect(names(project)).toEqual(['m']);
    project.write('lib/deep.ts', 'export const value = 8;\n');
    ok(project.upsql('build', '--env', 'dev_x'));
    expect(names(project)).toEqual(['ts']);
    expect(await project.rows('select n::int from main__dev_x.ts union all select n::int from main.ts')).toEqual([
      [8],
      [7],
    ]);
    project.write('seeds/raw.csv', 'id,name,amount\n1,a,11\n');
    ok(project.upsql('build', '--env', 'dev_x', '--exclude', 'resource_type:test'));
    expect(names(project)).toEqual(['inc', 'mart', 'raw', 'stg']);
    expect(await project.rows('select * from main__dev_x.mart')).toEqual([['a', 11]]);
  });

  it('builds every kind of node where it belongs', async () => {
    const kinds = {
      'dbt_project.yml': `name: shop
version: "1.0"
profile: shop
models: {shop: {marts: {+schema: marts}}}
on-run-start: "create table if not exists main.runs (env varchar)"
on-run-end: "insert into main.runs values ('{{ invocation_args_dict.env }}')"
`,
      'models/thin.sql': "{{ config(materialized='ephemeral') }} select id, amount from {{ ref('stg') }}",
      'models/marts/over.sql':
        "{{ config(materialized='table', post_hook='create table if not exists {{ this.schema }}.hooked as select count(*) as n from {{ this }}') }} select id, amount from {{ ref('thin') }}",
      'models/marts/file.sql':
        "{{ config(materialized='external', format='parquet') }} select id from {{ ref('stg') }}",
      'models/agreed.sql': "{{ config(materialized='table') }} select id from {{ ref('stg') }}",
      'models/micro.sql':
        "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='happened', batch_size='year', begin='2026-01-01') }} select id, date '2026-01-01' as happened from {{ ref('stg') }}",
      'models/k.yml': `models:
  - name: agreed
    config: {contract: {enforced: true}}
    columns: [{name: id, data_type: integer}]
unit_tests:
  - name: sums
    model: mart
    given: [{input: ref('stg'), rows: [{name: a, amount: 1}, {name: a, amount: 2}]}]
    expect: {rows: [{name: a, total: 3}]}
`,
    };
    const project = makeProject({ ...files, ...kinds });
    const build = ['build', '--event-time-end', '2026-01-02'];
    ok(project.upsql(...build, '--event-time-start', '2026-01-01'));
    project.write('models/stg.sql', DOUBLED);
    ok(project.upsql('build', '--env', 'dev_x', '--exclude', 'micro'));
    const ran = project.artifact('run_results.json').results.map((result: { unique_id: string }) => result.unique_id);
    expect(ran.filter((id: string) => /^(model|seed|snapshot|unit_test)/.test(id)).sort()).toEqual([
      'model.shop.agreed',
      'model.shop.file',
      'model.shop.inc',
      'model.shop.mart',
      'model.shop.over',
      'model.shop.stg',
      'unit_test.shop.mart.sums',
    ]);
    expect(await project.rows('select * from main_marts__dev_x.over order by all')).toEqual([
      [1, 20],
      [2, 40],
    ]);
    expect(await project.rows('select * from main_marts.over order by all')).toEqual([
      [1, 10],
      [2, 20],
    ]);
    expect(await project.rows('select n::int from main__upsql.hooked')).toEqual([[2]]);
    const parquet = readdirSync(project.dir).filter((name) => name.endsWith('.parquet'));
    expect(parquet.sort()).toEqual(['file.parquet', expect.stringMatching(/^file__[0-9a-f]{10}\.parquet$/)]);
    expect(ok(project.upsql('show', '--env', 'dev_x', '-s', 'file')).stdout).toMatch(/1[\s|]+2/);
    expect(await project.rows('select env from main.runs')).toEqual([[''], ['dev_x']]);
    const wrong = {
      ...kinds,
      'models/agreed.sql': "{{ config(materialized='table') }} select id::varchar as id from {{ ref('stg') }}",
    };
    project.write('models/agreed.sql', wrong['models/agreed.sql']);
    const refused = project.upsql('build', '--env', 'dev_x', '-s', 'agreed');
    expect([refused.code, refused.text]).toEqual([1, expect.stringMatching(/contract/)]);
    project.write('models/agreed.sql', kinds['models/agreed.sql']);
    ok(project.upsql('run', '--env', 'dev_x', '-s', 'micro'));
    expect(await project.rows('select count(*)::int from main__dev_x.micro')).toEqual([[2]]);
    ok(project.upsql('env', 'promote', 'dev_x'));
    expect(await project.rows('select sum(amount)::int from main_marts.over')).toEqual([[60]]);
  });

  it('refuses what can not be', () => {
    const project = built();
    for (const [args, text] of [
      [['--env', 'Dev'], "'Dev' can't be the name"],
      [['--env', 'production'], 'is taken'],
      [['--env', 'dev_x', '--empty'], "--empty can't be used with --env"],
      [['--refresh'], '--refresh needs --env'],
    ] as const) {
      const ran = project.upsql('build', ...args);
      expect([ran.code, ran.text]).toEqual([2, expect.stringContaining(text)]);
    }
    const missing = project.upsql('env', 'promote', 'dev_none');
    expect([missing.code, missing.text]).toEqual([2, expect.stringContaining("no environment 'dev_none'")]);
  });
});

describe('env promote', () => {
  function changed(): TestProject {
    const project = built();
    project.write('models/stg.sql', DOUBLED);
    ok(project.upsql('build', '--env', 'dev_x'));
    return project;
  }

  it('makes production show what was built, keeps its names and builds nothing', async () => {
    const project = changed();
    const dry = ok(project.upsql('env', 'promote', 'dev_x', '--dry-run'));
    expect(dry.stdout).toContain('Would promote dev_x: 3 relations');
    expect(await production(project)).toEqual([
      ['a', 10],
      ['b', 20],
    ]);
    ok(project.upsql('env', 'promote', 'dev_x'));
    expect(await production(project)).toEqual([
      ['a', 20],
      ['b', 40],
    ]);
    const after = await relations(project, /^main$/);
    expect(after.filter((name) => !/__[0-9a-f]{10}/.test(name))).toEqual([
      'main.apart VIEW',
      'main.inc VIEW',
      'main.mart VIEW',
      'main.raw BASE TABLE',
      'main.snap BASE TABLE',
      'main.stg VIEW',
    ]);
    // What was plain is kept, with its rows.
    const [kept] = after.filter((name) => /mart__/.test(name));
    expect(await project.rows(`select * from ${kept?.split(' ')[0]} order by all`)).toEqual([
      ['a', 10],
      ['b', 20],
    ]);
    expect(ok(project.upsql('env', 'promote', 'dev_x')).stdout).toContain('Nothing to promote');
  });

  it('leaves production to be built as ever, an incremental model going on', async () => {
    const project = changed();
    ok(project.upsql('env', 'promote', 'dev_x'));
    project.write('seeds/raw.csv', 'id,name,amount\n1,a,100\n3,c,30\n');
    ok(project.upsql('build'));
    expect(await production(project)).toEqual([
      ['a', 200],
      ['c', 60],
    ]);
    expect(await project.rows('select * from main.inc order by all')).toEqual([
      [1, 20],
      [2, 40],
      [3, 60],
    ]);
    // A change that is built in production at once goes on with the rows that there are, as in dbt.
    project.write('models/inc.sql', `${files['models/inc.sql']} `.replace('id, amount', 'id, amount + 0 as amount'));
    project.write('seeds/raw.csv', 'id,name,amount\n4,d,40\n');
    ok(project.upsql('build'));
    expect(await project.rows('select * from main.inc order by all')).toEqual([
      [1, 20],
      [2, 40],
      [3, 60],
      [4, 80],
    ]);
    expect(ok(project.upsql('plan')).stdout).toContain('0 to build');
    expect(ok(project.upsql('build', '--env', 'dev_new')).text).toContain(
      '0 to build, 0 built before, 6 as in production',
    );
  });

  it('is refused when production has changed since, so that no change is undone', async () => {
    const project = changed();
    project.write('models/mart.sql', `${files['models/mart.sql']} having sum(amount) > 10`);
    project.write('models/stg.sql', files['models/stg.sql']);
    ok(project.upsql('build'));
    const refused = project.upsql('env', 'promote', 'dev_x');
    expect([refused.code, refused.text]).toEqual([1, expect.stringMatching(/production has changed .*: mart/)]);
    project.write('models/stg.sql', DOUBLED);
    ok(project.upsql('build', '--env', 'dev_x'));
    ok(project.upsql('env', 'promote', 'dev_x'));
    expect(await production(project)).toEqual([
      ['a', 20],
      ['b', 40],
    ]);
  });

  it('leaves other environments as they were, and a change can be taken back', async () => {
    const project = changed();
    project.write('models/stg.sql', files['models/stg.sql']);
    project.write('models/apart.sql', 'select 2 as n');
    ok(project.upsql('build', '--env', 'dev_y'));
    ok(project.upsql('env', 'promote', 'dev_x'));
    expect(await project.rows('select * from main__dev_y.mart order by all')).toEqual([
      ['a', 10],
      ['b', 20],
    ]);
    // The checkout of dev_y is the older one: its versions are those that were plain.
    const again = ok(project.upsql('build', '--env', 'back'));
    expect(again.text).toMatch(/Environment back: 1 to build, 3 built before/);
    ok(project.upsql('env', 'promote', 'back'));
    expect(await production(project)).toEqual([
      ['a', 10],
      ['b', 20],
    ]);
  });

  it('keeps the history of a snapshot, and of an incremental model that is never rebuilt', async () => {
    const kept = "{{ config(materialized='incremental', full_refresh=false) }} select id from {{ ref('raw') }}";
    const project = built({ 'models/kept.sql': kept, 'models/of.sql': "select * from {{ ref('snap') }}" });
    project.write('seeds/raw.csv', 'id,name,amount\n1,a,11\n');
    ok(project.upsql('build'));
    const history = 'select id, amount, dbt_valid_to is null from main.snap order by all';
    const before = await project.rows(history);
    expect(before).toHaveLength(3);
    project.write('models/kept.sql', kept.replace('select id', 'select id + 100 as id'));
    project.write('snapshots/s.yml', files['snapshots/s.yml'].replace('check_cols: all', 'check_cols: [amount]'));
    project.write('models/of.sql', "select *, 1 as one from {{ ref('snap') }}");
    ok(project.upsql('build', '--env', 'dev_x'));
    expect(await project.rows('select id from main__dev_x.kept order by all')).toEqual([[1], [1], [2], [101]]);
    expect(await project.rows(history.replace('main.', 'main__dev_x.'))).toEqual(before);
    const promoted = ok(project.upsql('env', 'promote', 'dev_x')).stdout;
    expect(promoted).toContain("Left to production's next build");
    expect(await project.rows(history)).toEqual(before);
    ok(project.upsql('build'));
    expect(await project.rows('select id from main.kept order by all')).toEqual([[1], [1], [2], [101]]);
    expect(await project.rows('select count(*)::int, min(one) from main.of')).toEqual([[3, 1]]);
    expect(await relations(project, /^main$/)).toContain('main.snap BASE TABLE');
  });

  it('builds a view again when production has given what it reads another content', async () => {
    const project = built({ 'models/wide.sql': "select * from {{ ref('stg') }}" });
    project.write('models/wide.sql', "select amount from {{ ref('stg') }}");
    ok(project.upsql('build', '--env', 'dev_x'));
    project.write('models/stg.sql', DOUBLED);
    ok(project.upsql('build', '-s', 'stg'));
    const refused = project.upsql('env', 'promote', 'dev_x');
    expect([refused.code, refused.text]).toEqual([1, expect.stringContaining('not built: wide')]);
    // The checkout of dev_x has the older stg still.
    project.write('models/stg.sql', files['models/stg.sql']);
    ok(project.upsql('build', '--env', 'dev_x'));
    expect(await project.rows('select amount from main__dev_x.wide order by 1')).toEqual([[10], [20]]);
  });

  it('replaces a table with indexes', async () => {
    const project = built({
      'models/mart.sql': files['models/mart.sql'].replace("'table'", "'table', indexes=[{'columns': ['name']}]"),
    });
    project.write('models/stg.sql', DOUBLED);
    ok(project.upsql('build', '--env', 'dev_x'));
    ok(project.upsql('env', 'promote', 'dev_x'));
    expect(await production(project)).toEqual([
      ['a', 20],
      ['b', 40],
    ]);
  });
});

describe('env drop and prune', () => {
  it('drop the views, then what nothing shows', async () => {
    const project = built();
    project.write('models/stg.sql', DOUBLED);
    ok(project.upsql('build', '--env', 'dev_x'));
    ok(project.upsql('build', '--env', 'dev_y'));
    ok(project.upsql('env', 'drop', 'dev_x'));
    expect(await relations(project, /dev_x$/)).toEqual([]);
    expect(await project.rows("select count(*)::int from duckdb_schemas() where schema_name = 'main__dev_x'")).toEqual([
      [0],
    ]);
    expect(ok(project.upsql('env', 'prune')).stdout).toContain('Dropped 0 relations; 3 versions stay');
    ok(project.upsql('env', 'drop', 'dev_y'));
    expect(ok(project.upsql('env', 'prune', '--dry-run')).stdout).toContain('Would drop 3 relations');
    expect(await relations(project, /upsql$/)).toHaveLength(6);
    expect(ok(project.upsql('env', 'prune', '--keep-days', '1')).stdout).toContain('Dropped 0');
    expect(ok(project.upsql('env', 'prune')).stdout).toContain('Dropped 3 relations');
    expect(await relations(project, /upsql$/)).toHaveLength(3);
    expect(await production(project)).toEqual([
      ['a', 10],
      ['b', 20],
    ]);
  });

  it('keep what a view reads that an environment still shows', async () => {
    const project = built({ 'models/wide.sql': "select * from {{ ref('stg') }}" });
    project.write('models/stg.sql', DOUBLED);
    ok(project.upsql('build', '--env', 'dev_x'));
    project.write('models/stg.sql', DOUBLED.replace('2', '3'));
    ok(project.upsql('run', '--env', 'dev_x', '-s', 'stg'));
    ok(project.upsql('env', 'prune'));
    expect(await project.rows('select amount from main__dev_x.wide order by 1')).toEqual([[20], [40]]);
    expect(await project.rows('select amount from main__dev_x.stg order by 1')).toEqual([[30], [60]]);
  });

  it('keep failing rows apart and drop them with the environment', async () => {
    const project = built();
    project.write('models/stg.sql', "select id, null::varchar as name, amount from {{ ref('raw') }}");
    expect(project.upsql('build', '--env', 'dev_x', '--store-failures').code).toBe(1);
    expect(await relations(project, /audit/)).toEqual(['main_dbt_test__audit__dev_x.not_null_stg_name BASE TABLE']);
    ok(project.upsql('env', 'drop', 'dev_x'));
    expect(await relations(project, /audit/)).toEqual([]);
  });
});

describe('what reads an environment', () => {
  it('shows, compiles, tests and compares what is there', async () => {
    const project = built();
    project.write('models/stg.sql', DOUBLED);
    ok(project.upsql('build', '--env', 'dev_x'));
    expect(ok(project.upsql('show', '--env', 'dev_x', '-s', 'mart', '--output', 'json')).stdout).toContain('40');
    const inline = "select sum(total)::int as s from {{ ref('mart') }}";
    expect(ok(project.upsql('show', '--env', 'dev_x', '--inline', inline)).stdout).toContain('60');
    expect(ok(project.upsql('show', '--inline', inline)).stdout).toContain('30');
    expect(ok(project.upsql('compile', '--env', 'dev_x', '-s', 'mart')).stdout).toContain('"main__dev_x"."stg"');
    ok(project.upsql('test', '--env', 'dev_x'));
    expect(names(project)).toEqual(['not_null_stg_name', 'unique_mart_name']);
    const diff = project.upsql('diff', '--env', 'dev_x', '-s', 'mart', '--key', 'name', '--output', 'json');
    expect(diff.code).toBe(1);
    expect(JSON.parse(diff.stdout)).toMatchObject({
      left: 'dev',
      right: 'dev_x',
      relations: [{ name: 'mart', rows: { changed: 2, added: 0, removed: 0 } }],
    });
    const missing = project.upsql('show', '--env', 'dev_none', '-s', 'mart');
    expect([missing.code, missing.text]).toEqual([2, expect.stringContaining('There are: dev_x')]);
  });

  it('notes what tests say, so that a failing one holds up a promotion', async () => {
    const project = built();
    project.write('models/stg.sql', "select id, null::varchar as name, amount from {{ ref('raw') }}");
    ok(project.upsql('run', '--env', 'dev_x'));
    expect(project.upsql('test', '--env', 'dev_x').code).toBe(1);
    const refused = project.upsql('env', 'promote', 'dev_x');
    expect([refused.code, refused.text]).toEqual([1, expect.stringContaining('tests that fail: not_null_stg_name')]);
    expect(await production(project)).toEqual([
      ['a', 10],
      ['b', 20],
    ]);
  });
});

describe('plan --env', () => {
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by path
  const plan = (project: TestProject, ...args: string[]): any =>
    JSON.parse(ok(project.upsql('plan', '--env', 'dev_x', '--json', ...args)).stdout);

  it('tells what is to be built and why, what is reused and what breaks, and changes nothing', async () => {
    const project = built({
      'models/e.yml':
        'exposures: [{name: board, type: dashboard, owner: {name: Ann}, depends_on: [ref("mart")]}, {name: other, type: dashboard, owner: {name: Bob}, depends_on: [ref("apart")]}]',
      'models/v.sql': "select {{ var('n', 1) }} as n",
    });
    const before = await relations(project, /./);
    project.write('models/stg.sql', "select id, name as label, amount from {{ ref('raw') }}");
    const answer = plan(project);
    expect(answer).toMatchObject({ environment: 'dev_x', versions: [], previews: [] });
    expect(
      answer.build.map(({ name, reasons }: { name: string; reasons: { kind: string }[] }) => [name, reasons[0]?.kind]),
    ).toEqual([
      ['stg', 'sql'],
      ['inc', 'upstream'],
      ['mart', 'upstream'],
    ]);
    expect(answer.build[0]).toMatchObject({
      impact: 'breaking',
      columns: [{ name: 'name', change: 'renamed', to: 'label' }],
    });
    expect(answer.build[0].breaks.map(({ name }: { name: string }) => name)).toContain('mart');
    expect(answer.reuse).toHaveLength(4);
    expect(answer.exposures).toEqual([
      {
        id: 'exposure.shop.board',
        name: 'board',
        owner: 'Ann',
        reads: ['model.shop.mart'],
        breaking: expect.any(Boolean),
      },
    ]);
    expect(await relations(project, /./)).toEqual(before);
    project.write('models/stg.sql', DOUBLED);
    ok(project.upsql('build', '--env', 'dev_y'));
    expect(plan(project).versions).toEqual(['model.shop.stg', 'model.shop.inc', 'model.shop.mart']);
    const text = ok(project.upsql('plan', '--env', 'dev_x')).stdout;
    expect(text).toContain('0 to build, 3 built before, 4 as in production in the environment dev_x');
    expect(text).toContain('board (Ann)  reads mart');
    expect(text).toContain('Show it with: upsql build --env dev_x');
    project.write('models/stg.sql', files['models/stg.sql']);
    expect(plan(project, '--vars', '{n: 2}').build).toMatchObject([{ name: 'v', reasons: [{ kind: 'compiled' }] }]);
  });
});

describe('the library', () => {
  it('records as the commands do, and builds environments', async () => {
    const project = makeProject(files);
    const loaded = await loadProject({ projectDir: project.dir, profilesDir: project.dir });
    try {
      expect((await build(loaded)).success).toBe(true);
    } finally {
      await loaded.close();
    }
    expect(ok(project.upsql('plan')).stdout).toContain('0 to build, 6 to reuse');
    project.write('models/stg.sql', DOUBLED);
    const changed = await loadProject({ projectDir: project.dir, profilesDir: project.dir });
    try {
      const outcome = await run(changed, { environment: 'dev_x' });
      expect(outcome.results.map(({ node }) => node.name).sort()).toEqual(['inc', 'mart', 'stg']);
      expect((await test(changed, { environment: 'dev_x' })).success).toBe(true);
      expect(changed.manifest.nodes['model.shop.stg']?.relation_name).toBe('"shop"."main"."stg"');
    } finally {
      await changed.close();
    }
    expect(await project.rows('select * from main__dev_x.mart order by all')).toEqual([
      ['a', 20],
      ['b', 40],
    ]);
    expect(ok(project.upsql('env', 'list')).stdout).toContain('ready');
  });
});

describe('killed at any moment', () => {
  const many = (n: number, more = ''): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length: n }, (_, i) => [
        `models/m${i}.sql`,
        `{{ config(materialized='table') }} select ${i} as n, 1 as v${more} from ${i < 5 ? "{{ ref('base') }}" : `{{ ref('m${i - 5}') }}`} limit 1`,
      ]),
    );

  /** Kills when so many nodes have been built. */
  async function killed(project: TestProject, args: readonly string[], built: number): Promise<boolean> {
    const child = startUpsql(project.dir, args, { HOME: project.dir });
    const end = new Promise<boolean>((resolve) => child.once('exit', (code) => resolve(code === null)));
    let seen = 0;
    child.stdout.on('data', (data: Buffer) => {
      seen += data.toString().split(' OK created ').length - 1;
      if (seen >= built) child.kill('SIGKILL');
    });
    return end;
  }

  it('leaves each environment whole, and the next command goes on', { timeout: 120_000 }, async () => {
    const n = 60;
    const project = makeProject({
      'models/base.sql': "{{ config(materialized='table') }} select 1 as one",
      ...many(n),
    });
    ok(project.upsql('build'));
    project.write('models/base.sql', "{{ config(materialized='table') }} select 2 as one");
    ok(project.upsql('build', '--env', 'dev_x'));
    const total = (schema: string, column: string) =>
      Array.from({ length: n }, (_, i) => `select ${column} as c from ${schema}.m${i}`).join(' union all ');
    // Without an end: however late a kill comes, the build is still under way.
    project.write(
      'models/gate.sql',
      "{{ config(materialized='table') }} select sum(range) as n from range(1000000000000)",
    );
    for (const count of [1, 12, 30, 5]) {
      for (const [file, text] of Object.entries(many(n, `, 2 as w, ${count} as x`))) project.write(file, text);
      expect(await killed(project, ['build', '--env', 'dev_x'], count)).toBe(true);
      // All views are there, with the old content.
      expect(await project.rows(`select count(*)::int from (${total('main__dev_x', 'v')})`)).toEqual([[n]]);
      expect(
        await project.rows(
          "select count(*)::int from information_schema.columns where table_schema = 'main__dev_x' and column_name = 'w'",
        ),
      ).toEqual([[0]]);
      expect(ok(project.upsql('env', 'list')).stdout).toContain('not finished');
      expect(project.upsql('env', 'promote', 'dev_x').code).toBe(1);
    }
    project.write('models/gate.sql', "{{ config(materialized='table') }} select 1 as n");
    const last = ok(project.upsql('build', '--env', 'dev_x')).text;
    expect(Number(/(\d+) built before/.exec(last)?.[1])).toBeGreaterThan(0);
    ok(project.upsql('env', 'promote', 'dev_x'));
    expect(await project.rows(`select sum(c)::int from (${total('main', 'w')})`)).toEqual([[2 * n]]);
    ok(project.upsql('env', 'prune'));
    ok(project.upsql('build'));
    expect(await project.rows(`select sum(c)::int from (${total('main', 'w')})`)).toEqual([[2 * n]]);
  });

  it('does not take what was half built for whole', async () => {
    const project = built();
    project.write('models/stg.sql', DOUBLED);
    ok(project.upsql('build', '--env', 'dev_x'));
    // As a killed build leaves it: the table of an incremental model that nothing vouches for.
    const [[table]] = (await project.rows(
      "select table_name from information_schema.tables where table_schema = 'main__upsql' and table_name like 'inc%'",
    )) as [[string]];
    await project.rows("delete from main__upsql.versions where node = 'model.shop.inc'");
    await project.rows(`insert into main__upsql.${table} values (99, 99)`);
    ok(project.upsql('build', '--env', 'dev_x'));
    expect(await project.rows('select * from main__dev_x.inc order by all')).toEqual([
      [1, 20],
      [2, 40],
    ]);
  });
});

describe('two at the same time', () => {
  it('say who has the warehouse, and dead holders hold nothing', async () => {
    const project = built();
    project.write('models/stg.sql', DOUBLED);
    ok(project.upsql('build', '--env', 'dev_x'));
    const lease = (pid: number, work: string, environment: string, versions: readonly string[] = []) =>
      project.rows(
        `update main__upsql.state set body = '${JSON.stringify({
          other: {
            ...{ work, environment, who: 'ann', pid, versions, plain: {}, since: '2026-01-01T10:00:00.000Z' },
            host: hostname(),
            expires: Date.now() + 100_000,
          },
        })}' where kind = 'leases'`,
      );
    const busy = (...args: string[]): string => {
      const ran = project.upsql(...args);
      expect(ran.code).toBe(1);
      return ran.text;
    };
    await lease(process.pid, 'build', 'dev_x');
    expect(busy('build', '--env', 'dev_x')).toMatch(/dev_x has to wait: there is a build of dev_x by ann@/);
    expect(busy('env', 'promote', 'dev_x')).toContain('env promote has to wait');
    expect(busy('env', 'prune')).toContain('env prune has to wait');
    // Another environment goes on beside it.
    ok(project.upsql('build', '--env', 'dev_y'));
    await lease(process.pid, 'promote', 'dev_x');
    expect(busy('build', '--env', 'dev_y')).toContain('there is env promote by ann@');
    expect(busy('build')).toContain('build of production has to wait');
    await lease(2 ** 22 + 1, 'promote', 'dev_x');
    ok(project.upsql('build', '--env', 'dev_y'));
  });
});
