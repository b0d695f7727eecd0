/** A real S3 server for tests, on 127.0.0.1, with its objects in a folder that goes when it stops. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Credentials } from '../../../src/s3/index.js';
import { type Faults, startFaultProxy } from './fault-proxy.js';
import { s3Program } from './install.mjs';

export type { Faults, S3Fault, S3Request } from './fault-proxy.js';

/** Why tests on S3 are skipped; undefined when they run. */
export const noS3: string | undefined =
  s3Program() === undefined
    ? 'the S3 server is not installed: node tests/stand-ins/s3/install.mjs (or UPSQL_TEST_S3=1 npm test)'
    : undefined;

export interface S3Server {
  /** Where clients go: the fault proxy. */
  readonly endpoint: string;
  /** The server itself, past the proxy. */
  readonly direct: string;
  readonly region: string;
  readonly credentials: S3Credentials;
  /** A user who may nothing. */
  readonly stranger: S3Credentials;
  /** Makes a bucket of this name and gives the name. */
  bucket(name: string): Promise<string>;
  readonly faults: Faults;
  /** Environment that leads to it by the AWS chain. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const ROOT = { accessKeyId: 'AKIDTESTS', secretAccessKey: 'not-a-secret-but-secret' };
const STRANGER = { accessKeyId: 'AKIDSTRANGER', secretAccessKey: 'strange-and-secret' };
const REGION = 'us-east-1';

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });
}

async function start(program: string, folder: string): Promise<{ child: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const data = join(folder, `data${attempt}`);
    const [side, iam] = [join(folder, `side${attempt}`), join(folder, `iam${attempt}`)];
    for (const one of [data, side, iam]) mkdirSync(one);
    const { accessKeyId, secretAccessKey } = ROOT;
    const child = spawn(
      program,
      [
        '--port',
        `127.0.0.1:${port}`,
        '--iam-dir',
        iam,
        '--region',
        REGION,
        '--keep-alive',
        '--quiet',
        'posix',
        '--sidecar',
        side,
        data,
      ],
      { stdio: 'ignore', env: { PATH: '/', ROOT_ACCESS_KEY_ID: accessKeyId, ROOT_SECRET_ACCESS_KEY: secretAccessKey } },
    );
    const started = Date.now();
    while (child.exitCode === null && Date.now() - started < 20_000) {
      if (await answers(port)) return { child, port };
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    child.kill('SIGKILL');
    // Another program may have taken the port in the meantime.
    if (attempt === 3) throw new Error('the S3 server does not start');
  }
}

export async function startS3(): Promise<S3Server> {
  const program = s3Program();
  if (program === undefined) throw new Error(noS3);
  const folder = mkdtempSync(join(tmpdir(), 'upsql-s3-'));
  const { child, port } = await start(program, folder);
  const direct = `http://127.0.0.1:${port}`;
  const proxy = await startFaultProxy(port);
  const endpoint = `http://127.0.0.1:${proxy.port}`;
  const { accessKeyId, secretAccessKey } = ROOT;
  const root = ['admin', '--access', accessKeyId, '--secret', secretAccessKey, '--endpoint-url', direct];
  const user = [
    'create-user',
    '--access',
    STRANGER.accessKeyId,
    '--secret',
    STRANGER.secretAccessKey,
    '--role',
    'user',
  ];
  const made = spawnSync(program, [...root, ...user], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`no second user of the S3 server: ${made.stderr}${made.stdout}`);
  return {
    endpoint,
    direct,
    region: REGION,
    credentials: ROOT,
    stranger: STRANGER,
    faults: proxy,
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
    async bucket(name) {
      process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
      const sdk = await import('@aws-sdk/client-s3');
      const client = new sdk.S3Client({ endpoint: direct, region: REGION, credentials: ROOT, forcePathStyle: true });
      await client.send(new sdk.CreateBucketCommand({ Bucket: name }));
      client.destroy();
      return name;
    },
    async stop() {
      await proxy.stop();
      await new Promise<void>((resolve) => {
        if (child.exitCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
