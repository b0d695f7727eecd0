import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBucket } from '../../src/s3/index.js';
import { noS3, type S3Server, startS3 } from '../stand-ins/s3/s3.js';
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
    // A warehouse is used by its name alone.
    const unmarked = statements.filter(({ sql }) => !/^use warehouse|\n\/\* \{"app": "upsql".*\*\/$/s.test(sql));
    expect(unmarked.map(({ sql }) => sql)).toEqual([]);
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
    const before = statements.slice(
      0,
      statements.findIndex((sql) => sql.startsWith('copy into')),
    );
    expect(before.findLast((sql) => sql.startsWith('use warehouse'))).toBe('use warehouse UserPulse360');
    expect(await standIn.query('select count(*) from "MixedCase".landing.dim_users')).toEqual([
      [String(lines('merged_data.csv').length - 1)],
    ]);
  });

  describe.skipIf(noS3 !== undefined)('by way of a bucket', () => {
    let s3: S3Server;
    const by = ['publish', '--target', 'snowflake', '--schema', 'BY_BUCKET', '--integration', 's3_reader', '--bucket'];
    // Past the proxy, which lives in this process: it waits for upsql to end.
    const go = (bucket: string, more: Readonly<Record<string, string>> = {}, ...args: string[]) =>
      upsql(root, [...by, bucket, ...args], { ...s3.env, AWS_ENDPOINT_URL: s3.direct, ...more });

    beforeAll(async () => {
      s3 = await startS3();
      await s3.bucket('landing');
      const { accessKeyId: key, secretAccessKey: secret } = s3.credentials;
      await standIn.integration('S3_READER', {
        endpoint: s3.direct,
        key,
        secret,
        allowed: ['s3://landing/', 's3://gone/'],
      });
    });
    afterAll(() => s3?.stop());

    it('uploads the files, makes the stage over them, and copies them in', async () => {
      await standIn.log(true);
      const first = go('landing');
      expect(first.code, first.stdout + first.stderr).toBe(0);
      const { statements } = await standIn.log(true);
      expect(unreadable(statements)).toEqual([]);
      const sql = statements.map((one) => bare(one.sql));
      expect(sql).toContain(
        "create stage if not exists UserPulse360_DB.BY_BUCKET.UPSQL_PUBLISH url = 's3://landing/' storage_integration = s3_reader",
      );
      expect(sql.find((one) => one.startsWith('copy into'))).toMatch(/files = \('loadingdata\/csv\/merged_data.csv'\)/);
      const options = { endpoint: s3.direct, region: s3.region, credentials: s3.credentials, forcePathStyle: true };
      const stored = await openBucket({ bucket: 'landing', ...options });
      expect(await stored.list('loadingdata/csv/')).toHaveLength(6);
      stored.close();
      expect(await standIn.query('select count(*) from userpulse360_db.by_bucket.fact_events')).toEqual([['5000']]);
      const second = go('landing');
      expect(second.stdout + second.stderr).toMatch(/0 of them loaded/);
    });

    it('tells a bucket that is missing or denied, by upsql and by Snowflake, and goes on when that is mended', async () => {
      const told = (ran: ReturnType<typeof go>): string => {
        const text = ran.stdout + ran.stderr;
        expect(ran.code, text).not.toBe(0);
        for (const secret of [s3.credentials.secretAccessKey, s3.stranger.secretAccessKey, 'correct horse'])
          expect(text).not.toContain(secret);
        expect(text).not.toMatch(/internal-error|at .*\.js:\d+/);
        return text;
      };
      const count = () => standIn.query('select count(*) from userpulse360_db.by_bucket.fact_events');
      expect(told(go('gone', {}, '--force'))).toMatch(/gone/);
      const { accessKeyId, secretAccessKey } = s3.stranger;
      const stranger = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
      expect(told(go('landing', stranger, '--force'))).toMatch(/AccessDenied|denied/i);
      const denied = { endpoint: s3.direct, key: accessKeyId, secret: secretAccessKey };
      await standIn.integration('S3_READER', denied);
      expect(told(go('landing', {}, '--force'))).toMatch(/Failure using stage area.*AccessDenied/s);
      await standIn.integration('S3_READER', { ...denied, allowed: ['s3://elsewhere/'] });
      expect(told(go('landing', {}, '--force'))).toMatch(/not allowed by integration S3_READER/);
      expect(await count()).toEqual([['5000']]);
      const { accessKeyId: key, secretAccessKey: secret } = s3.credentials;
      await standIn.integration('S3_READER', { endpoint: s3.direct, key, secret });
      const done = go('landing', {}, '--force');
      expect(done.code, done.stdout + done.stderr).toBe(0);
      expect(await count()).toEqual([['5000']]);
    });

    it('wants an integration beside the bucket', () => {
      const { code, stdout, stderr } = upsql(root, ['publish', '--target', 'snowflake', '--bucket', 'landing']);
      expect([code, stdout + stderr]).toEqual([2, expect.stringMatching(/--bucket needs --integration/)]);
    });
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
