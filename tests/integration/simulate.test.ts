import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UpsqlError } from '../../src/diagnostics/index.js';
import { type SimulateOptions, type SimulateResult, simulate } from '../../src/simulate/index.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'upsql-simulate-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const small = { users: 500, events: 20_000, days: 60, seed: 11, threads: 1 } as const;
let runs = 0;

async function run(options: Partial<SimulateOptions>): Promise<SimulateResult & { out: string }> {
  const out = options.out ?? join(root, String(runs++));
  return { ...(await simulate({ ...small, ...options, out })), out };
}

async function hashes(folder: string): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const name of (await readdir(folder)).sort()) {
    result[name] = createHash('sha256')
      .update(await readFile(join(folder, name)))
      .digest('hex');
  }
  return result;
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, unknown>[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function caught(work: Promise<unknown>): Promise<UpsqlError> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof UpsqlError)) throw new Error(`expected an UpsqlError, got ${String(error)}`);
  return error;
}

describe('simulate', () => {
  it('writes the same bytes again, on two threads too, and others for another seed', async () => {
    // Enough blocks that both threads really run.
    const big = { users: 2000, events: 1_400_000, days: 90, format: 'csv', seed: 5 } as const;
    const one = await run({ ...big, threads: 1 });
    const two = await run({ ...big, threads: 2 });
    expect(await hashes(two.out)).toEqual(await hashes(one.out));
    const parquet = await run({ ...big, format: 'parquet', threads: 1 });
    const again = await run({ ...big, format: 'parquet', threads: 2 });
    expect(await hashes(again.out)).toEqual(await hashes(parquet.out));

    const first = await hashes((await run({})).out);
    expect(await hashes((await run({})).out)).toEqual(first);
    const other = await hashes((await run({ seed: 12 })).out);
    for (const name of ['events.jsonl', 'users.jsonl', 'plan_changes.jsonl', 'truth.jsonl'])
      expect(other[name]).not.toBe(first[name]);
  });

  it('has the same events in all formats, and DuckDB reads them', async () => {
    const folders = {
      json: (await run({ format: 'json', dirt: 0 })).out,
      csv: (await run({ format: 'csv', dirt: 0 })).out,
      parquet: (await run({ format: 'parquet', dirt: 0 })).out,
    };
    const sources = {
      json: `read_json('${folders.json}/TABLE.jsonl')`,
      csv: `read_csv('${folders.csv}/TABLE.csv')`,
      parquet: `read_parquet('${folders.parquet}/TABLE.parquet')`,
    };
    const summary = async (source: string, table: string, columns: string): Promise<unknown> =>
      query(`select ${columns} from ${source.replace('TABLE', table)}`);
    // Hashing each row as text compares every value, whatever types the readers chose.
    const events = `count(*)::int as n, sum(hash(concat_ws('|', user_id, epoch_ms("timestamp"::timestamp), category_used,
      feature_used, session_length, platform)))::text as h`;
    const users = `count(*)::int as n, sum(hash(concat_ws('|', user_id, name, email, country, plan, signup_date::date)))::text as h`;
    const changes = `count(*)::int as n, sum(hash(concat_ws('|', user_id, epoch_ms(changed_at::timestamp), previous_plan, plan)))::text as h`;
    const changed = (await readFile(join(folders.json, 'plan_changes.jsonl'), 'utf8')).trimEnd().split('\n').length;
    const truth = `count(*)::int as n, sum(hash(concat_ws('|', user_id, persona, cohort_month, activity_rate::double,
      lifetime_days, churn_date::date, coalesce(pause_start::date::text, '-'), coalesce(pause_end::date::text, '-'))))::text as h`;
    for (const [table, columns, rows] of [
      ['events', events, small.events],
      ['users', users, small.users],
      ['plan_changes', changes, changed],
      ['truth', truth, small.users],
    ] as const) {
      const json = await summary(sources.json, table, columns);
      expect(json).toMatchObject([{ n: rows }]);
      expect(await summary(sources.csv, table, columns)).toEqual(json);
      expect(await summary(sources.parquet, table, columns)).toEqual(json);
    }
    const described = await query(`describe select * from ${sources.parquet.replace('TABLE', 'events')}`);
    expect(described.map((row) => `${row.column_name} ${row.column_type}`)).toEqual([
      'user_id INTEGER',
      'timestamp TIMESTAMP',
      'category_used VARCHAR',
      'feature_used VARCHAR',
      'session_length INTEGER',
      'platform VARCHAR',
    ]);
  });

  it('says exactly what is damaged', async () => {
    const result = await run({ dirt: 0.05 });
    const { tally } = result;
    const lines = (await readFile(join(result.out, 'events.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(tally.rows);
    expect(tally.events).toBe(small.events);
    expect(tally.rows).toBe(tally.events + tally.malformed + tally.duplicate + tally.missing + tally.platform);
    const seen = new Set<string>();
    const found = { malformed: 0, duplicate: 0, missing: 0, platform: 0, good: 0 };
    for (const line of lines) {
      let event: Record<string, unknown>;
      try {
        event = JSON.parse(line);
      } catch {
        found.malformed++;
        continue;
      }
      if (['user_id', 'timestamp', 'feature_used'].some((name) => event[name] === undefined)) found.missing++;
      else if (event.platform === 'smart_fridge') found.platform++;
      else if (seen.has(line)) found.duplicate++;
      else {
        seen.add(line);
        found.good++;
      }
    }
    expect(found).toEqual({
      good: tally.events,
      malformed: tally.malformed,
      duplicate: tally.duplicate,
      missing: tally.missing,
      platform: tally.platform,
    });
    for (const kind of ['malformed', 'duplicate', 'missing', 'platform'] as const)
      expect(tally[kind]).toBeGreaterThan(50);

    const parquet = await run({ dirt: 0.05, format: 'parquet' });
    expect(parquet.tally).toEqual(tally);
    const [counts] = await query(
      `select count(*)::int as n, count(*) filter (session_length is null)::int as empty,
        count(*) filter (session_length is not null and (user_id is null or "timestamp" is null or feature_used is null))::int as missing
       from '${parquet.out}/events.parquet'`,
    );
    expect(counts).toEqual({ n: tally.rows, empty: tally.malformed, missing: tally.missing });
  });

  it('writes profiles of distinct users who signed up before the end', async () => {
    const { out } = await run({});
    const users = (await readFile(join(out, 'users.jsonl'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((l) => JSON.parse(l));
    expect(users.map((u) => u.user_id)).toEqual(Array.from({ length: small.users }, (_, i) => i + 1));
    expect(new Set(users.map((u) => u.email)).size).toBe(small.users);
    expect(new Set(users.map((u) => u.name)).size).toBeGreaterThan(small.users * 0.9);
    for (const u of users) {
      expect(u.email).toMatch(/^[^@\s]+@example\.com$/);
      expect(u.country).toMatch(/^[A-Z]{2}$/);
      expect(['free', 'plus', 'premium']).toContain(u.plan);
      expect(u.signup_date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(u.signup_date < '2026-01-01').toBe(true);
    }
  });

  it('carries on where the first batch ended: slices laid end to end are one run', async () => {
    const whole = await run({ toDay: 70 });
    const base = await run({});
    const next = await run({ out: base.out, appendDays: 10 });
    expect(base.events).toBe(small.events);
    expect((await readdir(base.out)).sort()).toEqual([
      'events-2026-01-01.jsonl',
      'events.jsonl',
      'plan_changes-2026-01-01.jsonl',
      'plan_changes.jsonl',
      'truth-2026-01-01.jsonl',
      'truth.jsonl',
      'users-2026-01-01.jsonl',
      'users.jsonl',
    ]);
    for (const table of ['events', 'users', 'truth']) {
      const first = await readFile(join(base.out, `${table}.jsonl`), 'utf8');
      const second = await readFile(join(base.out, `${table}-2026-01-01.jsonl`), 'utf8');
      expect(first + second).toBe(await readFile(join(whole.out, `${table}.jsonl`), 'utf8'));
    }
    // Changes of plan are in the order of users, of whom those of earlier batches change theirs in later ones too.
    const changes = async (folder: string, name: string): Promise<string[]> =>
      (await readFile(join(folder, `plan_changes${name}.jsonl`), 'utf8')).trimEnd().split('\n');
    const later = await changes(base.out, '-2026-01-01');
    const both = [...(await changes(base.out, '')), ...later];
    expect(both.sort()).toEqual((await changes(whole.out, '')).sort());
    expect(later.every((line) => JSON.parse(line).changed_at >= '2026-01-01')).toBe(true);
    expect(later.some((line) => JSON.parse(line).user_id <= small.users)).toBe(true);
    expect(next).toMatchObject({ firstDate: '2026-01-01', lastDate: '2026-01-10', others: [] });
    expect((await run({ out: base.out, seed: 3 })).others).toEqual(['events-2026-01-01.jsonl']);
    expect(next.events).toBeGreaterThan(small.events / 12);
    expect(next.users).toBeGreaterThan(5);

    const late = await run({ appendDays: 10, late: 0.2, dirt: 0 });
    const lines = (await readFile(join(late.out, 'events-2026-01-01.jsonl'), 'utf8')).trimEnd().split('\n');
    const before = lines.map((l) => JSON.parse(l).timestamp).filter((t) => t < '2026-01-01');
    expect(before.length).toBeGreaterThan(20);
    expect(before.every((t) => t >= '2025-12-29')).toBe(true);
  });

  it('writes empty tables that can be read', async () => {
    for (const format of ['json', 'csv', 'parquet'] as const) {
      const { out, events } = await run({ events: 0, format });
      expect(events).toBe(0);
      if (format === 'json') expect(await readFile(join(out, 'events.jsonl'), 'utf8')).toBe('');
      else expect(await query(`select count(*)::int as n from '${out}/events.${format}'`)).toEqual([{ n: 0 }]);
    }
  });

  it('has no truth to tell in classic mode', async () => {
    const { out } = await run({ behaviour: 'classic' });
    expect((await readdir(out)).sort()).toEqual(['events.jsonl', 'plan_changes.jsonl', 'users.jsonl']);
    expect(await readFile(join(out, 'plan_changes.jsonl'), 'utf8')).toBe('');
  });

  it('reports progress up to the end', async () => {
    const seen: [number, number][] = [];
    await run({ events: 150_000, onProgress: (done, total) => seen.push([done, total]) });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toEqual([150_000, 150_000]);
    for (let i = 1; i < seen.length; i++) expect(seen[i]?.[0]).toBeGreaterThan(seen[i - 1]?.[0] ?? 0);
  });
});

describe('a simulation that cannot finish', () => {
  it.each([1, 2])('leaves the files of the run before when it is stopped (%i threads)', async (threads) => {
    const before = await run({});
    const files = await hashes(before.out);
    const controller = new AbortController();
    const options = { out: before.out, events: 2_000_000, days: 60, threads, signal: controller.signal };
    await expect(run({ ...options, onProgress: () => controller.abort(new Error('stopped')) })).rejects.toThrow(
      'stopped',
    );
    expect(await hashes(before.out)).toEqual(files);
  });

  it('says so when the disk is full, and leaves what was there', async () => {
    const before = await run({});
    const files = await hashes(before.out);
    // A write to /dev/full fails as one to a full disk does.
    await symlink('/dev/full', join(before.out, `events.jsonl.tmp-${process.pid}`));
    const error = await caught(run({ out: before.out, seed: 99 }));
    expect(error.diagnostics).toMatchObject([{ code: 'disk-full' }]);
    expect(error.exitCode).toBe(2);
    expect(await hashes(before.out)).toEqual(files);
  });

  it('says so when a file is where the folder should be', async () => {
    const out = join(root, 'a-file');
    await writeFile(out, '');
    expect((await caught(run({ out }))).diagnostics).toMatchObject([{ code: 'not-a-folder' }]);
    expect((await caught(run({ out: join(out, 'below') }))).diagnostics).toMatchObject([{ code: 'not-a-folder' }]);
  });

  it('clears away what killed runs have left, but not what others are writing', async () => {
    const out = join(root, 'leftovers');
    await mkdir(out);
    await writeFile(join(out, 'events.jsonl.tmp-4194305'), 'half');
    await writeFile(join(out, `users.jsonl.tmp-${process.ppid}`), 'at work');
    await writeFile(join(out, 'mine.tmp-4194305'), 'not ours');
    await run({ out });
    const names = await readdir(out);
    expect(names).not.toContain('events.jsonl.tmp-4194305');
    expect(names).toContain(`users.jsonl.tmp-${process.ppid}`);
    expect(names).toContain('mine.tmp-4194305');
  });
});
