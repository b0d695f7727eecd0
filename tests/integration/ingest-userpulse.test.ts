import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noS3, type S3Server, startS3 } from '../stand-ins/s3/s3.js';
import { noStandIn, type StandIn, startStandIn } from '../stand-ins/snowflake/stand-in.js';
import { compileBin, upsql } from '../unit/cli/compiled-bin.js';
import { copyUserPulse, openBuilt, query, run } from './userpulse-project.js';

const missing = noS3 ?? noStandIn;

describe.skipIf(missing !== undefined)(
  `UserPulse by upsql ingest${missing === undefined ? '' : ` [skipped: ${missing}]`}`,
  () => {
    let root = '';
    let s3: S3Server;
    let standIn: StandIn;

    beforeAll(async () => {
      compileBin();
      [s3, standIn] = await Promise.all([startS3(), startStandIn()]);
      root = copyUserPulse();
      const { accessKeyId: key, secretAccessKey: secret } = s3.credentials;
      await standIn.integration('s3_reader', { endpoint: s3.direct, key, secret });
      const landing = { bucket: await s3.bucket('userpulse'), integration: 's3_reader', endpoint: s3.direct };
      const outputs = {
        dev: { type: 'duckdb', path: 'target/userpulse.duckdb', schema: 'main', threads: 2 },
        snowflake: { type: 'snowflake', threads: 2, ...standIn.profile({ s3: landing }) },
      };
      writeFileSync(join(root, 'profiles.yml'), JSON.stringify({ userpulse: { target: 'dev', outputs } }));
      run(root, ['simulate', '--users', '100', '--events', '3000', '--days', '120', '--out', 'data/raw']);
    });
    afterAll(async () => {
      await Promise.all([s3?.stop(), standIn?.stop()]);
    });

    const rowsByTable = (): Record<string, number> => {
      const { results } = JSON.parse(readFileSync(join(root, 'target/ingest_results.json'), 'utf8')) as {
        results: { name: string; rows_loaded: number }[];
      };
      return Object.fromEntries(results.map(({ name, rows_loaded }) => [name, rows_loaded]));
    };

    it('loads the same rows on both targets, and events are built from them', async () => {
      run(root, ['ingest']);
      const local = rowsByTable();
      expect(local['raw.raw_events']).toBeGreaterThan(2900);
      expect(local['raw.raw_users']).toBe(100);
      const ran = upsql(root, ['ingest', '--target', 'snowflake'], { ...s3.env, AWS_ENDPOINT_URL: s3.direct });
      expect(ran.code, ran.stdout + ran.stderr).toBe(0);
      expect(rowsByTable()).toEqual(local);

      run(root, ['run', '-s', '+fact_events']);
      run(root, ['run', '-s', '+fact_events', '--target', 'snowflake']);
      const sql = 'select count(*) as events, count(distinct user_id) as users from';
      const [there] = await standIn.query(`${sql} analytics.dbt.fact_events`);
      const connection = await openBuilt(root);
      const [here] = await query(connection, `${sql} built.main.fact_events`);
      expect(there?.map(Number)).toEqual([Number(here?.events), Number(here?.users)]);
      expect(Number(here?.events)).toBeGreaterThan(2500);
    }, 240_000);
  },
);
