/** The Snowflake stand-in as a test sees it: a server on 127.0.0.1 that lives as long as the test file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import type { YamlMap } from '../../../src/project/project.js';
import { standInPython } from './install.mjs';

// Each statement takes a server in Python its time, and on a busy machine a multiple of it.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const SERVER = fileURLToPath(new URL('server.py', import.meta.url));

/** Why tests on the stand-in are skipped; undefined when they run. */
export const noStandIn: string | undefined =
  standInPython() === undefined
    ? 'its Python packages are not installed: node tests/stand-ins/snowflake/install.mjs (or UPSQL_TEST_SNOWFLAKE=1 npm test)'
    : undefined;

/** A title for `describe.skipIf(noStandIn !== undefined)` that says why. */
export function titled(title: string): string {
  return noStandIn === undefined ? title : `${title} [skipped: ${noStandIn}]`;
}

export interface Logged {
  readonly sql: string;
  /** How sqlglot's Snowflake parser takes it: `ok`, `kept` (one of those that reading.py names), or its complaint. */
  readonly reading: string;
  readonly user: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly requestId: string;
  readonly session: number;
}

export interface Fault {
  /** `poll`: a statement that takes long is asked for again. `chunk`: rows beyond the first are fetched. */
  readonly on: 'statement' | 'login' | 'chunk' | 'poll';
  /** `cut` closes the connection; a number is the HTTP status of the answer. */
  readonly do: 'cut' | number;
  /** What the answer says. */
  readonly message?: string;
  /** The statement runs before the fault. */
  readonly after?: boolean;
  readonly times?: number;
  /** A text within the statement. */
  readonly match?: string;
}

export interface StorageIntegration {
  readonly endpoint: string;
  readonly key: string;
  readonly secret: string;
  readonly region?: string;
  /** All, when left out. */
  readonly allowed?: readonly string[];
}

/** A bucket for Snowflake's own stages, encrypted as there. */
export interface SealedBucket {
  readonly bucket: string;
  readonly region: string;
  readonly key: string;
  readonly secret: string;
  /** A session token, which the driver sends along. */
  readonly token?: string;
  /** Where the driver goes: `https://127.0.0.1:1234`. */
  readonly endpoint: string;
  /** Where the stand-in itself goes. */
  readonly direct: string;
}

/** As PEM: what has to be trusted, and what a server on 127.0.0.1 shows. */
export interface Certificate {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** A column of an answer as Snowflake describes it. */
export interface WireColumn {
  readonly name: string;
  readonly type: string;
  readonly precision?: number;
  readonly scale?: number;
}

export interface StandIn {
  readonly port: number;
  /** A profile that enters; what is given goes before. */
  profile(overrides?: YamlMap): YamlMap;
  /** What was logged since the last `clear`. */
  log(clear?: boolean): Promise<{ statements: Logged[]; logins: Record<string, unknown>[]; open: number }>;
  fault(fault: Fault): Promise<void>;
  clearFaults(): Promise<void>;
  /** Rows in Snowflake's wire form for statements that have `match` in them, of types that DuckDB has not. */
  answer(match: string, columns: readonly WireColumn[], rows: readonly (readonly (string | null)[])[]): Promise<void>;
  /** Ends all sessions; with `master`, they can't be renewed either. */
  expire(master?: boolean): Promise<void>;
  addUser(name: string, user: Readonly<Record<string, string>>): Promise<void>;
  /** A storage integration: the S3 server behind it and the locations (`s3://bucket/folder/`) that it may read. */
  integration(name: string, integration: StorageIntegration): Promise<void>;
  /** From now on stages of Snowflake's own are in a bucket; they are in a folder otherwise. */
  sealed(bucket: SealedBucket): Promise<void>;
  certificate(): Promise<Certificate>;
  /** Rows of DuckDB's own query, behind Snowflake's back. */
  query(sql: string): Promise<(string | null)[][]>;
  state(): Promise<{ grants: Record<string, [string, string][]>; dynamic: Record<string, Record<string, string>> }>;
  /** Statements that have not ended. */
  running(): Promise<string[]>;
  /** Statements that a client asked to stop. */
  cancelled(): Promise<string[]>;
  stop(): Promise<void>;
}

function listen(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null || child.stderr === null) return reject(new Error('no pipes'));
    let errors = '';
    child.stderr.on('data', (data) => {
      errors += String(data);
    });
    createInterface(child.stdout).once('line', (line) => resolve((JSON.parse(line) as { port: number }).port));
    child.once('exit', (code) => reject(new Error(`the stand-in ended with ${code}: ${errors.slice(-2000)}`)));
  });
}

export async function startStandIn(): Promise<StandIn> {
  const python = standInPython();
  if (python === undefined) throw new Error(noStandIn);
  const folder = mkdtempSync(join(tmpdir(), 'upsql-stand-in-'));
  const env = { ...process.env, UPSQL_STAND_IN_STAGES: folder };
  const child = spawn(python, [SERVER, '0'], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const port = await listen(child);
  const ask = async (body: unknown): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${port}/stand-in`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`the stand-in answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const tell = async (body: unknown): Promise<void> => {
    await ask(body);
  };
  return {
    port,
    profile: (overrides = {}) => ({
      account: 'testaccount',
      host: '127.0.0.1',
      port,
      protocol: 'http',
      user: 'tester',
      password: 'correct horse',
      role: 'TRANSFORMER',
      warehouse: 'TRANSFORMING',
      database: 'ANALYTICS',
      schema: 'DBT',
      ...overrides,
    }),
    log: async (clear = false) => (await ask({ do: 'log', clear })) as Awaited<ReturnType<StandIn['log']>>,
    fault: (fault) => tell({ do: 'fault', fault }),
    clearFaults: () => tell({ do: 'clear-faults' }),
    answer: (match, columns, rows) => {
      const rowtype = columns.map((column) => ({ nullable: true, ...column }));
      return tell({ do: 'answer', answer: { match, rowtype, rows } });
    },
    expire: (master = false) => tell({ do: 'expire', master }),
    addUser: (name, user) => tell({ do: 'user', name, user }),
    integration: (name, integration) => tell({ do: 'integration', name, integration }),
    sealed: (bucket) => tell({ do: 'sealed', bucket }),
    certificate: async () => (await ask({ do: 'certificate' })) as Certificate,
    query: async (sql) => ((await ask({ do: 'query', sql })) as { rows: (string | null)[][] }).rows,
    state: async () => (await ask({ do: 'state' })) as Awaited<ReturnType<StandIn['state']>>,
    running: async () => ((await ask({ do: 'running' })) as { running: string[] }).running,
    cancelled: async () => ((await ask({ do: 'cancelled' })) as { cancelled: string[] }).cancelled,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => {
          rmSync(folder, { recursive: true, force: true });
          resolve();
        });
        child.kill('SIGKILL');
      }),
  };
}

/** An RSA key: the private half in PKCS#8 (encrypted with a passphrase if one is given), and the public half. */
export function keyPair(passphrase?: string): { readonly privateKey: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const encryption = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return {
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8', ...encryption }).toString(),
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  };
}
