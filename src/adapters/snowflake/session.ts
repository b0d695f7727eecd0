import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, RowStatement } from 'snowflake-sdk';
import type { BulkLoad, ColumnarResult, QueryOptions, QueryResult, RowBatch, Session, SqlValue } from '../adapter.js';
import { DatabaseError } from '../adapter.js';
import { toColumnar } from './columnar.js';
import { connect, disconnect } from './connect.js';
import type { SnowflakeProfile } from './credentials.js';
import type { Quoting } from './dialect.js';
import { isExpired, isTransient, redact, toDatabaseError } from './errors.js';
import { isSmall, loadStatements, planLoad, textRows } from './literal-load.js';
import {
  changesData,
  leavesState,
  queryTagOf,
  type Statement,
  splitStatements,
  transactionVerb,
  usedWarehouse,
} from './split.js';
import { canTravel, copyRows } from './staged-load.js';
import { type Running, start } from './statement.js';
import { canUnload, LARGE, unloadColumns } from './unload.js';
import { describeColumns } from './values.js';

/** Rows that `stream` hands over at once. */
const BATCH = 5_000;
/** How often a statement that had to give way to a lock is tried, and the first wait in milliseconds. */
const ATTEMPTS = 5;
const FIRST_WAIT = 200;
/** Milliseconds that a cancelled statement is waited for. */
const CANCEL_TIME = 5_000;

const ANSWERED: QueryResult = { columns: [], rows: [], message: 'SUCCESS' };

/** A statement with the comment in front; `start` still leads from places in the text that runs to those of the whole. */
function withLead({ text, start }: Statement, lead: string): Statement {
  const rest = text.trimStart();
  return { text: lead + rest, start: start + text.length - rest.length - lead.length };
}

/**
 * A session of Snowflake. Calls queue up; each starts when the one before has ended.
 *
 * Snowflake commits every DDL statement by itself, so `begin` sends nothing: the transaction starts with the first
 * statement that changes data. A statement `alter session set query_tag` is not sent either, since each following
 * statement carries the tag, nor is a `use warehouse` that names the session's warehouse.
 */
export class SnowflakeSession implements Session {
  readonly name: string;
  readonly #profile: SnowflakeProfile;
  readonly #quoting: Quoting;
  readonly #onClose: (session: SnowflakeSession) => void;
  #connection: Connection;
  #tail: Promise<unknown> = Promise.resolve();
  #running: Running | undefined;
  #cancelled = false;
  #abandon: () => void = () => {};
  #transaction: 'none' | 'asked' | 'open' = 'none';
  #warehouse: string | undefined;
  #queryTag: string | null;
  /** Something was made or set that a new session would not have. */
  #hasState = false;
  #failed = false;
  #closed = false;

  constructor(
    name: string,
    connection: Connection,
    profile: SnowflakeProfile,
    quoting: Quoting,
    onClose: (session: SnowflakeSession) => void,
  ) {
    this.name = name;
    this.#connection = connection;
    this.#profile = profile;
    this.#quoting = quoting;
    this.#onClose = onClose;
    this.#warehouse = profile.warehouse;
    this.#queryTag = profile.queryTag ?? null;
  }

  get inTransaction(): boolean {
    return this.#transaction !== 'none';
  }

  execute(sql: string, options: QueryOptions = {}): Promise<QueryResult> {
    return this.#queue(sql, () => this.#runAll(sql, options));
  }

  columns(sql: string): Promise<ColumnarResult> {
    return this.#queue(sql, async () => {
      const statements = splitStatements(sql);
      const [only] = statements;
      // Files keep no order of rows.
      if (only === undefined || statements.length > 1 || /\border\s+by\b/i.test(sql)) {
        const { columns, rows } = await this.#runAll(sql, {});
        return toColumnar(columns, rows);
      }
      if (this.#failed) await this.#restore();
      try {
        const done = await this.#start(sql, only, {});
        const count = done.getNumRows();
        const { columns } = describeColumns(done.getColumns() ?? []);
        if (count >= LARGE && canUnload(columns))
          return await unloadColumns(done.getQueryId(), count, columns, (text) => this.#own(text));
        const { rows } = await this.#result(done, {});
        return toColumnar(columns, rows);
      } catch (error) {
        this.#failed = true;
        throw this.#fault(error, sql, only);
      }
    });
  }

  /** The session takes up the next statement when all rows were read or the reader has stopped. */
  async *stream(sql: string, options: Pick<QueryOptions, 'parameters'> = {}): AsyncGenerator<RowBatch> {
    let end: () => void = () => {};
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    const before = this.#tail;
    this.#tail = before.then(() => over);
    await before;
    try {
      this.#checkOpen(sql);
      const statements = splitStatements(sql);
      const last = statements.pop();
      for (const statement of statements) await this.#run(sql, statement, {});
      if (last === undefined) return;
      const done = await this.#start(sql, last, options);
      const { columns, readers } = describeColumns(done.getColumns() ?? []);
      let rows: SqlValue[][] = [];
      let sent = false;
      for await (const row of done.streamRows() as AsyncIterable<unknown[]>) {
        rows.push(readers.map((read, i) => read(row[i])));
        if (rows.length < BATCH) continue;
        yield { columns, rows };
        sent = true;
        rows = [];
      }
      if (rows.length > 0 || !sent) yield { columns, rows };
    } catch (error) {
      throw this.#fault(error, sql);
    } finally {
      end();
    }
  }

  load(load: BulkLoad): Promise<void> {
    const about = `load of ${load.table.identifier ?? 'a table'}`;
    return this.#queue(about, async () => {
      if (isSmall(load) || !canTravel(textRows(load), load.columns.length)) {
        for (const text of loadStatements(load, this.#quoting)) await this.#own(text);
        return;
      }
      const plan = planLoad(load, this.#quoting);
      await this.#own(plan.create);
      await copyRows(plan.staged, textRows(load), load.columns.length, (text) => this.#own(text));
      for (const text of plan.finish) await this.#own(text);
    });
  }

  append(table: string, rows: readonly (readonly (string | null)[])[]): Promise<void> {
    const width = rows[0]?.length ?? 0;
    return this.#queue(`load of ${table}`, () => copyRows(table, rows.values(), width, (text) => this.#own(text)));
  }

  begin(): Promise<void> {
    return this.#queue('begin', async () => {
      if (this.#transaction === 'none') this.#transaction = 'asked';
    });
  }

  commit(): Promise<void> {
    return this.#queue('commit', async () => {
      if (this.#transaction === 'open') await this.#run('commit', { text: 'commit', start: 0 }, { fetch: false });
      this.#transaction = 'none';
    });
  }

  async rollback(): Promise<void> {
    await this.#queue('rollback', async () => {
      if (this.#transaction === 'open') await this.#run('rollback', { text: 'rollback', start: 0 }, { fetch: false });
    }).catch(() => undefined);
    this.#transaction = 'none';
  }

  cancel(): void {
    if (this.#running === undefined) return;
    this.#cancelled = true;
    void this.#running.cancel();
    // A server that does not answer a cancellation keeps nobody waiting.
    setTimeout(() => this.#abandon(), CANCEL_TIME).unref();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.rollback();
    this.#closed = true;
    this.#onClose(this);
    await disconnect(this.#connection);
  }

  #checkOpen(sql: string): void {
    if (this.#closed) throw new DatabaseError(`the session '${this.name}' is closed`, sql);
  }

  #fault(error: unknown, sql: string, statement?: Statement): DatabaseError {
    return toDatabaseError(error, sql, this.#profile.secrets, statement?.start, statement?.text);
  }

  /** Runs `task` after all that were queued before it. */
  #queue<T>(sql: string, task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(() => {
      this.#checkOpen(sql);
      return task();
    });
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #runAll(sql: string, options: QueryOptions): Promise<QueryResult> {
    if (this.#failed) await this.#restore();
    let last: QueryResult | undefined;
    const opened = this.#transaction === 'open';
    // The query comment stands before the first statement; in the query history it belongs to each.
    const lead = /^\/\*[\s\S]*?\*\/\n/.exec(sql)?.[0] ?? '';
    try {
      for (const found of splitStatements(sql)) {
        const statement = found.start === 0 ? found : withLead(found, lead);
        const result = await this.#run(sql, statement, options);
        // The statement before a closing commit is what the text was for.
        if (last === undefined || transactionVerb(statement.text) !== 'end') last = result;
      }
    } catch (error) {
      this.#failed = true;
      // A transaction that this text began is nobody else's to end.
      if (!opened && this.#transaction === 'open') await this.#giveUp();
      throw error;
    }
    return last ?? ANSWERED;
  }

  async #giveUp(): Promise<void> {
    this.#transaction = 'none';
    await start(this.#connection, 'rollback', { session: {} }).done.catch(() => undefined);
  }

  /** After a failure, the warehouse and the tag that a model had set are the profile's again. */
  async #restore(): Promise<void> {
    this.#failed = false;
    const { warehouse, queryTag } = this.#profile;
    this.#queryTag = queryTag ?? null;
    if (warehouse === undefined || this.#isCurrent(warehouse)) return;
    const text = `use warehouse ${warehouse}`;
    await this.#run(text, { text, start: 0 }, { fetch: false });
  }

  #isCurrent(warehouse: string): boolean {
    const fold = (name: string) =>
      name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toUpperCase();
    return this.#warehouse !== undefined && fold(this.#warehouse) === fold(warehouse);
  }

  /** True for a statement that changes only what this class keeps. */
  #answer(text: string): boolean {
    const tag = queryTagOf(text);
    if (tag !== undefined) {
      this.#queryTag = tag;
      return true;
    }
    const warehouse = usedWarehouse(text);
    return warehouse !== undefined && this.#isCurrent(warehouse);
  }

  /** A statement of the engine's own. */
  #own(text: string): Promise<QueryResult> {
    return this.#run(text, { text, start: 0 }, {});
  }

  async #run(sql: string, statement: Statement, options: QueryOptions): Promise<QueryResult> {
    if (this.#answer(statement.text)) return ANSWERED;
    const done = await this.#start(sql, statement, options);
    try {
      return await this.#result(done, options);
    } catch (error) {
      throw this.#fault(error, sql, statement);
    }
  }

  /** Sends a statement and follows what it does to the session. */
  async #start(sql: string, statement: Statement, options: QueryOptions): Promise<RowStatement> {
    const { text } = statement;
    const verb = transactionVerb(text);
    if (this.#transaction === 'asked' && verb === undefined && changesData(text)) {
      await this.#attempt(sql, { text: 'begin', start: 0 }, {});
      this.#transaction = 'open';
    }
    try {
      const done = await this.#attempt(sql, statement, options);
      if (verb === 'begin') this.#transaction = 'open';
      if (leavesState(text)) this.#hasState = true;
      this.#warehouse = usedWarehouse(text) ?? this.#warehouse;
      return done;
    } finally {
      if (verb === 'end') this.#transaction = 'none';
    }
  }

  /** One statement, again when it gave way to a lock or when the session had expired before it began. */
  async #attempt(sql: string, statement: Statement, options: QueryOptions): Promise<RowStatement> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#send(statement.text, options);
      } catch (error) {
        if (this.#cancelled) {
          this.#cancelled = false;
          throw new DatabaseError('The statement was cancelled.', sql, 'interrupted');
        }
        const again = attempt < ATTEMPTS && this.#transaction !== 'open';
        if (again && isTransient(error)) await sleep(FIRST_WAIT * 2 ** (attempt - 1) * (0.5 + Math.random()));
        else if (again && isExpired(error) && !this.#hasState) await this.#reconnect();
        else throw this.#explained(error, sql, statement);
      }
    }
  }

  #explained(error: unknown, sql: string, statement: Statement): DatabaseError {
    const fault = this.#fault(error, sql, statement);
    if (!isExpired(error)) return fault;
    const lost =
      'The session at Snowflake has ended, and with it its temporary tables or its open transaction. Run again';
    return new DatabaseError(`${lost} (${redact(fault.message, this.#profile.secrets)}).`, sql, 'io', fault.offset);
  }

  async #reconnect(): Promise<void> {
    const old = this.#connection;
    this.#connection = await connect(this.#profile);
    this.#warehouse = this.#profile.warehouse;
    void disconnect(old);
  }

  async #send(text: string, { parameters }: QueryOptions): Promise<RowStatement> {
    const session: Record<string, string> = this.#queryTag === null ? {} : { QUERY_TAG: this.#queryTag };
    const running = start(this.#connection, text, { parameters, session });
    this.#running = running;
    this.#cancelled = false;
    try {
      const abandoned = new Promise<never>((_, reject) => {
        this.#abandon = () => reject(new Error('cancelled'));
      });
      return await Promise.race([running.done, abandoned]);
    } finally {
      this.#running = undefined;
      // An answer to an abandoned statement comes too late for anybody.
      running.done.catch(() => undefined);
    }
  }

  async #result(done: RowStatement, { fetch, limit }: QueryOptions): Promise<QueryResult> {
    const { columns, readers } = describeColumns(done.getColumns() ?? []);
    const changed = done.getNumUpdatedRows();
    const rowsAffected = changed === undefined || changed < 0 ? undefined : changed;
    const rows: SqlValue[][] = [];
    if (fetch !== false && limit !== 0) {
      for await (const row of done.streamRows() as AsyncIterable<unknown[]>) {
        rows.push(readers.map((read, i) => read(row[i])));
        if (rows.length === limit) break;
      }
    }
    const count = rowsAffected ?? done.getNumRows();
    return {
      columns,
      rows,
      message: `SUCCESS ${count}`,
      queryId: done.getQueryId(),
      ...(rowsAffected === undefined ? {} : { rowsAffected }),
    };
  }
}
