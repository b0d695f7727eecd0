import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Adapter, Session } from '../../src/adapters/adapter.js';
import { DatabaseError } from '../../src/adapters/adapter.js';
import { createSnowflakeAdapter } from '../../src/adapters/snowflake/index.js';
import { UpsqlError } from '../../src/diagnostics/index.js';
import type { YamlMap } from '../../src/project/project.js';
import { keyPair, noStandIn, type StandIn, startStandIn, titled } from '../stand-ins/snowflake/stand-in.js';
import { compileBin, startUpsql } from '../unit/cli/compiled-bin.js';
import { snowflakeProject } from './snowflake-project.js';

const PATIENCE = { timeout: 60_000, interval: 50 };

describe.skipIf(noStandIn !== undefined)(titled('Snowflake: sign-in and faults'), () => {
  let standIn: StandIn;
  const adapters: Adapter[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'upsql-snowflake-'));

  beforeAll(async () => {
    await compileBin();
    standIn = await startStandIn();
  });
  afterEach(async () => {
    await standIn.clearFaults();
    await Promise.all(adapters.splice(0).map((adapter) => adapter.close()));
  });
  afterAll(() => standIn?.stop());

  async function enter(overrides: YamlMap = {}): Promise<Session> {
    const adapter = createSnowflakeAdapter(standIn.profile(overrides), { projectRoot: folder });
    adapters.push(adapter);
    await adapter.open();
    return adapter.session('Thread-1');
  }

  /** The problem of a sign-in, which has to fail, with its hint; it must hold none of the profile's secrets. */
  async function refused(overrides: YamlMap): Promise<string> {
    const error = await enter(overrides).catch((e: unknown) => e);
    if (!(error instanceof UpsqlError)) throw new Error(`not refused: ${error}`);
    const text = error.diagnostics.map((one) => `${one.code}: ${one.message} ${one.hint ?? ''}`).join('\n');
    for (const secret of ['wrong-secret', 'correct horse', 'refresh-me', 'client-secret', 'PRIVATE KEY'])
      expect(text + JSON.stringify(error)).not.toContain(secret);
    return text;
  }

  const lastLogin = async () => (await standIn.log()).logins.at(-1);

  it('enters by password, with role, warehouse, database and schema', async () => {
    const session = await enter({ client_session_keep_alive: true });
    expect((await session.execute('select 1 as one')).rows).toEqual([[1]]);
    expect(await lastLogin()).toMatchObject({
      user: 'tester',
      role: 'TRANSFORMER',
      warehouse: 'TRANSFORMING',
      database: 'ANALYTICS',
      schema: 'DBT',
      application: 'upsql',
      parameters: { CLIENT_SESSION_KEEP_ALIVE: true },
    });
  });

  it('enters by a key pair, from a file or inline, encrypted or not', async () => {
    const plain = keyPair();
    const sealed = keyPair('open sesame');
    await standIn.addUser('service', { publicKey: plain.publicKey });
    await standIn.addUser('sealed', { publicKey: sealed.publicKey });
    writeFileSync(join(folder, 'sealed.p8'), sealed.privateKey);
    const key = { password: null };
    await enter({ ...key, user: 'service', private_key: plain.privateKey });
    const der = plain.privateKey.replace(/-----[A-Z ]+-----|\s/g, '');
    await enter({ ...key, user: 'service', private_key: der });
    await enter({ ...key, user: 'sealed', private_key_path: 'sealed.p8', private_key_passphrase: 'open sesame' });
    expect(await lastLogin()).toMatchObject({ user: 'sealed', authenticator: 'SNOWFLAKE_JWT' });
    expect(await refused({ ...key, user: 'sealed', private_key_path: 'sealed.p8' })).toMatch(
      /is encrypted and there is no private_key_passphrase/,
    );
    expect(
      await refused({ ...key, user: 'sealed', private_key_path: 'sealed.p8', private_key_passphrase: 'wrong-secret' }),
    ).toMatch(/private_key_passphrase is wrong/);
    expect(await refused({ ...key, user: 'sealed', private_key: plain.privateKey })).toMatch(
      /JWT token is invalid.*RSA_PUBLIC_KEY/s,
    );
    expect(await refused({ ...key, private_key_path: 'none.p8' })).toMatch(/none\.p8 could not be read \(ENOENT\)/);
  });

  it('enters by OAuth, by a refresh token and by a programmatic access token', async () => {
    await standIn.addUser('tokens', { oauth: 'an-access-token', pat: 'a-pat' });
    const token = { password: null, user: 'tokens' };
    await enter({ ...token, authenticator: 'oauth', token: 'an-access-token' });
    const refresh = { oauth_client_id: 'client', oauth_client_secret: 'client-secret' };
    await enter({ ...token, authenticator: 'oauth', token: 'refresh-me', ...refresh });
    await enter({ ...token, authenticator: 'programmatic_access_token', token: 'a-pat' });
    expect(await refused({ ...token, authenticator: 'oauth', token: 'wrong-secret', ...refresh })).toMatch(
      /refresh token was not accepted: HTTP 400 \(invalid_grant\)/,
    );
    expect(await refused({ ...token, authenticator: 'programmatic_access_token', token: 'wrong-secret' })).toMatch(
      /390100|Incorrect/,
    );
  });

  it('tells a wrong password, a wrong account and a missing role', async () => {
    expect(await refused({ password: 'wrong-secret' })).toMatch(
      /connection-failed: No connection to Snowflake account testaccount: 390100: Incorrect username or password.*Check 'user' and 'password'/s,
    );
    expect(await refused({ account: 'elsewhere' })).toMatch(
      /account elsewhere.*404.*Is there an account 'elsewhere'\?/s,
    );
    expect(await refused({ role: 'NOBODY' })).toMatch(/Role 'NOBODY' specified.*grant role NOBODY to user tester/s);
  });

  it('signs in again where the profile asks for it, and statements carry its session parameters', async () => {
    await standIn.addUser('tester', { password: 'correct horse' });
    const logins = async () => (await standIn.log()).logins.length;
    const before = await logins();
    expect(await refused({ password: 'wrong-secret', retry_all: true, connect_retries: 2 })).toMatch(/Incorrect/);
    expect((await logins()) - before).toBe(3);
    expect(await refused({ password: 'wrong-secret', connect_retries: 2 })).toMatch(/Incorrect/);
    expect((await logins()) - before).toBe(4);
    const session = await enter({ s3_stage_vpce_dns_name: 'vpce.example.com', query_tag: 'mine' });
    await standIn.log(true);
    await session.execute('select 8 as n');
    expect((await standIn.log()).statements[0]?.parameters).toMatchObject({
      S3_STAGE_VPCE_DNS_NAME: 'vpce.example.com',
      QUERY_TAG: 'mine',
    });
  });

  it('tells that nobody listens, after a second try', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    expect(await refused({ port, connect_retries: 1 })).toMatch(/ECONNREFUSED.*Check the network/s);
  });

  it('gives up on a server that does not answer', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const { port } = server.address() as AddressInfo;
    expect(await refused({ port, connect_timeout: 1, connect_retries: 0 })).toMatch(/no answer within 1 s/);
    server.closeAllConnections();
    server.close();
  });

  it('goes through a proxy', async () => {
    let passed = 0;
    const proxy: Server = createServer((incoming, outgoing) => {
      passed += 1;
      const target = new URL(incoming.url ?? '', `http://${incoming.headers.host}`);
      const options = { host: target.hostname, port: target.port, path: target.pathname + target.search };
      const forward = request({ ...options, method: incoming.method, headers: incoming.headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(forward);
    }).listen(0, '127.0.0.1');
    await new Promise((done) => proxy.once('listening', done));
    const session = await enter({ proxy_host: '127.0.0.1', proxy_port: (proxy.address() as AddressInfo).port });
    expect((await session.execute('select 2 as two')).rows).toEqual([[2]]);
    expect(passed).toBeGreaterThan(1);
    proxy.closeAllConnections();
    proxy.close();
  });

  it('runs a statement once whose answer got lost, and tries again after 503 and 429', async () => {
    const session = await enter();
    await session.execute('create or replace table once (n number(38,0))');
    await standIn.fault({ on: 'statement', do: 'cut', after: true, match: 'insert into once' });
    await session.execute('insert into once values (1)');
    await standIn.fault({ on: 'statement', do: 503, match: 'insert into once' });
    await session.execute('insert into once values (2)');
    await standIn.fault({ on: 'statement', do: 429, match: 'insert into once' });
    await session.execute('insert into once values (3)');
    await standIn.fault({ on: 'statement', do: 503, after: true, match: 'insert into once' });
    await session.execute('insert into once values (4)');
    expect((await session.execute('select n from once order by n')).rows).toEqual([[1], [2], [3], [4]]);
  });

  it.each([503, 429, 'cut'] as const)(
    'goes on after %s while it waits for a statement and fetches rows',
    async (fault) => {
      const session = await enter();
      await standIn.fault({ on: 'poll', do: fault });
      expect((await session.execute('call system$wait(2)')).rows).toEqual([['waited 2 seconds']]);
      await standIn.fault({ on: 'chunk', do: fault });
      expect((await session.execute('select range as n from range(5000)')).rows).toHaveLength(5000);
    },
  );

  it.each([
    [503, false],
    [429, false],
    ['cut', false],
    [503, true],
    ['cut', true],
  ] as const)('loads a file once when COPY INTO meets %s (after its effect: %s)', async (fault, after) => {
    const session = await enter();
    await session.execute('create or replace table filled (n number(38,0))');
    const rows = Array.from({ length: 50 }, (_, i) => [String(i)]);
    await standIn.fault({ on: 'statement', do: fault, after, match: 'copy into filled' });
    await standIn.fault({ on: 'statement', do: fault, after, match: 'put ' });
    await session.append?.('filled', rows);
    expect((await session.execute('select count(*), count(distinct n) from filled')).rows).toEqual([[50, 50]]);
    expect((await session.execute('list @~/upsql')).rows).toEqual([]);
  });

  it('tells an HTTP error that is no passing one, without trying again', async () => {
    const session = await enter();
    await standIn.fault({ on: 'statement', do: 403, match: 'select 403' });
    const error = await session.execute('select 403').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DatabaseError);
    expect((error as DatabaseError).kind).toBe('io');
    expect((error as DatabaseError).message).toMatch(/Snowflake answered with an HTTP error/);
    expect((await session.execute('select 1 as one')).rows).toEqual([[1]]);
  });

  it('renews an expired session, enters again when that is not possible, and tells when state was lost', async () => {
    const session = await enter();
    await standIn.expire();
    expect((await session.execute('select 1 as one')).rows).toEqual([[1]]);
    await standIn.expire(true);
    expect((await session.execute('select 2 as two')).rows).toEqual([[2]]);
    await session.execute('create or replace temporary table mine as select 1 as n');
    await standIn.expire(true);
    const error = await session.execute('select * from mine').catch((e: unknown) => e);
    expect((error as DatabaseError).message).toMatch(/session at Snowflake has ended.*temporary tables.*Run again/s);
    expect((error as DatabaseError).kind).toBe('io');
  });

  describe('a run', () => {
    const files = {
      'seeds/countries.csv': 'code,name\nch,Switzerland\nli,Liechtenstein\n',
      'models/first.sql': "{{ config(materialized='table') }} select code from {{ ref('countries') }}",
      'models/second.sql': "{{ config(materialized='table') }} select count(*) as n from {{ ref('first') }}",
    };

    it('that broke off is completed by the next one, and leaves no file of the driver behind', async () => {
      const project = snowflakeProject(standIn, files, { schema: 'BROKEN' });
      await standIn.fault({ on: 'statement', do: 400, after: true, match: 'rename to' });
      await standIn.fault({ on: 'statement', do: 400, match: 'BROKEN.first' });
      const broken = project.upsql('build');
      expect(broken.code, broken.text).toBe(1);
      expect(broken.text).not.toContain('correct horse');
      await standIn.clearFaults();
      const done = project.upsql('build');
      expect(done.code, done.text).toBe(0);
      expect(done.stderr).toBe('');
      expect(await standIn.query('select code from analytics.broken.countries order by 1')).toEqual([['ch'], ['li']]);
      expect(await standIn.query('select n from analytics.broken.second')).toEqual([['2']]);
      const left = await standIn.query(
        "select table_name from duckdb_tables() where schema_name = 'BROKEN' order by 1",
      );
      expect(left.flat()).toEqual(['COUNTRIES', 'FIRST', 'SECOND']);
      expect(readdirSync(project.dir).filter((name) => /snowflake|\.log$/.test(name))).toEqual([]);
    });

    it('with a wrong password ends with a diagnostic', () => {
      const project = snowflakeProject(standIn, files, { password: 'wrong-secret' });
      const { code, text } = project.upsql('build');
      expect(code).not.toBe(0);
      expect(text).toMatch(/connection-failed.*Incorrect username or password/s);
      expect(text).not.toMatch(/wrong-secret|at .*\.js:\d+/);
      expect(readdirSync(project.dir).filter((name) => /snowflake|\.log$/.test(name))).toEqual([]);
    });

    it('shows the account in debug, not the password', () => {
      const { code, text } = snowflakeProject(standIn, files).upsql('debug');
      expect(code, text).toBe(0);
      expect(text).toMatch(/testaccount/);
      expect(text).not.toContain('correct horse');
    });

    it('cancels its statements on Ctrl-C', async () => {
      const project = snowflakeProject(standIn, {
        'models/slow.sql': "{{ config(pre_hook='call system$wait(60)') }} select 1 as id",
      });
      const child = startUpsql(project.dir, ['run'], { HOME: project.dir });
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
      const waits = [expect.stringContaining('system$wait(60)')];
      await vi.waitFor(async () => expect(await standIn.running()).toEqual(waits), PATIENCE);
      child.kill('SIGINT');
      await ended;
      expect(await standIn.cancelled()).toEqual(waits);
      await vi.waitFor(async () => expect(await standIn.running()).toEqual([]), PATIENCE);
    });
  });
});
