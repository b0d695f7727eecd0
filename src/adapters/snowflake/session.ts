import type { Connection, RowStatement } from 'snowflake-sdk';
import type { BulkLoad, ColumnarResult, QueryOptions, QueryResult, RowBatch, Session } from '../adapter.js';
import { DatabaseError } from '../adapter.js';
import { toColumnar } from './columnar.js';
import type { SnowflakeProfile } from './credentials.js';
import type { Quoting } from './dialect.js';
import { isSmall, loadStatements, planLoad, textRows } from './literal-load.js';
import { readBatches, readResult } from './results.js';
import { Sender } from './sender.js';
import { SessionState } from './session-state.js';
import { changesData, commentOf, type Statement, splitStatements, transactionVerb } from './split.js';
import { canTravel, copyRows } from './staged-load.js';
import { canUnload, LARGE, unloadColumns } from './unload.js';
import { describeColumns } from './values.js';

const ANSWERED: QueryResult = { columns: [], rows: [], message: 'SUCCESS' };

/**
 * A session of Snowflake. Calls queue up; each starts when the one before has ended.
 *
 * Snowflake commits every DDL statement by itself, so `begin` sends nothing: the transaction starts with the first
 * statement that changes data. A statement `alter session set query_tag` is not sent either, since each following
 * statement carries the tag, nor is a `use warehouse` that names the session's warehouse.
 */
export class SnowflakeSession implements Session {
  readonly name: string;
  readonly #quoting: Quoting;
  readonly #onClose: (session: SnowflakeSession) => void;
  readonly #state: SessionState;
  readonly #sender: Sender;
  #tail: Promise<unknown> = Promise.resolve();
  #transaction: 'none' | 'asked' | 'open' = 'none';
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
    this.#quoting = quoting;
    this.#onClose = onClose;
    this.#state = new SessionState(profile);
    this.#sender = new Sender(connection, profile, this.#state);
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
          return await unloadColumns(done.getQueryId(), count, columns, this.#own(commentOf(sql)));
        const { rows } = await readResult(done, {});
        return toColumnar(columns, rows);
      } catch (error) {
        this.#failed = true;
        throw this.#sender.fault(error, sql, only);
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
      if (last !== undefined) yield* readBatches(await this.#start(sql, last, options));
    } catch (error) {
      throw this.#sender.fault(error, sql);
    } finally {
      end();
    }
  }

  load(load: BulkLoad, comment = ''): Promise<void> {
    const about = `load of ${load.table.identifier ?? 'a table'}`;
    const own = this.#own(comment);
    return this.#queue(about, async () => {
      if (isSmall(load) || !canTravel(textRows(load), load.columns.length)) {
        for (const text of loadStatements(load, this.#quoting)) await own(text);
        return;
      }
      const plan = planLoad(load, this.#quoting);
      await own(plan.create);
      await copyRows(plan.staged, textRows(load), load.columns.length, own);
      for (const text of plan.finish) await own(text);
    });
  }

  append(table: string, rows: readonly (readonly (string | null)[])[], comment = ''): Promise<void> {
    const width = rows[0]?.length ?? 0;
    return this.#queue(`load of ${table}`, () => copyRows(table, rows.values(), width, this.#own(comment)));
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
    this.#sender.cancel();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.rollback();
    this.#closed = true;
    this.#onClose(this);
    await this.#sender.close();
  }

  #checkOpen(sql: string): void {
    if (this.#closed) throw new DatabaseError(`the session '${this.name}' is closed`, sql);
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
    try {
      for (const statement of splitStatements(sql)) {
        const result = await this.#run(sql, statement, options);
        // The statement before a closing commit is what the text was for.
        if (last === undefined || transactionVerb(statement.text) !== 'end') last = result;
      }
    } catch (error) {
      this.#failed = true;
      // A transaction that this text began is nobody else's to end.
      if (!opened && this.#transaction === 'open') {
        this.#transaction = 'none';
        await this.#sender.giveUp();
      }
      throw error;
    }
    return last ?? ANSWERED;
  }

  /** After a failure, the warehouse and the tag that a model had set are the profile's again. */
  async #restore(): Promise<void> {
    this.#failed = false;
    const text = this.#state.restore();
    if (text !== undefined) await this.#run(text, { text, start: 0 }, { fetch: false });
  }

  /** Runs statements of the engine's own, with a comment behind each. */
  #own(comment: string): (text: string) => Promise<QueryResult> {
    return (text) => this.#run(text, { text: text + comment, start: 0 }, {});
  }

  async #run(sql: string, statement: Statement, options: QueryOptions): Promise<QueryResult> {
    if (this.#state.absorbs(statement.text)) return ANSWERED;
    const done = await this.#start(sql, statement, options);
    try {
      return await readResult(done, options);
    } catch (error) {
      throw this.#sender.fault(error, sql, statement);
    }
  }

  /** Sends a statement and follows what it does to the session. */
  async #start(sql: string, statement: Statement, options: QueryOptions): Promise<RowStatement> {
    const { text } = statement;
    const verb = transactionVerb(text);
    if (this.#transaction === 'asked' && verb === undefined && changesData(text)) {
      await this.#sender.send(sql, { text: 'begin', start: 0 }, {}, false);
      this.#transaction = 'open';
    }
    try {
      const done = await this.#sender.send(sql, statement, options, this.#transaction === 'open');
      if (verb === 'begin') this.#transaction = 'open';
      this.#state.ran(text);
      return done;
    } finally {
      if (verb === 'end') this.#transaction = 'none';
    }
  }
}
