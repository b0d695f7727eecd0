import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter, Session, SqlValue } from '../../src/adapters/adapter.js';
import { createDuckDbAdapter } from '../../src/adapters/duckdb/index.js';
import { createSnowflakeAdapter } from '../../src/adapters/snowflake/index.js';
import type { RelationDiff } from '../../src/diff/index.js';
import { noStandIn, type StandIn, startStandIn, titled } from '../stand-ins/snowflake/stand-in.js';
import { compileBin, type Ran, upsql } from '../unit/cli/compiled-bin.js';
import { unreadable } from './snowflake-project.js';
import { copyUserPulse, run } from './userpulse-project.js';

const SMALL = ['--users', '200', '--events', '5000', '--days', '240', '--format', 'parquet'];

const RAW = ['--vars', '{raw_format: parquet}'];
const SIDES = ['--left', 'dev', '--right', 'snowflake'];

type Row = readonly (string | number | boolean | null)[];

function plain(value: SqlValue): Row[number] {
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? value : String(value);
}

/** Equal, but for the last digits that a sum of doubles owes to the order of its parts. */
function same(one: Row, other: Row): boolean {
  return one.every((value, i) => {
    const there = other[i];
    if (typeof value !== 'number' || typeof there !== 'number') return value === there;
    return Math.abs(value - there) <= 1e-9 * Math.max(1, Math.abs(value));
  });
}

/** Rows in an order that does not depend on fractions. */
function inOrder(rows: readonly Row[]): Row[] {
  const key = (row: Row) => JSON.stringify(row.filter((value) => typeof value !== 'number' || Number.isInteger(value)));
  return rows
    .map((row) => [key(row), row] as const)
    .sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
    .map(([, row]) => row);
}

describe.skipIf(noStandIn !== undefined)(titled('UserPulse on Snowflake'), () => {
  let root = '';
  let standIn: StandIn;
  let snowflake: Adapter;
  let remote: Session;
  let duckdb: Adapter;
  let local: Session;
  let output = '';
  let localAges: Record<string, number> = {};
  let parity: Ran & { readonly relations: readonly RelationDiff[] };
  let forced: Ran;

  /** `upsql diff` of both targets, whole. Sums of doubles and what is rounded from them differ in their last digits. */
  function diff(): typeof parity {
    const ran = upsql(root, ['diff', ...SIDES, '--tolerance', '2e-6', '--output', 'json', ...RAW]);
    const { relations } = JSON.parse(ran.stdout) as { relations: RelationDiff[] };
    return { ...ran, relations };
  }

  /** Changes two rows on Snowflake; what was there is kept aside. */
  async function forceDifference(): Promise<void> {
    await standIn.query('create table analytics.dbt.aside as select * from analytics.dbt.fact_daily_active_users');
    await standIn.query(
      'update analytics.dbt.fact_daily_active_users set dau = dau + 1000 where date = (select min(date) from analytics.dbt.fact_daily_active_users)',
    );
    await standIn.query(
      'delete from analytics.dbt.fact_daily_active_users where date = (select max(date) from analytics.dbt.fact_daily_active_users)',
    );
  }

  /** Age in seconds of each source's newest record, a day after the last of the simulation. */
  function ages(target: string): Record<string, number> {
    run(root, ['source', 'freshness', '--target', target, '--vars', '{raw_format: parquet, as_of: 2026-01-01}']);
    const { results } = JSON.parse(readFileSync(join(root, 'target/sources.json'), 'utf8')) as {
      results: { unique_id: string; max_loaded_at_time_ago_in_s: number }[];
    };
    return Object.fromEntries(results.map((one) => [one.unique_id, Math.round(one.max_loaded_at_time_ago_in_s)]));
  }

  /** Raw files into the tables that a loader would fill: every column as text, as it came. */
  async function loadRaw(file: string, table: string): Promise<void> {
    const adapter = createDuckDbAdapter({ path: ':memory:' }, { projectRoot: root });
    await adapter.open();
    const session = await adapter.session('raw');
    const { columns, rows } = await session.execute(`select * from read_parquet('${join(root, 'data/raw', file)}')`);
    await adapter.close();
    await remote.load({
      table: { database: 'ANALYTICS', schema: 'RAW', identifier: table },
      columns: columns.map(({ name }) => ({ name: name.toUpperCase(), type: 'varchar' })),
      data: columns.map((_, i) => rows.map((row) => (row[i] === null ? null : String(row[i])))),
      length: rows.length,
    });
  }

  beforeAll(async () => {
    await compileBin();
    standIn = await startStandIn();
    root = copyUserPulse();
    const outputs = {
      dev: { type: 'duckdb', path: 'target/userpulse.duckdb', schema: 'main', threads: 2 },
      snowflake: { type: 'snowflake', threads: 2, ...standIn.profile() },
    };
    writeFileSync(join(root, 'profiles.yml'), JSON.stringify({ userpulse: { target: 'dev', outputs } }));
    run(root, ['simulate', ...SMALL, '--out', 'data/raw']);
    run(root, ['build', '--vars', '{raw_format: parquet}']);

    snowflake = createSnowflakeAdapter(standIn.profile(), { projectRoot: root });
    await snowflake.open();
    remote = await snowflake.session('test');
    await snowflake.createSchema(remote, 'ANALYTICS', 'RAW');
    await loadRaw('events*.parquet', 'RAW_EVENTS');
    await loadRaw('users*.parquet', 'RAW_USERS');
    await loadRaw('plan_changes*.parquet', 'RAW_PLAN_CHANGES');
    await standIn.log(true);
    output = run(root, ['build', '--target', 'snowflake', '--vars', '{raw_format: parquet}']).stdout;
    localAges = ages('dev');
    // Before this process opens the file itself.
    parity = diff();
    await forceDifference();
    forced = upsql(root, ['diff', ...SIDES, '-s', 'fact_daily_active_users', 'dim_users', ...RAW]);
    await standIn.query(
      'create or replace table analytics.dbt.fact_daily_active_users as select * from analytics.dbt.aside',
    );
    await standIn.query('drop table analytics.dbt.aside');
    duckdb = createDuckDbAdapter({ path: 'target/userpulse.duckdb' }, { projectRoot: root });
    await duckdb.open();
    local = await duckdb.session('test');
  }, 400_000);

  afterAll(async () => {
    await duckdb?.close();
    await snowflake?.close();
    await standIn?.stop();
  });

  it('is the same on both targets by upsql diff, table by table', () => {
    const { code, stderr, relations } = parity;
    expect(relations.length, stderr).toBeGreaterThan(20);
    expect(
      relations
        .filter(({ status }) => status !== 'same')
        .map(({ name, status, note, rows, columns }) => ({
          name,
          status,
          note,
          rows,
          columns: columns.filter((one) => one.different !== 0),
        })),
    ).toEqual([]);
    expect(code).toBe(0);
  });

  it('shows a difference that was forced so that one can read it', () => {
    expect(forced.code).toBe(1);
    expect(forced.stdout).toMatch(/dim_users +\| same/);
    expect(forced.stdout).toMatch(/fact_daily_active_users +\| different \| +240 \| +239 \| +0 \| +1 \| +1 \|/);
    expect(forced.stdout).toMatch(/dau: 1 of 239 \(0.42 %\) differ/);
    expect(forced.stdout).toMatch(/\| \d{4}-\d\d-\d\d \| \d+ +\| 10\d\d +\|/);
    expect(forced.stdout).toMatch(/only in dev, for example/);
  });

  const rowsOf = async (session: Session, sql: string): Promise<Row[]> =>
    inOrder((await session.execute(sql)).rows.map((row) => row.map(plain)));

  it('builds every model and passes every test', () => {
    expect(output).toMatch(/Completed successfully/);
    expect(output).toMatch(/PASS=\d{3} WARN=0 ERROR=0 SKIP=0/);
  });

  it('has the same rows in every table as on DuckDB', async () => {
    const manifest = JSON.parse(readFileSync(join(root, 'target/manifest.json'), 'utf8')) as {
      nodes: Record<string, { name: string; resource_type: string; relation_name: string | null; alias: string }>;
    };
    const tables = Object.values(manifest.nodes).filter(
      (node) => ['model', 'seed', 'snapshot'].includes(node.resource_type) && node.relation_name !== null,
    );
    expect(tables.length).toBeGreaterThan(20);
    const different: string[] = [];
    for (const { alias } of tables) {
      const columns = (await local.execute(`select * from main."${alias}" limit 0`)).columns.map((one) => one.name);
      const list = columns.map((name) => `"${name}"`).join(', ');
      const here = await rowsOf(local, `select ${list} from main."${alias}"`);
      const there = await rowsOf(remote, `select ${list.toUpperCase()} from ANALYTICS.DBT.${alias}`);
      const at = here.findIndex((row, i) => !same(row, there[i] ?? []));
      if (here.length !== there.length || at !== -1)
        different.push(`${alias}: ${here.length} and ${there.length} rows, first ${here[at]} and ${there[at]}`);
    }
    expect(different).toEqual([]);
  });

  it('judges the freshness of its sources by the same clock', () => {
    const there = ages('snowflake');
    expect(Object.keys(there)).toHaveLength(2);
    // Two clocks read the time now one after the other, to the second.
    for (const [id, age] of Object.entries(localAges)) expect(Math.abs((there[id] ?? 0) - age)).toBeLessThan(5);
  });

  it('adds nothing when it is built again from the same events', async () => {
    const before = await rowsOf(remote, 'select * from analytics.dbt.fact_events');
    run(root, ['build', '--target', 'snowflake', '--vars', '{raw_format: parquet}', '-s', 'fact_events']);
    expect(await rowsOf(remote, 'select * from analytics.dbt.fact_events')).toEqual(before);
  });

  it('sends nothing that a parser of Snowflake does not read', async () => {
    const { statements } = await standIn.log();
    expect(statements.length).toBeGreaterThan(200);
    expect(unreadable(statements)).toEqual([]);
  });
});
