import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomBelow } from '../seeded-random.js';
import { noStandIn, type StandIn, startStandIn, titled } from '../stand-ins/snowflake/stand-in.js';
import { compileBin, upsql as run } from '../unit/cli/compiled-bin.js';
import { killing } from './killing.js';
import { type SnowflakeProject, snowflakeProject, unreadable } from './snowflake-project.js';
import type { Ran } from './test-project.js';

const FILES = {
  'seeds/raw.csv': 'id,name,amount\n1,a,10\n2,b,20\n',
  'models/stg.sql': "select id, name, amount from {{ ref('raw') }}",
  'models/mart.sql':
    "{{ config(materialized='table', grants={'select': ['reporter']}) }} select name, sum(amount) as total from {{ ref('stg') }} group by name",
  'models/inc.sql':
    "{{ config(materialized='incremental', unique_key='id') }} select id, amount from {{ ref('stg') }}{% if is_incremental() %} where id > (select max(id) from {{ this }}){% endif %}",
  'models/apart.sql': 'select 1 as n',
  'models/s.yml': 'models: [{name: mart, columns: [{name: name, data_tests: [unique]}]}]\n',
  'snapshots/s.yml':
    'snapshots: [{name: snap, relation: ref("raw"), config: {unique_key: id, strategy: check, check_cols: all}}]\n',
};
const DOUBLED = FILES['models/stg.sql'].replace('amount', 'amount * 2 as amount');

function ok(ran: Ran): Ran {
  if (ran.code !== 0) throw new Error(ran.text);
  return ran;
}

describe.skipIf(noStandIn !== undefined)(titled('environments on Snowflake'), () => {
  let standIn: StandIn;
  let project: SnowflakeProject;
  const mart = (schema: string) => standIn.query(`select name, total::int from analytics.${schema}.mart order by all`);
  const upsql = (...args: string[]): Ran => project.upsql(...args);

  beforeAll(async () => {
    await compileBin();
    standIn = await startStandIn();
    project = snowflakeProject(standIn, FILES);
    ok(upsql('build'));
  });
  afterAll(() => standIn?.stop());

  it('builds what differs, and another environment with the same change nothing', async () => {
    project.write('models/stg.sql', DOUBLED);
    const { ran, all } = await project.sent('build', '--env', 'dev_x');
    expect(ok(ran).text).toContain('3 to build, 0 built before, 3 as in production');
    expect(unreadable(all)).toEqual([]);
    expect(await mart('dbt')).toEqual([
      ['a', '10'],
      ['b', '20'],
    ]);
    expect(await mart('dbt__dev_x')).toEqual([
      ['a', '20'],
      ['b', '40'],
    ]);
    expect(ok(upsql('build', '--env', 'dev_y')).text).toContain('0 to build, 3 built before');
  });

  it('finishes a promotion that was cut off, before anything else is done', async () => {
    await standIn.fault({ on: 'statement', do: 400, match: 'create or replace view ANALYTICS.DBT.mart' });
    const cut = upsql('env', 'promote', 'dev_x');
    await standIn.clearFaults();
    expect([cut.code, cut.text]).toEqual([1, expect.stringContaining('error[environment-refused]')]);
    const { ran, all } = await project.sent('env', 'prune', '--dry-run');
    ok(ran);
    expect(unreadable(all)).toEqual([]);
    expect(await mart('dbt')).toEqual([
      ['a', '20'],
      ['b', '40'],
    ]);
    expect(ok(upsql('env', 'promote', 'dev_x')).stdout).toContain('Nothing to promote');
    // Whoever could read the table can read the view.
    expect(all.map(({ sql }) => sql)).toContain('grant select on view ANALYTICS.DBT.mart to role REPORTER');
    expect((await standIn.state()).grants['ANALYTICS.DBT.MART']).toEqual([['SELECT', 'REPORTER']]);
  });

  it('is promoted by the next command when the one before was killed at any request', async () => {
    const kill = killing('http');
    const random = randomBelow(7);
    const promote = (name: string, n: number) =>
      run(project.dir, ['env', 'promote', name], { HOME: project.dir, ...kill.env(n) });
    const total = async (factor: number) =>
      expect(await mart('dbt')).toEqual([
        ['a', `${10 * factor}`],
        ['b', `${20 * factor}`],
      ]);
    const built = (factor: number): string => {
      project.write('models/stg.sql', DOUBLED.replace('2', String(factor)));
      ok(upsql('build', '--env', `dev_${factor}`));
      return `dev_${factor}`;
    };
    expect(promote(built(3), 0).code).toBe(0);
    await total(3);
    const requests = kill.asked().length;
    // Kept relations are put aside once, so that later promotions ask for no less than views and state.
    expect(requests).toBeGreaterThan(10);
    for (const factor of [4, 2]) {
      const name = built(factor);
      expect(promote(name, 5 + random(requests - 6)).code).toBe(null);
      ok(upsql('env', 'promote', name));
      await total(factor);
      ok(upsql('env', 'drop', name));
    }
    ok(upsql('env', 'drop', 'dev_3'));
  });

  it('goes on with production as ever', async () => {
    project.write('seeds/raw.csv', 'id,name,amount\n1,a,100\n3,c,30\n');
    ok(upsql('build'));
    expect(await mart('dbt')).toEqual([
      ['a', '200'],
      ['c', '60'],
    ]);
    expect(await standIn.query('select id::int, amount::int from analytics.dbt.inc order by all')).toEqual([
      ['1', '20'],
      ['2', '40'],
      ['3', '60'],
    ]);
  });

  it('copies a history by a clone, and leaves it out of a promotion', async () => {
    project.write('snapshots/s.yml', FILES['snapshots/s.yml'].replace('check_cols: all', 'check_cols: [amount]'));
    const { ran, all } = await project.sent('build', '--env', 'dev_z');
    ok(ran);
    expect(all.some(({ sql }) => /create table .*snap__\w+ clone/i.test(sql))).toBe(true);
    expect(ok(upsql('env', 'promote', 'dev_z')).stdout).toContain("Left to production's next build");
    ok(upsql('build'));
  });

  it('says who is at work in an environment', async () => {
    const other = {
      work: 'build',
      environment: 'dev_x',
      who: 'ann',
      host: 'elsewhere',
      pid: 1,
      versions: [],
      plain: {},
    };
    const lease = (expires: number) =>
      standIn.query(
        `update analytics.dbt__upsql.state set body = '${JSON.stringify({ x: { ...other, since: '2026-01-01T10:00:00.000Z', expires } })}' where kind = 'leases'`,
      );
    await lease(Date.now() + 60_000);
    const busy = upsql('build', '--env', 'dev_x');
    expect([busy.code, busy.text]).toEqual([1, expect.stringContaining('a build of dev_x by ann@elsewhere')]);
    await lease(Date.now() - 1);
    ok(upsql('build', '--env', 'dev_x'));
  });

  it('drops environments and what nothing shows any more', async () => {
    for (const name of ['dev_x', 'dev_y', 'dev_z']) ok(upsql('env', 'drop', name));
    expect(ok(upsql('env', 'prune')).stdout).toMatch(/Dropped [1-9]\d* relations/);
    const [[schemas]] = (await standIn.query(
      "select count(*) from information_schema.schemata where lower(schema_name) like 'dbt\\_\\_dev%' escape '\\'",
    )) as [[string]];
    expect(schemas).toBe('0');
    expect(await mart('dbt')).toEqual([
      ['a', '200'],
      ['c', '60'],
    ]);
  });
});
