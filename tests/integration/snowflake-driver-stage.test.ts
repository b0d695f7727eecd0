import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../stand-ins/s3/fault-proxy.js';
import { noS3, type S3Server, startS3 } from '../stand-ins/s3/s3.js';
import { noStandIn, type SealedBucket, type StandIn, startStandIn, titled } from '../stand-ins/snowflake/stand-in.js';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { snowflakeProject, unreadable } from './snowflake-project.js';

const ROWS = 20_000;
const TOKEN = 'a-session-token-that-nobody-may-see';
const FILES = {
  'seeds/many.csv': `id,name\n${Array.from({ length: ROWS }, (_, i) => `${i},"n ""${i}"""`).join('\n')}\n`,
  'models/wide.sql': `{{ config(materialized='table') }} select range as id, 'n' || range as name from range(110000)`,
  'models/doubled.ts': `
    import type { ModelContext, ModelResult } from 'upsql/model';
    export const config = { refs: ['wide'] };
    export default async function model({ columns }: ModelContext): Promise<ModelResult> {
      const { id } = (await columns('wide')).columns as { id: Float64Array };
      return { columns: { id, twice: id.map((one) => one * 2) } };
    }`,
};

/** The driver's own PUT and GET, as on an account in AWS: to a bucket by TLS, with files that it encrypts itself. */
describe.skipIf(noStandIn !== undefined || noS3 !== undefined)(titled("Snowflake's own stage in S3"), () => {
  let standIn: StandIn;
  let s3: S3Server;
  let tls: FaultProxy;
  let stage: SealedBucket;
  const folder = mkdtempSync(join(tmpdir(), 'upsql-tls-'));
  const temporary = join(folder, 'temporary');
  const env = { NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem'), TMPDIR: temporary };

  beforeAll(async () => {
    await compileBin();
    mkdirSync(temporary);
    [standIn, s3] = await Promise.all([startStandIn(), startS3()]);
    const { authority, certificate, key } = await standIn.certificate();
    writeFileSync(env.NODE_EXTRA_CA_CERTS, authority);
    tls = await startFaultProxy(Number(new URL(s3.direct).port), { key, cert: certificate });
    stage = {
      bucket: await s3.bucket('stage-of-snowflake'),
      region: s3.region,
      key: s3.credentials.accessKeyId,
      secret: s3.credentials.secretAccessKey,
      endpoint: `https://127.0.0.1:${tls.port}`,
      direct: s3.direct,
    };
    await standIn.sealed(stage);
  });
  afterEach(() => tls?.clear());
  afterAll(async () => {
    await Promise.all([standIn?.stop(), tls?.stop()]);
    await s3?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const kinds = () =>
    tls.log().map(({ method, url }) => `${method} ${url.replace(/[0-9a-f-]{36}/, 'id').split('?')[0]}`);
  const left = () => readdirSync(temporary).filter((name) => /^upsql-(load|unload)-/.test(name));
  const secrets = () => [s3.credentials.secretAccessKey, TOKEN, 'correct horse'];

  it('takes a large seed and the result of a model, and gives a large result', async () => {
    const project = snowflakeProject(standIn, FILES, { schema: 'STAGED' }, 1, env);
    tls.log();
    const { ran, all } = await project.sent('build');
    expect([ran.code, ran.stderr], ran.text).toEqual([0, '']);
    const log = kinds();
    const at = '/stage-of-snowflake/users/tester/upsql/id';
    expect(log.filter((one) => one === `PUT ${at}/part_0.csv.gz`)).toHaveLength(2);
    expect(log.filter((one) => one.startsWith(`GET ${at}/data_0_0_`)).length).toBeGreaterThan(1);
    expect(await standIn.query('select count(*), min(name), max(id) from analytics.staged.many')).toEqual([
      [String(ROWS), 'n "0"', String(ROWS - 1)],
    ]);
    expect(await standIn.query('select count(*), sum(twice)::bigint from analytics.staged.doubled')).toEqual([
      ['110000', String(109_999 * 110_000)],
    ]);
    expect(unreadable(all)).toEqual([]);
    expect(left()).toEqual([]);
  });

  it('goes on after answers of 503 and 429 and a cut in the middle of a file', async () => {
    // Fifteen requests are all that the driver makes for a file.
    tls.add({ do: 503, code: 'SlowDown', method: 'PUT', times: 16 });
    tls.add({ do: 429, code: 'TooManyRequests', method: 'PUT' });
    tls.add({ do: 'cut', method: 'PUT', afterBytes: 1000 });
    const project = snowflakeProject(standIn, FILES, { schema: 'SHAKY' }, 1, env);
    const { ran } = await project.sent('seed');
    expect([ran.code, ran.stderr], ran.text).toEqual([0, '']);
    expect(await standIn.query('select count(*) from analytics.shaky.many')).toEqual([[String(ROWS)]]);
    expect(left()).toEqual([]);
  });

  it('is asked for new credentials where a token expires, a few times at most', async () => {
    const project = snowflakeProject(standIn, FILES, { schema: 'EXPIRING' }, 1, env);
    const expired = { do: 400, code: 'ExpiredToken' } as const;
    // One transfer ends with five answers of the kind; so many that a driver that goes on for ever comes to an end too.
    tls.add({ ...expired, method: 'PUT', times: 1000 });
    const { ran, all } = await project.sent('seed');
    expect(ran.code, ran.text).toBe(1);
    expect(ran.text).toMatch(/seed many.*ExpiredToken: .*storage behind Snowflake/s);
    expect(all.filter(({ sql }) => /^put /i.test(sql))).toHaveLength(4);
    for (const secret of secrets()) expect(ran.text).not.toContain(secret);
    expect(left()).toEqual([]);
    tls.clear();
    // Met once each on the way there and back.
    tls.add({ ...expired, method: 'PUT', times: 5 });
    tls.add({ ...expired, method: 'GET', match: 'data_0_0_', times: 5 });
    const again = await project.sent('build');
    expect([again.ran.code, again.ran.stderr], again.ran.text).toEqual([0, '']);
    expect(await standIn.query('select count(*) from analytics.expiring.many')).toEqual([[String(ROWS)]]);
    expect(await standIn.query('select count(*) from analytics.expiring.doubled')).toEqual([['110000']]);
    expect(left()).toEqual([]);
  }, 240_000);

  it('that refuses a file ends the node without secrets, and the next run completes', async () => {
    const project = snowflakeProject(standIn, FILES, { schema: 'REFUSED' }, 1, env);
    // The server knows no such token.
    await standIn.sealed({ ...stage, token: TOKEN });
    const { ran } = await project.sent('seed');
    expect(ran.code, ran.text).toBe(1);
    expect(ran.text).toMatch(/seed many.*files could not be transferred: InvalidToken: .*storage behind Snowflake/s);
    const told = ran.text + project.read('target/run_results.json') + project.read('logs/upsql.log');
    for (const secret of secrets()) expect(told).not.toContain(secret);
    expect(left()).toEqual([]);
    await standIn.sealed(stage);
    const again = await project.sent('seed');
    expect(again.ran.code, again.ran.text).toBe(0);
    expect(await standIn.query('select count(*) from analytics.refused.many')).toEqual([[String(ROWS)]]);
  });

  it('whose certificate nobody vouches for is not trusted', async () => {
    const { ran } = await snowflakeProject(standIn, FILES, { schema: 'UNTRUSTED' }).sent('seed');
    expect(ran.code, ran.text).toBe(1);
    expect(ran.text).toMatch(/certificate/);
  });
});
