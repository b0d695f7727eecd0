import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Logged, noStandIn, type StandIn, startStandIn, titled } from '../stand-ins/snowflake/stand-in.js';
import { compileBin, upsql } from '../unit/cli/compiled-bin.js';
import { bare, unreadable } from './snowflake-project.js';
import { copyUserPulse, run } from './userpulse-project.js';

const AT = 'userpulse360_db.raw_data';
const TABLES = [
  'DIM_USERS',
  'FACT_DAILY_ACTIVE_USERS',
  'FACT_EVENTS',
  'FACT_FEATURE_SUMMARY',
  'FACT_FEATURE_USAGE',
  'FACT_WEEKLY_ACTIVE_USERS',
];

describe.skipIf(noStandIn !== undefined)(titled('upsql publish'), () => {
  let root = '';
  let standIn: StandIn;
  const sent: Logged[] = [];

  const publish = async (...args: string[]): Promise<{ text: string; statements: string[] }> => {
    await standIn.log(true);
    const { stdout, stderr } = run(root, ['publish', '--target', 'snowflake', ...args]);
    const { statements } = await standIn.log(true);
    sent.push(...statements);
    return { text: stdout + stderr, statements: statements.map(({ sql }) => bare(sql)) };
  };
  const counts = async (): Promise<string[]> =>
    Promise.all(
      TABLES.map(async (table) => `${table} ${(await standIn.query(`select count(*) from ${AT}.${table}`))[0]?.[0]}`),
    );
  const lines = (file: string) =>
    readFileSync(join(root, 'exports', file), 'utf8')
      .trimEnd()
      .split('\n');

  beforeAll(async () => {
    await compileBin();
    standIn = await startStandIn();
    root = copyUserPulse();
    const outputs = {
      dev: { type: 'duckdb', path: 'target/userpulse.duckdb', schema: 'main', threads: 2 },
      snowflake: { type: 'snowflake', threads: 2, ...standIn.profile() },
    };
    writeFileSync(join(root, 'profiles.yml'), JSON.stringify({ userpulse: { target: 'dev', outputs } }));
    run(root, ['simulate', '--users', '200', '--events', '5000', '--days', '240', '--out', 'data/raw']);
    run(root, ['build', '--exclude-resource-type', 'test', 'unit_test']);
  });
  afterAll(() => standIn?.stop());

  it('prints its SQL, and sends nothing, with --dry-run', async () => {
    const { text, statements } = await publish('--dry-run');
    expect(statements).toEqual([]);
    expect(text).toContain('create schema if not exists UserPulse360_DB.RAW_DATA;');
    expect(text).toContain('use warehouse UserPulse360;');
    expect(text).toMatch(/copy into UserPulse360_DB.RAW_DATA.DIM_USERS__UPSQL_LOAD/);
    expect(text).toMatch(/"WEEK_START_DATE" DATE/);
  });

  it('makes database, schema, warehouse and the six tables, with the rows of the files', async () => {
    const { statements } = await publish();
    expect(statements).toContain('use warehouse UserPulse360');
    expect(statements.filter((sql) => sql.startsWith('copy into'))).toHaveLength(6);
    const names = await standIn.query(
      "select table_name from duckdb_tables() where database_name = 'USERPULSE360_DB' and schema_name = 'RAW_DATA' order by 1",
    );
    expect(names.flat()).toEqual(TABLES);
    expect(await counts()).toEqual([
      `DIM_USERS ${lines('merged_data.csv').length - 1}`,
      `FACT_DAILY_ACTIVE_USERS ${lines('metrics_dau.csv').length - 1}`,
      'FACT_EVENTS 5000',
      `FACT_FEATURE_SUMMARY ${lines('metrics_top_features.csv').length - 1}`,
      `FACT_FEATURE_USAGE ${lines('metrics_feature_usage_over_time.csv').length - 1}`,
      `FACT_WEEKLY_ACTIVE_USERS ${lines('metrics_wau.csv').length - 1}`,
    ]);
  });

  it('has the Monday of each ISO week', async () => {
    const weeks = await standIn.query(
      `select year, week, week_start_date, isodow(week_start_date), isoyear(week_start_date), weekofyear(week_start_date) from ${AT}.fact_weekly_active_users`,
    );
    expect(weeks.length).toBeGreaterThan(30);
    for (const [year, week, , day, isoYear, isoWeek] of weeks)
      expect([isoYear, isoWeek, day]).toEqual([year, week, '1']);
  });

  it('changes nothing the second time', async () => {
    const { text, statements } = await publish();
    expect(statements).toEqual([
      'use warehouse UserPulse360',
      'show objects in schema UserPulse360_DB.RAW_DATA limit 10000',
    ]);
    expect(text).toMatch(/6 tables in UserPulse360_DB.RAW_DATA, 0 of them loaded/);
  });

  it('replaces the rows of a file that changed, and only those; grants stay', async () => {
    const model = join(root, 'models/marts/fact_daily_active_users.sql');
    writeFileSync(
      model,
      `select * from (${readFileSync(model, 'utf8')}) where date > date '2024-01-01' order by date limit 3`,
    );
    run(root, ['run', '-s', 'fact_daily_active_users']);
    const { statements } = await publish();
    expect(statements.filter((sql) => sql.startsWith('copy into'))).toHaveLength(1);
    expect(statements.find((sql) => sql.startsWith('create or replace table'))).toMatch(
      /FACT_DAILY_ACTIVE_USERS \("DATE" DATE, "DAU" NUMBER\(38,0\)\) copy grants comment = 'upsql publish: metrics_dau.csv sha256 \w{64}' as select \* from/,
    );
    expect(await standIn.query(`select count(*) from ${AT}.fact_daily_active_users`)).toEqual([['3']]);
  });

  it('loads again a table that somebody changed', async () => {
    await standIn.query(`delete from ${AT}.fact_daily_active_users`);
    await publish();
    expect(await standIn.query(`select count(*) from ${AT}.fact_daily_active_users`)).toEqual([['3']]);
  });

  it.each(['put ', 'copy into', 'create or replace table', 'drop table'])(
    'that breaks off at %s leaves each table whole, and the next run completes it',
    async (match) => {
      const before = await counts();
      await standIn.fault({ on: 'statement', do: 400, match });
      const broken = upsql(root, ['publish', '--target', 'snowflake', '--force']);
      expect([broken.code, broken.stdout + broken.stderr]).toEqual([
        1,
        expect.stringMatching(/error\[publish-failed\]/),
      ]);
      expect(broken.stdout + broken.stderr).not.toContain('correct horse');
      expect(await counts()).toEqual(before);
      await standIn.clearFaults();
      await publish('--force');
      expect(await counts()).toEqual(before);
    },
  );

  it('takes other names, quoted ones as they are', async () => {
    const { statements } = await publish('--database', '"MixedCase"', '--schema', 'landing', '-s', 'dim_users');
    expect(statements).toContain('create database if not exists "MixedCase"');
    expect(await standIn.query('select count(*) from "MixedCase".landing.dim_users')).toEqual([
      [String(lines('merged_data.csv').length - 1)],
    ]);
  });

  it('wants a Snowflake target', () => {
    const { code, stdout, stderr } = upsql(root, ['publish']);
    expect(code).toBe(2);
    expect(stdout + stderr).toMatch(/target 'dev' is of type duckdb.*--target snowflake/s);
  });

  it('sends nothing that a parser of Snowflake does not read', () => {
    expect(sent.length).toBeGreaterThan(40);
    expect(unreadable(sent)).toEqual([]);
  });
});
