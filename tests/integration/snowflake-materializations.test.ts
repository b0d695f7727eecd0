import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Logged, noStandIn, type StandIn, startStandIn, titled } from '../stand-ins/snowflake/stand-in.js';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { type SnowflakeProject, snowflakeProject, unreadable } from './snowflake-project.js';

/** An incremental model over rows that the var `batch` chooses. */
function added(strategy: string, config = ''): string {
  return `{{ config(materialized='incremental', incremental_strategy='${strategy}'${config}) }}
    select id, name from {{ ref('source_rows') }}`;
}

const shared = (roles: string) =>
  `{{ config(materialized='table', copy_grants=true, grants={'select': ${roles}}) }} select 1 as id`;
const fresh = (lag: string) =>
  `{{ config(materialized='dynamic_table', target_lag='${lag}', snowflake_warehouse='BIG') }} select 1 as id`;

/** All kinds of relations in one project: a process takes longer than all of its statements. */
const FILES: Readonly<Record<string, string>> = {
  'seeds/customers.csv': "id,name,joined\n1,Ann,2024-01-01\n2,O'Hara \\ Sons,2024-01-02\n3,,2024-01-03\n",
  'models/orders.sql': "{{ config(materialized='table') }} select 1 as id, 'a' as name union all select 2, 'b'",
  'models/seen.sql': 'select * from {{ ref("orders") }}',
  'models/clustered.sql': `{{ config(materialized='table', cluster_by=['id', 'day'], transient=false, copy_grants=true,
    automatic_clustering=true, schema='kept') }} select 1 as id, current_date() as day`,
  'models/hidden.sql':
    "{{ config(materialized='view', secure=true, copy_grants=true, copy_tags=true) }} select 1 as id",
  'models/frozen.sql': `{{ config(materialized='table', table_format='iceberg', external_volume='lake',
    base_location_root='root', base_location_subpath='sub', storage_serialization_policy='OPTIMIZED', change_tracking=true) }} select 1 as id`,
  'catalogs.yml': `catalogs:
  - name: Lake
    active_write_integration: second
    write_integrations:
      - {name: first, catalog_type: built_in, external_volume: other}
      - name: second
        catalog_type: BUILT_IN
        table_format: iceberg
        external_volume: "{{ env_var('UPSQL_TEST_LAKE', 'deep') }}"
        adapter_properties: {storage_serialization_policy: COMPATIBLE, data_retention_time_in_days: 3, iceberg_version: 3}
  - name: linked
    write_integrations:
      - {name: polaris, catalog_type: iceberg_rest, adapter_properties: {catalog_linked_database: far}}
`,
  'models/in_lake.sql':
    "{{ config(materialized='table', catalog_name='LAKE', data_retention_time_in_days=0) }} select 1 as id",
  'models/in_lake_elsewhere.sql':
    "{{ config(materialized='table', catalog_name='lake', external_volume='mine') }} select 1 as id",
  'models/tracked.sql':
    "{{ config(materialized='table', change_tracking=true, copy_tags=true, copy_grants=true) }} select 1 as id",
  'models/governed.sql': `{{ config(materialized='table', row_access_policy='policies.by_region on (id)', table_tag="cost_center = 'sales'") }} select 1 as id`,
  'models/governed_view.sql': `{{ config(materialized='view', secure=true, row_access_policy='policies.by_region on (id)', table_tag="cost_center = 'sales'") }} select 1 as id`,
  'models/turned.sql': 'select 1 as id',
  'models/source_rows.sql':
    "select * from (values (1, 1, 'a'), (1, 2, 'b'), (2, 2, 'B'), (2, 3, 'c')) as v (batch, id, name) where batch = {{ var('batch') }}",
  'models/inc_append.sql': added('append'),
  'models/inc_merge.sql': added('merge', ", unique_key='id'"),
  'models/inc_replace.sql': added('delete+insert', ", unique_key='id'"),
  'models/inc_overwrite.sql': added('insert_overwrite'),
  'models/inc_columns.sql': added(
    'merge',
    ", unique_key='id', merge_update_columns=['name'], tmp_relation_type='table'",
  ),
  'models/inc_excluded.sql': added(
    'merge',
    ", unique_key='id', merge_exclude_columns=['id'], tmp_relation_type='view'",
  ),
  'models/inc_named.sql': added('insert_overwrite', ", overwrite_columns=['id']"),
  'models/inc_predicate.sql': added(
    'delete+insert',
    ", unique_key='id', tmp_relation_type='transient', incremental_predicates=['DBT_INTERNAL_DEST.id < 10']",
  ),
  'models/inc_default.sql': `{{ config(materialized='incremental', unique_key=['id', 'name']) }}
    select id, name from {{ ref('source_rows') }}`,
  'models/grows.sql': `{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns') }}
    select 1 as id {{ ", 'new' as more" if is_incremental() }}`,
  'models/short.sql': `{{ config(materialized='incremental', unique_key='id') }}
    select 1 as id, cast({{ "'longer than four'" if is_incremental() else "'four'" }} as varchar({{ 20 if is_incremental() else 4 }})) as name`,
  'snapshots/history.sql': `{% snapshot history %}{{ config(unique_key='id', strategy='check', check_cols=['name'], hard_deletes='invalidate') }}
    select * from (values (1, '{{ var("name") }}'){{ ", (2, 'b')" if var("name") == 'a' }}) as v (id, name){% endsnapshot %}`,
  'models/shared.sql': shared("['reporter', 'analyst']"),
  'models/told.sql': "{{ config(materialized='table') }} select 1 as id, 'x' as name",
  'models/told_view.sql': 'select 1 as id',
  'models/tagged.sql':
    "{{ config(materialized='table', query_tag='nightly', snowflake_warehouse='BIG') }} select 1 as id",
  'models/usual.sql': "{{ config(materialized='table', snowflake_warehouse='transforming') }} select 1 as id",
  'models/fresh.sql': fresh('60 minutes'),
  'models/agreed.sql': "{{ config(materialized='table') }} select 1 as id, 'x' as name",
  'models/all.yml': `models:
  - name: told
    description: It's a table.
    config: {persist_docs: {relation: true, columns: true}}
    columns: [{name: id, description: The key., data_tests: [unique]}]
  - name: told_view
    config: {persist_docs: {columns: true}}
    columns: [{name: id, description: The key.}]
  - name: agreed
    config: {contract: {enforced: true}}
    columns: [{name: id, data_type: "number(38,0)"}, {name: name, data_type: varchar}]
`,
};

describe.skipIf(noStandIn !== undefined)(titled('materializations on Snowflake'), () => {
  let standIn: StandIn;
  let project: SnowflakeProject;
  const sent: Logged[] = [];
  type Sent = Awaited<ReturnType<SnowflakeProject['sent']>>;
  let first: Sent;
  let second: Sent;

  const run = async (...args: string[]): Promise<Sent> => {
    const done = await project.sent(...args);
    expect(done.ran.code, done.ran.text).toBe(0);
    sent.push(...done.all);
    return done;
  };
  const ddl = (run: Sent, node: string) => run.byNode.get(node) ?? [];

  beforeAll(async () => {
    await compileBin();
    standIn = await startStandIn();
    project = snowflakeProject(standIn, FILES, { query_tag: 'upsql' });
    first = await run('build', '--vars', '{batch: 1, name: a}');
    project.write('models/turned.sql', "{{ config(materialized='table') }} select 2 as id");
    project.write('models/shared.sql', shared("['reporter']"));
    second = await run('build', '--vars', '{batch: 2, name: z}');
  });
  afterAll(() => standIn?.stop());

  it('takes one statement for a table and one for a view, and looks each schema up once', () => {
    for (const one of [first, second]) {
      expect(ddl(one, 'orders')).toEqual([
        "create or replace transient table ANALYTICS.DBT.orders as (select 1 as id, 'a' as name union all select 2, 'b')",
      ]);
      expect(ddl(one, 'seen')).toEqual([
        'create or replace view ANALYTICS.DBT.seen as (select * from ANALYTICS.DBT.orders)',
      ]);
    }
    expect(ddl(second, '')).toEqual([
      'show terse schemas in database ANALYTICS limit 10000',
      'show objects in schema ANALYTICS.DBT limit 10000',
      'show objects in schema ANALYTICS.DBT_kept limit 10000',
    ]);
    const { results } = project.artifact('run_results.json');
    for (const { adapter_response: response, status } of results)
      if (status === 'success' && response._message.startsWith('SUCCESS')) {
        expect(response.query_id).toMatch(/^[0-9a-f-]{36}$/);
      }
  });

  it('fills a seed beside its place, quotes and backslashes exact', async () => {
    expect(ddl(first, 'customers').map((sql) => sql.split(' ').slice(0, 4).join(' '))).toEqual([
      'create or replace transient',
      'insert into ANALYTICS.DBT.customers__dbt_tmp values',
      'alter table ANALYTICS.DBT.customers__dbt_tmp rename',
    ]);
    expect(ddl(second, 'customers').slice(-2)).toEqual([
      'alter table ANALYTICS.DBT.customers__dbt_tmp swap with ANALYTICS.DBT.customers',
      'drop table ANALYTICS.DBT.customers__dbt_tmp',
    ]);
    expect(await standIn.query('select id, name, joined from analytics.dbt.customers order by 1')).toEqual([
      ['1', 'Ann', '2024-01-01'],
      ['2', "O'Hara \\ Sons", '2024-01-02'],
      ['3', null, '2024-01-03'],
    ]);
  });

  it('knows the configs of tables and views', () => {
    expect(ddl(first, 'clustered')).toEqual([
      'create or replace table ANALYTICS.DBT_kept.clustered cluster by (id, day) copy grants as (select * from (select 1 as id, current_date() as day) order by (id, day))',
      'alter table ANALYTICS.DBT_kept.clustered resume recluster',
    ]);
    expect(ddl(first, 'hidden')).toEqual([
      'create or replace secure view ANALYTICS.DBT.hidden copy grants as (select 1 as id)',
    ]);
    expect(ddl(first, 'frozen')).toEqual([
      "create or replace iceberg table ANALYTICS.DBT.frozen external_volume = 'lake' catalog = 'SNOWFLAKE' base_location = 'root/DBT/frozen/sub' storage_serialization_policy = 'OPTIMIZED' change_tracking = TRUE as (select 1 as id)",
    ]);
  });

  it("takes Iceberg's options from the catalog of catalogs.yml where the model has none", async () => {
    const made = (name: string, volume: string, days: number) =>
      `create or replace iceberg table ANALYTICS.DBT.${name} external_volume = '${volume}' catalog = 'SNOWFLAKE' base_location = '_dbt/DBT/${name}' iceberg_version = 3 storage_serialization_policy = 'COMPATIBLE' data_retention_time_in_days = ${days} as (select 1 as id)`;
    expect(ddl(first, 'in_lake')).toEqual([made('in_lake', 'deep', 0)]);
    expect(ddl(first, 'in_lake_elsewhere')).toEqual([made('in_lake_elsewhere', 'mine', 3)]);
    for (const [name, message] of [
      ['lakes', /There is no catalog 'lakes'.*Did you mean.*Lake/s],
      ['linked', /in_lake is of the catalog linked, whose type is iceberg_rest; upsql writes to .* built_in alone/s],
    ] as const) {
      project.write('models/in_lake.sql', `{{ config(materialized='table', catalog_name='${name}') }} select 1 as id`);
      const { ran } = await project.sent('run', '-s', 'in_lake');
      expect([ran.code, ran.text]).toEqual([1, expect.stringMatching(message)]);
    }
    project.write('models/in_lake.sql', 'select 1 as id');
  });

  it('knows row access policies and tags', () => {
    expect(ddl(first, 'tracked')).toEqual([
      'create or replace transient table ANALYTICS.DBT.tracked copy grants copy tags change_tracking = TRUE as (select 1 as id)',
    ]);
    const governed =
      "with row access policy policies.by_region on (id) with tag (cost_center = 'sales') as (select 1 as id)";
    expect(ddl(first, 'governed')).toEqual([`create or replace transient table ANALYTICS.DBT.governed ${governed}`]);
    expect(ddl(first, 'governed_view')).toEqual([
      `create or replace secure view ANALYTICS.DBT.governed_view ${governed}`,
    ]);
  });

  it('exchanges a view for a table only when the table is ready', async () => {
    expect(ddl(second, 'turned')).toEqual([
      'create or replace transient table ANALYTICS.DBT.turned__dbt_tmp as (select 2 as id)',
      'drop view if exists ANALYTICS.DBT.TURNED',
      'alter table ANALYTICS.DBT.turned__dbt_tmp rename to ANALYTICS.DBT.turned',
    ]);
    expect(await standIn.query('select id from analytics.dbt.turned')).toEqual([['2']]);
  });

  it.each([
    ['append', 'inc_append', '1a 2B 2b 3c', 2],
    ['merge', 'inc_merge', '1a 2B 3c', 2],
    ['delete+insert', 'inc_replace', '1a 2B 3c', 7],
    ['insert_overwrite', 'inc_overwrite', '2B 3c', 2],
    ['the default with a key of two columns', 'inc_default', '1a 2B 2b 3c', 2],
    ['merge of some columns, through a table', 'inc_columns', '1a 2B 3c', 4],
    ['merge of all but some columns, through a view', 'inc_excluded', '1a 2B 3c', 4],
    ['insert_overwrite of some columns', 'inc_named', '2 3', 2],
    ['delete+insert through a transient table, with a predicate', 'inc_predicate', '1a 2B 3c', 7],
  ] as const)('adds to a table by %s in so many statements', async (_, model, rows, count) => {
    expect(ddl(second, model), ddl(second, model).join('\n')).toHaveLength(count);
    const found = await standIn.query(`select concat(id, name) from analytics.dbt.${model} order by id, name`);
    expect(found.flat().join(' ')).toBe(rows);
  });

  it('lets new rows wait where tmp_relation_type says, and refuses what would be wrong', async () => {
    const kinds = (model: string) => ddl(second, model).map((sql) => sql.split(' ').slice(0, 5).join(' '));
    expect(kinds('inc_columns')[1]).toMatch(/^create or replace temporary table/);
    expect(ddl(second, 'inc_columns')[2]).toContain(
      'when matched then update set name = DBT_INTERNAL_SOURCE.name when not matched',
    );
    expect(kinds('inc_excluded')[1]).toMatch(/^create or replace temporary view/);
    expect(ddl(second, 'inc_excluded')[2]).toContain('then update set "NAME" = DBT_INTERNAL_SOURCE."NAME" when not');
    expect(ddl(second, 'inc_named')[1]).toMatch(
      /^insert overwrite into ANALYTICS\.DBT\.inc_named \(id\) \(select id from/,
    );
    expect(kinds('inc_predicate')[1]).toMatch(/^create or replace transient table/);
    expect(ddl(second, 'inc_predicate').find((sql) => sql.startsWith('delete'))).toMatch(
      / and DBT_INTERNAL_DEST\.id < 10$/,
    );
    for (const [strategy, type, message] of [
      ['delete+insert', 'view', /it has to be table or transient/],
      ['merge', 'file', /tmp_relation_type is file; it has to be table, view or transient/],
    ] as const) {
      project.write('models/inc_wrong.sql', added('merge', ", unique_key='id'"));
      await run('run', '-s', 'inc_wrong', '--vars', '{batch: 1, name: a}');
      project.write('models/inc_wrong.sql', added(strategy, `, unique_key='id', tmp_relation_type='${type}'`));
      const { ran } = await project.sent('run', '-s', 'inc_wrong', '--vars', '{batch: 2, name: z}');
      expect([ran.code, ran.text]).toEqual([1, expect.stringMatching(message)]);
    }
    project.write('models/inc_wrong.sql', '{{ config(enabled=false) }} select 1 as id');
  });

  it('follows new columns and longer texts, and leaves no temporary relation', async () => {
    expect(await standIn.query('select id, more from analytics.dbt.grows')).toEqual([['1', 'new']]);
    expect(await standIn.query('select id, name from analytics.dbt.short')).toEqual([['1', 'longer than four']]);
    expect(ddl(second, 'short')).toContain(
      'alter table ANALYTICS.DBT.short alter "NAME" set data type character varying(20)',
    );
    const left = await standIn.query(
      "select name from (select table_name as name from duckdb_tables() union all select view_name from duckdb_views()) where name like '%DBT\\_TMP' escape '\\'",
    );
    expect(left).toEqual([]);
  });

  it('keeps the history of a snapshot', async () => {
    expect(
      await standIn.query('select id, name, dbt_valid_to is null from analytics.dbt.history order by 1, 2'),
    ).toEqual([
      ['1', 'a', 'False'],
      ['1', 'z', 'True'],
      ['2', 'b', 'False'],
    ]);
  });

  it('grants what the config says and takes back what it no longer says', async () => {
    expect(ddl(first, 'shared').slice(1)).toEqual([
      'grant select on table ANALYTICS.DBT.shared to role reporter',
      'grant select on table ANALYTICS.DBT.shared to role analyst',
    ]);
    expect(ddl(second, 'shared').slice(1)).toEqual([
      'show grants on table ANALYTICS.DBT.shared',
      'revoke SELECT on table ANALYTICS.DBT.shared from role ANALYST',
    ]);
    expect((await standIn.state()).grants['ANALYTICS.DBT.SHARED']).toEqual([['SELECT', 'REPORTER']]);
  });

  it('persists descriptions as comments', () => {
    expect(ddl(first, 'told')).toContain("comment on table ANALYTICS.DBT.told is 'It''s a table.'");
    expect(ddl(first, 'told')).toContain("alter table ANALYTICS.DBT.told alter column id comment 'The key.'");
    expect(ddl(first, 'told_view').at(-1)).toBe(
      `create or replace view ANALYTICS.DBT.told_view ("ID" comment 'The key.') as (select 1 as id)`,
    );
  });

  it('runs a model with a query tag and a warehouse of its own; those of the session cost nothing', () => {
    expect(ddl(first, 'tagged').map((sql) => sql.slice(0, 26))).toEqual([
      'use warehouse BIG',
      'create or replace transien',
      'use warehouse TRANSFORMING',
    ]);
    expect(ddl(first, 'usual')).toHaveLength(1);
    const tag = (node: string) =>
      first.all.find((one) => one.sql.includes(`create or replace transient table ANALYTICS.DBT.${node}`))?.parameters
        .QUERY_TAG;
    expect([tag('tagged'), tag('usual'), tag('orders')]).toEqual(['nightly', 'upsql', 'upsql']);
  });

  it('makes and alters dynamic tables, and leaves alone what is as it should be', async () => {
    expect(ddl(first, 'fresh')).toEqual([
      "create or replace dynamic table ANALYTICS.DBT.fresh target_lag = '60 minutes' warehouse = BIG refresh_mode = AUTO initialize = ON_CREATE as (select 1 as id)",
    ]);
    const show = "show dynamic tables like 'FRESH' in schema ANALYTICS.DBT";
    expect(ddl(second, 'fresh')).toEqual([show]);
    project.write('models/fresh.sql', fresh('2 hours'));
    const third = await run('run', '-s', 'fresh', '--vars', '{batch: 2, name: z}');
    expect(ddl(third, 'fresh')).toEqual([show, "alter dynamic table ANALYTICS.DBT.FRESH set target_lag = '2 hours'"]);
    expect((await standIn.state()).dynamic['ANALYTICS.DBT.FRESH']?.target_lag).toBe('2 hours');
  });

  it('makes dynamic tables with all their configs, and follows each', async () => {
    const all = (config: string) =>
      `{{ config(materialized='dynamic_table', target_lag='DOWNSTREAM', snowflake_warehouse='BIG', ${config}) }} select 1 as id, 2 as day`;
    const full = `refresh_warehouse='TRANSFORMING', snowflake_initialization_warehouse='BIG', refresh_mode='full', initialize='on_schedule',
      transient=true, cluster_by=['id', 'day'], immutable_where="day < 5", copy_grants=true, copy_tags=true,
      row_access_policy='policies.by_region on (id)', table_tag="cost_center = 'sales'"`;
    const again = async (text: string) => {
      project.write('models/whole.sql', text);
      return ddl(await run('run', '-s', 'whole'), 'whole').filter((sql) => !sql.startsWith('show '));
    };
    const made =
      "create or replace transient dynamic table ANALYTICS.DBT.whole target_lag = 'DOWNSTREAM' warehouse = TRANSFORMING initialization_warehouse = BIG refresh_mode = FULL initialize = ON_SCHEDULE cluster by (id, day) copy grants with row access policy policies.by_region on (id) with tag (cost_center = 'sales') immutable where (day < 5) as (select 1 as id, 2 as day)";
    const into = 'alter dynamic table ANALYTICS.DBT.WHOLE';
    expect(await again(all(full))).toEqual([made]);
    expect(await again(all(full.replace("['id', 'day']", "'ID,  day'")))).toEqual([]);
    expect(await again(all("transient=true, cluster_by='id'"))).toEqual([
      `${into} set warehouse = BIG`,
      `${into} unset initialization_warehouse`,
      `${into} unset immutable where`,
      `${into} cluster by (id)`,
    ]);
    expect(await again(all("snowflake_initialization_warehouse='BIG', immutable_where='day < 3'"))).toEqual([
      `${into} set initialization_warehouse = BIG`,
      `${into} set immutable where (day < 3)`,
      `${into} drop clustering key`,
    ]);
    // What can't be altered is replaced.
    expect((await again(all('transient=false'))).map((sql) => sql.slice(0, 50))).toEqual([
      'create or replace dynamic table ANALYTICS.DBT.whol',
    ]);
    expect((await again(all("refresh_mode='incremental'")))[0]).toMatch(/refresh_mode = INCREMENTAL/);
  });

  it('refreshes a dynamic table that has no target_lag by itself, and checks the configs', async () => {
    const own = (config: string) => `{{ config(materialized='dynamic_table'${config}) }} select 1 as id`;
    project.write('models/manual.sql', own(''));
    const refresh = 'alter dynamic table ANALYTICS.DBT.manual refresh';
    const create =
      "create or replace dynamic table ANALYTICS.DBT.manual warehouse = TRANSFORMING refresh_mode = AUTO initialize = ON_CREATE scheduler = 'DISABLE' as (select 1 as id)";
    expect(ddl(await run('run', '-s', 'manual'), 'manual')).toEqual([create, refresh]);
    const show = "show dynamic tables like 'MANUAL' in schema ANALYTICS.DBT";
    expect(ddl(await run('run', '-s', 'manual'), 'manual')).toEqual([show, refresh]);
    project.write('models/manual.sql', own(", target_lag='5 minutes'"));
    expect(ddl(await run('run', '-s', 'manual'), 'manual')).toEqual([
      show,
      "alter dynamic table ANALYTICS.DBT.MANUAL set target_lag = '5 minutes' scheduler = 'ENABLE'",
    ]);
    project.write('models/manual.sql', own(", table_format='iceberg', external_volume='lake', target_lag='1 minute'"));
    expect(ddl(await run('run', '-s', 'manual', '--full-refresh'), 'manual')).toEqual([
      "create or replace dynamic iceberg table ANALYTICS.DBT.manual target_lag = '1 minute' warehouse = TRANSFORMING external_volume = 'lake' catalog = 'SNOWFLAKE' base_location = '_dbt/DBT/manual' refresh_mode = AUTO initialize = ON_CREATE as (select 1 as id)",
    ]);
    for (const [config, message] of [
      ["scheduler='enable'", /scheduler: ENABLE and no target_lag/],
      ["scheduler='disable', target_lag='1 hour'", /scheduler: DISABLE, with which there is no target_lag/],
      ["refresh_mode='always'", /refresh_mode: always; it has to be one of AUTO, FULL, INCREMENTAL/],
      ["initialize='never'", /initialize: never; it has to be one of ON_CREATE, ON_SCHEDULE/],
    ] as const) {
      project.write('models/manual.sql', own(`, ${config}`));
      const { ran } = await project.sent('run', '-s', 'manual', '--full-refresh');
      expect([ran.code, ran.text]).toEqual([1, expect.stringMatching(message)]);
    }
    project.write('models/manual.sql', own(", target_lag='9 minutes', on_configuration_change='continue'"));
    const kept = await project.sent('run', '-s', 'manual');
    expect(kept.ran.text).toMatch(/has changed; it stays as it is/);
    expect(ddl(kept, 'manual')).toEqual([show]);
    project.write('models/manual.sql', own(", target_lag='9 minutes', on_configuration_change='fail'"));
    const failed = await project.sent('run', '-s', 'manual');
    expect([failed.ran.code, failed.ran.text]).toEqual([
      1,
      expect.stringMatching(/has changed \(on_configuration_change: fail\)/),
    ]);
    project.write('models/manual.sql', own(''));
  });

  it('clones tables of another environment', async () => {
    project.write('state/manifest.json', project.read('target/manifest.json'));
    const profiles = project.read('profiles.yml');
    project.write('profiles.yml', profiles.replace('"schema":"DBT"', '"schema":"DEV"'));
    const cloned = await run('clone', '--state', 'state', '-s', 'orders', '--vars', '{batch: 2, name: z}');
    project.write('profiles.yml', profiles);
    expect(ddl(cloned, 'orders').at(-1)).toBe(
      'create or replace transient table ANALYTICS.DEV.orders clone ANALYTICS.DBT.orders',
    );
  });

  it('enforces a contract', () => {
    expect(ddl(first, 'agreed').at(-1)).toContain(
      'create or replace transient table ANALYTICS.DBT.agreed (id number(38,0)',
    );
    project.write('models/agreed.sql', "{{ config(materialized='table') }} select 1 as id, 2 as name");
    const broken = project.upsql('run', '-s', 'agreed', '--vars', '{batch: 2, name: z}');
    expect([broken.code, broken.text]).toEqual([1, expect.stringMatching(/contract/i)]);
  });

  it('writes the catalog of all relations by one statement', async () => {
    project.write('models/agreed.sql', FILES['models/agreed.sql'] ?? '');
    await run('docs', 'generate', '--vars', '{batch: 2, name: z}');
    const told = project.artifact('catalog.json').nodes['model.shop.told'];
    expect(told.metadata.type).toBe('BASE TABLE');
    expect(Object.keys(told.columns)).toEqual(['ID', 'NAME']);
  });

  it('sends nothing that a parser of Snowflake does not read', () => {
    expect(sent.length).toBeGreaterThan(100);
    expect(unreadable(sent)).toEqual([]);
  });
});
