import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { YamlMap } from '../../src/project/project.js';
import { type FaultProxy, startFaultProxy } from '../stand-ins/s3/fault-proxy.js';
import { noS3, type S3Server, startS3 } from '../stand-ins/s3/s3.js';
import { keyPair, noStandIn, type StandIn, startStandIn, titled } from '../stand-ins/snowflake/stand-in.js';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { snowflakeProject } from './snowflake-project.js';

const PASSPHRASE = 'seeded-passphrase-6f1e';
const SECRETS = {
  password: 'seeded-password-93ab',
  token: 'seeded-token-77c0d1',
  clientSecret: 'seeded-client-secret-0b',
  stageKey: 'seeded-stage-key-41dd',
  stageToken: 'seeded-stage-token-8c',
  awsKey: 'seeded-aws-secret-key-5a',
  awsToken: 'seeded-aws-session-token-2f',
  signature: 'a-signature-that-nobody-may-see',
} as const;

const FILES = {
  'models/one.sql': "{{ config(materialized='table') }} select 1 as id",
  'models/wide.sql': "{{ config(materialized='table') }} select range as id from range(9000)",
  'models/reader.ts': `
    import type { ModelContext, ModelResult } from 'upsql/model';
    export const config = { refs: ['wide'] };
    export default async function model({ rows }: ModelContext): Promise<ModelResult> {
      return { rows: await rows('wide') };
    }`,
  'seeds/many.csv': `id\n${Array.from({ length: 3000 }, (_, i) => i).join('\n')}\n`,
  'data/events.csv': 'id\n1\n',
  'models/sources.yml': `sources:
  - name: raw
    tables:
      - name: events
        config: {meta: {ingest: {files: data/events.csv}}}
        columns: [{name: id, data_type: integer}]
`,
};

/** Everything that a run has left in its project, but the profile. */
function leavings(dir: string): string {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name !== 'profiles.yml' && !name.startsWith('.') && statSync(join(dir, name)).isFile())
    .map((name) => `${name}\n${readFileSync(join(dir, name), 'latin1')}`)
    .join('\n');
}

describe.skipIf(noStandIn !== undefined || noS3 !== undefined)(titled('secrets of a Snowflake project'), () => {
  let standIn: StandIn;
  let s3: S3Server;
  let tls: FaultProxy;
  const folder = mkdtempSync(join(tmpdir(), 'upsql-secrets-'));
  const sealed = keyPair(PASSPHRASE);
  const env = {
    NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem'),
    TMPDIR: join(folder, 'temporary'),
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDTESTS',
    AWS_SECRET_ACCESS_KEY: SECRETS.awsKey,
    AWS_SESSION_TOKEN: SECRETS.awsToken,
  };

  beforeAll(async () => {
    await compileBin();
    mkdirSync(env.TMPDIR);
    [standIn, s3] = await Promise.all([startStandIn(), startS3()]);
    const { authority, certificate, key } = await standIn.certificate();
    writeFileSync(env.NODE_EXTRA_CA_CERTS, authority);
    tls = await startFaultProxy(Number(new URL(s3.direct).port), { key, cert: certificate });
    await standIn.addUser('tester', { password: SECRETS.password });
    await standIn.addUser('sealed', { publicKey: keyPair().publicKey });
    await standIn.sealed({
      bucket: await s3.bucket('stage-of-snowflake'),
      region: s3.region,
      key: s3.credentials.accessKeyId,
      secret: SECRETS.stageKey,
      token: SECRETS.stageToken,
      endpoint: `https://127.0.0.1:${tls.port}`,
      direct: s3.direct,
    });
    await s3.bucket('landing');
  });
  afterAll(async () => {
    await Promise.all([standIn?.stop(), tls?.stop()]);
    await s3?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const key = { password: null, user: 'sealed', private_key: sealed.privateKey };
  const oauth = { password: null, authenticator: 'oauth', token: SECRETS.token };
  const inS3 = () => ({ s3: { bucket: 'landing', integration: 'NONE', endpoint: s3.endpoint } });
  type Failure = readonly [
    after: string,
    profile: () => YamlMap,
    args: readonly string[],
    told: RegExp,
    before?: () => Promise<void>,
  ];
  const failures: readonly Failure[] = [
    ['a wrong password', () => ({ user: 'nobody', password: SECRETS.password }), ['build'], /Incorrect username/],
    [
      'a server that repeats the password',
      () => ({}),
      ['build'],
      /No connection to Snowflake/,
      () => standIn.fault({ on: 'login', do: 403, message: `wrong: ${SECRETS.password}`, times: 100 }),
    ],
    [
      'a key that the user has not',
      () => ({ ...key, private_key_passphrase: PASSPHRASE }),
      ['build'],
      /JWT token is invalid/,
    ],
    [
      'a wrong passphrase',
      () => ({ ...key, private_key_passphrase: `${PASSPHRASE}-not` }),
      ['build'],
      /passphrase is wrong/,
    ],
    ['a wrong access token', () => oauth, ['build'], /No connection to Snowflake/],
    [
      'a wrong refresh token',
      () => ({ ...oauth, oauth_client_id: 'client', oauth_client_secret: SECRETS.clientSecret }),
      ['build'],
      /refresh token was not accepted/,
    ],
    [
      'a wrong programmatic token',
      () => ({ password: null, authenticator: 'programmatic_access_token', token: SECRETS.token }),
      ['debug'],
      /No connection to Snowflake/,
    ],
    [
      'a statement whose error repeats the password',
      () => ({}),
      ['run', '-s', 'one'],
      /HTTP error/,
      () =>
        standIn.fault({ on: 'statement', do: 403, message: `token=${SECRETS.password}`, match: 'table', times: 100 }),
    ],
    [
      'rows that can not be fetched',
      () => ({}),
      ['run', '-s', 'wide', 'reader'],
      /model reader/,
      () => standIn.fault({ on: 'chunk', do: 403, times: 1000 }),
    ],
    ["a file that Snowflake's stage refuses", () => ({}), ['seed'], /could not be transferred: \w+/],
    ['a bucket that refuses the keys', inS3, ['ingest'], /s3-credentials|s3-denied/],
  ];

  it.each(failures.map(([after, ...failure]) => ({ after, failure })))(
    'are shown nowhere after $after',
    async ({ failure }) => {
      const [profile, args, told, before] = failure;
      await before?.();
      const project = snowflakeProject(standIn, FILES, { password: SECRETS.password, ...profile() }, 2, env);
      const { ran } = await project.sent('--debug', ...args);
      await standIn.clearFaults();
      expect(ran.code, ran.text).not.toBe(0);
      expect(ran.text).toMatch(told);
      const everything = `${ran.text}\n${leavings(project.dir)}`;
      expect(project.exists('logs/upsql.log')).toBe(true);
      const inner = sealed.privateKey.split('\n').slice(3, 5);
      const shown = [...Object.values(SECRETS), PASSPHRASE, ...inner].filter((secret) => everything.includes(secret));
      expect(shown).toEqual([]);
    },
  );
});
