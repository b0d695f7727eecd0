import { readdir } from 'node:fs/promises';
import { BLOCK_EVENTS, type Block, blocksOf, eventsByDay } from './calendar.js';
import { CATEGORY_NAMES, PLATFORMS } from './catalogue.js';
import { EVENT_FIELDS, encode } from './encode.js';
import { CSV_HEADER } from './encode-text.js';
import { generator } from './generate.js';
import { DAY_MS, type Format, type Settings, type SimulateOptions, settings as settingsOf } from './options.js';
import { createOutput, type Output, prepareFolder } from './output.js';
import { footer, MAGIC, type ParquetField, type RowGroup } from './parquet/index.js';
import { PLAN_CHANGE_FIELDS, planChanges } from './plan-changes.js';
import { type JobResult, type Pool, startPool } from './pool.js';
import { type Population, population } from './population.js';
import { eachChunk, profiles, TRUTH_FIELDS, truthOf, USER_FIELDS, userRange } from './profiles.js';
import { addTally, NOTHING, type Tally } from './rows.js';
import { isoDate, type Row, tableFile } from './table-file.js';

export interface SimulatedFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly rows: number;
}

/** What a run wrote. `tally.rows` lines hold `tally.events` good events, of which `tally.late` came late, and damage. */
export interface SimulateResult {
  readonly files: readonly SimulatedFile[];
  readonly events: number;
  readonly users: number;
  readonly planChanges: number;
  readonly tally: Tally;
  /** What `tally.byCategory` and `tally.byPlatform` count. */
  readonly categories: readonly string[];
  readonly platforms: readonly string[];
  /** ISO dates of the first and the last day written. */
  readonly firstDate: string;
  readonly lastDate: string;
  readonly seconds: number;
  readonly bytes: number;
  /** After a run from day 0: older event files in the folder, which a reader of `events*` would take for its slices. */
  readonly others: readonly string[];
}

const EXTENSION: Readonly<Record<Format, string>> = { json: 'jsonl', csv: 'csv', parquet: 'parquet' };

/**
 * Worker threads for so many events. Each has to start and to compile the code anew, which only pays from some blocks on; the
 * first pays earlier, because this thread makes the user profiles meanwhile.
 */
function workersFor({ threads, events, days, fromDay, toDay }: Settings): number {
  const blocks = Math.ceil((events * (toDay - fromDay)) / days / BLOCK_EVENTS);
  if (threads === 1 || blocks < 4) return 0;
  return Math.max(1, Math.min(threads, Math.floor(blocks / 6)));
}

/**
 * Writes simulated users and their events into the folder `out`: `events`, `users`, `plan_changes` and in lifecycle mode
 * `truth`, each with the extension .jsonl, .csv or .parquet. A slice that starts after day 0 adds its first date to the names
 * (`events-2026-01-01.jsonl`) and holds the users who signed up in it and everybody's changes of plan in it. Files appear whole, at the end, or not at all.
 *
 * @throws UpsqlError for wrong options (`invalid-option`) and for a folder that can't be written (`disk-full`,
 * `not-writable`, `not-a-folder`, `write-failed`); the signal's reason when it is aborted.
 */
export async function simulate(options: SimulateOptions): Promise<SimulateResult> {
  const started = performance.now();
  const settings = settingsOf(options);
  options.signal?.throwIfAborted();
  await prepareFolder(settings.out);
  const workers = workersFor(settings);
  const pool = workers === 0 ? undefined : await startPool(workers);
  try {
    return await simulateIn(pool, settings, options, started);
  } finally {
    await pool?.close();
  }
}

async function simulateIn(
  pool: Pool | undefined,
  settings: Settings,
  options: SimulateOptions,
  started: number,
): Promise<SimulateResult> {
  const people = population(settings);
  const counts = eventsByDay(settings, people);
  const blocks = blocksOf(settings, counts);

  const firstDate = isoDate(settings.start / DAY_MS + settings.fromDay);
  const suffix = settings.fromDay === 0 ? '' : `-${firstDate}`;
  const nameOf = (table: string): string => `${table}${suffix}.${EXTENSION[settings.format]}`;
  const outputs: Output[] = [];
  const create = async (table: string): Promise<Output> => {
    const output = await createOutput(settings.out, nameOf(table));
    outputs.push(output);
    return output;
  };
  try {
    const eventsFile = await create('events');
    const usersFile = await create('users');
    const changesFile = await create('plan_changes');
    const truthFile = settings.behaviour === 'lifecycle' ? await create('truth') : undefined;
    const stop = new AbortController();
    const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
    const events = writeEvents(pool, settings, people, blocks, eventsFile, options.onProgress, signal);
    const byUser = { users: usersFile, changes: changesFile, truth: truthFile };
    const users = writeUsers(settings, people, byUser, signal);
    // One that fails stops the other, and both have ended before anything is cleaned up.
    events.catch(() => stop.abort());
    users.catch(() => stop.abort());
    await Promise.allSettled([events, users]);
    options.signal?.throwIfAborted();
    const failed = (await Promise.allSettled([events, users])).find(
      (r): r is PromiseRejectedResult => r.status === 'rejected' && r.reason !== stop.signal.reason,
    );
    if (failed !== undefined) throw failed.reason;
    const tally = await events;
    const written = await users;

    for (const output of outputs) await output.close();
    for (const output of outputs) await output.publish();
    const names = outputs.map((o) => o.name);
    const files = outputs.map((o) => ({
      name: o.name,
      path: o.path,
      bytes: o.bytes(),
      rows: o === eventsFile ? tally.rows : (written.get(o) ?? 0),
    }));
    return {
      files,
      events: tally.events,
      users: written.get(usersFile) ?? 0,
      planChanges: written.get(changesFile) ?? 0,
      tally,
      categories: CATEGORY_NAMES,
      platforms: PLATFORMS.map(({ name }) => name),
      firstDate,
      lastDate: isoDate(settings.start / DAY_MS + settings.toDay - 1),
      seconds: (performance.now() - started) / 1000,
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      others: settings.fromDay === 0 ? (await eventFiles(settings.out)).filter((name) => !names.includes(name)) : [],
    };
  } finally {
    for (const output of outputs) await output.discard();
  }
}

async function eventFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /^events.*\.(jsonl|csv|parquet)$/.test(name)).sort();
}

async function writeEvents(
  pool: Pool | undefined,
  settings: Settings,
  people: Population,
  blocks: readonly Block[],
  output: Output,
  onProgress: ((done: number, total: number) => void) | undefined,
  signal: AbortSignal,
): Promise<Tally> {
  const { format } = settings;
  const total = blocks.reduce((sum, block) => sum + block.events, 0);
  const groups: RowGroup[] = [];
  let tally = NOTHING;
  if (format === 'csv') await output.write(Buffer.from(CSV_HEADER));
  if (format === 'parquet') await output.write(MAGIC);
  const use = async (result: JobResult): Promise<void> => {
    await output.write(result.encoded.bytes);
    if (result.encoded.group !== undefined) groups.push(result.encoded.group);
    tally = addTally(tally, result.tally);
    onProgress?.(tally.events, total);
  };

  if (pool !== undefined) await pool.run(blocks, { settings, people }, use, signal);
  else {
    const generate = generator(settings, people);
    // The next block is made while the last one is being written, in turns into two buffers.
    const buffers: ArrayBuffer[] = [];
    let writing = Promise.resolve();
    for (const block of blocks) {
      const { rows, tally: made } = generate(block);
      const encoded = encode(format, rows, buffers.pop());
      await writing;
      signal.throwIfAborted();
      writing = use({ index: block.index, tally: made, encoded }).then(() => {
        buffers.push(encoded.bytes.buffer as ArrayBuffer);
      });
      // It fails where it is awaited, which is later than it may happen.
      writing.catch(() => undefined);
      // Lets timers, signals and the writer of users have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writing;
  }
  if (format === 'parquet') await output.write(footer(EVENT_FIELDS, groups));
  return tally;
}

/** Writes what goes by user: profiles, changes of plan, and what only the simulator knows. Gives the rows of each file. */
async function writeUsers(
  settings: Settings,
  people: Population,
  files: { readonly users: Output; readonly changes: Output; readonly truth: Output | undefined },
  signal: AbortSignal,
): Promise<ReadonlyMap<Output, number>> {
  const range = userRange(settings, people);
  const rows = new Map<Output, number>();
  const write = async (
    output: Output,
    fields: readonly ParquetField[],
    [from, to]: readonly [number, number],
    make: (user: number) => readonly Row[],
  ): Promise<void> => {
    const table = tableFile(output, settings.format, fields);
    let count = 0;
    await eachChunk([from, to], make, async (chunk) => {
      signal.throwIfAborted();
      count += chunk.length;
      await table.append(chunk);
    });
    await table.finish();
    rows.set(output, count);
  };
  const profileOf = await profiles(settings, people);
  await write(files.users, USER_FIELDS, range, (user) => [profileOf(user)]);
  // Users of earlier slices change their plans too.
  await write(files.changes, PLAN_CHANGE_FIELDS, [0, range[1]], planChanges(settings, people));
  if (files.truth !== undefined)
    await write(files.truth, TRUTH_FIELDS, range, (user) => [truthOf(settings, people, user)]);
  return rows;
}
