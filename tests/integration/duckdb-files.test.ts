import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter } from '../../src/adapters/adapter.js';
import { createDuckDbAdapter } from '../../src/adapters/duckdb/index.js';
import type { UpsqlError } from '../../src/diagnostics/index.js';

let folder: string;

/** A process that replaces the table `good` again and again, and writes the version after each. */
const WRITER = `
  import { createDuckDbAdapter } from ${JSON.stringify(resolve('src/adapters/duckdb/index.ts'))};
  const adapter = createDuckDbAdapter({ path: process.argv[2] }, { projectRoot: '/' });
  await adapter.open();
  const session = await adapter.session('writer');
  const { rows } = await session.execute("select coalesce(max(n), 0) from good");
  for (let n = Number(rows[0][0]) + 1; ; n++) {
    await session.execute(\`create or replace table building as select \${n} as n, range as i from range(50000)\`);
    await session.begin();
    await session.execute('drop table good; alter table building rename to good');
    await session.commit();
    process.stdout.write(n + '\\n');
  }
`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'upsql-files-'));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  await build({
    stdin: { contents: WRITER, resolveDir: folder, loader: 'ts' },
    outfile: join(folder, 'writer.mjs'),
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
  });
});

afterAll(() => rmSync(folder, { recursive: true }));

async function open(path: string, more: Record<string, string | boolean> = {}): Promise<Adapter> {
  const adapter = createDuckDbAdapter({ path, ...more }, { projectRoot: folder });
  await adapter.open();
  return adapter;
}

async function openFailure(path: string, more: Record<string, string | boolean> = {}) {
  const error = await open(path, more).catch((e: unknown) => e);
  const [diagnostic] = (error as UpsqlError).diagnostics;
  if (diagnostic === undefined) throw new Error('no diagnostic');
  return diagnostic;
}

/** Starts the writer, and waits until it has written some versions. */
async function startWriter(path: string, versions: number): Promise<{ child: ChildProcess; last: () => number }> {
  const child = spawn(process.execPath, [join(folder, 'writer.mjs'), path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let written: string[] = [];
  await new Promise<void>((ready, failed) => {
    child.on('exit', () => failed(new Error('the writer ended')));
    child.stdout?.on('data', (data: Buffer) => {
      written = [...written, ...data.toString().trim().split('\n')];
      if (written.length >= versions) ready();
    });
  });
  return { child, last: () => Number(written.at(-1)) };
}

function kill(child: ChildProcess): Promise<void> {
  return new Promise((ended) => {
    child.removeAllListeners('exit');
    child.on('exit', () => ended());
    child.kill('SIGKILL');
  });
}

describe('a process killed while it builds', () => {
  it('leaves the last good tables, each time', async () => {
    const path = join(folder, 'killed.duckdb');
    let adapter = await open(path);
    await (await adapter.session('s')).execute('create table good as select 0 as n, range as i from range(50000)');
    await adapter.close();
    for (let round = 0; round < 5; round++) {
      const { child, last } = await startWriter(path, 3);
      await new Promise((later) => setTimeout(later, Math.random() * 60));
      await kill(child);
      adapter = await open(path);
      const session = await adapter.session('reader');
      const { rows } = await session.execute('select count(*), min(n), max(n), sum(i) from good');
      const [count, low, high, sum] = rows[0] ?? [];
      expect([count, sum]).toEqual([50000, 1249975000n]);
      expect(low).toBe(high);
      expect(Number(high)).toBeGreaterThanOrEqual(last());
      await adapter.close();
    }
  });
});

describe('a file that does not open', () => {
  it('is in use by another process, which is named', async () => {
    const path = join(folder, 'busy.duckdb');
    const adapter = await open(path);
    await (await adapter.session('s')).execute('create table good as select 0 as n');
    await adapter.close();
    const { child } = await startWriter(path, 1);
    const diagnostic = await openFailure(path);
    await kill(child);
    expect(diagnostic.code).toBe('database-locked');
    expect(diagnostic.message).toContain(`PID ${child.pid}`);
    expect(diagnostic.hint).toContain(`process ${child.pid}`);
  });

  it('is no database', async () => {
    writeFileSync(join(folder, 'notes.duckdb'), 'Dear diary, '.repeat(1000));
    expect(await openFailure('notes.duckdb')).toMatchObject({ code: 'not-a-database' });
    expect(readFileSync(join(folder, 'notes.duckdb'), 'utf8')).toContain('Dear diary');
  });

  it('is missing where only reading is allowed', async () => {
    expect(await openFailure('absent/none.duckdb', { read_only: true })).toMatchObject({ code: 'database-missing' });
    expect(existsSync(join(folder, 'absent'))).toBe(false);
  });

  it('is in a folder that can not be made', async () => {
    writeFileSync(join(folder, 'plain'), '');
    const diagnostic = await openFailure('plain/x.duckdb');
    expect(diagnostic.code).toBe('database-open-failed');
    expect(diagnostic.message).toContain(join(folder, 'plain', 'x.duckdb'));
  });

  it.skipIf(process.getuid?.() === 0)('may not be written', async () => {
    mkdirSync(join(folder, 'locked'));
    chmodSync(join(folder, 'locked'), 0o500);
    expect(await openFailure('locked/x.duckdb')).toMatchObject({ code: 'database-not-writable' });
  });

  it.skipIf(!existsSync('/dev/full'))('meets a disk that is full, and keeps what was exported before', async () => {
    const adapter = await open(':memory:');
    const session = await adapter.session('s');
    await expect(session.execute("copy (from range(100000)) to '/dev/full' (format csv)")).rejects.toMatchObject({
      kind: 'io',
    });
    await adapter.close();
  });
});

describe('a file that opens', () => {
  it('is read only when the profile says so', async () => {
    const first = await open('kept.duckdb');
    await (await first.session('s')).execute('create table t as select 1 as a');
    await first.close();
    expect(readdirSync(folder).filter((name) => name.startsWith('kept'))).toEqual(['kept.duckdb']);
    const second = await open('kept.duckdb', { read_only: true });
    const session = await second.session('s');
    expect((await session.execute('from t')).rows).toEqual([[1]]);
    await expect(session.execute('create table u as select 1 as a')).rejects.toThrow(/read-only/);
    await second.close();
  });

  it('serves two adapters of one process', async () => {
    const first = await open('shared.duckdb');
    const second = await open('shared.duckdb');
    await (await first.session('a')).execute('create table t as select 1 as a');
    expect((await (await second.session('b')).execute('from t')).rows).toEqual([[1]]);
    await first.close();
    await second.close();
  });
});
