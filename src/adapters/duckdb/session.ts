import type {
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBMaterializedResult,
  DuckDBResult,
  DuckDBType,
  DuckDBValue,
} from '@duckdb/node-api';
import { blobValue, StatementType, timestampValue } from '@duckdb/node-api';
import type {
  BulkLoad,
  ColumnarResult,
  NumbersFunction,
  Parameter,
  QueryOptions,
  QueryResult,
  ResultColumn,
  RowBatch,
  Session,
  SqlValue,
} from '../adapter.js';
import { ChunkStream, StreamTurn } from './chunk-stream.js';
import { readColumns, readRows } from './columnar.js';
import { toDatabaseError } from './errors.js';
import { bulkLoad } from './load.js';
import { defineNumbersFunction } from './numbers-function.js';
import { type RetryPolicy, stateError, withRetries } from './retry.js';
import { type Statement, splitStatements, transactionVerb } from './split.js';
import { type ZoneOffset, zoneOffset } from './timestamps.js';
import { needsZone, typeName } from './values.js';

const utc: ZoneOffset = () => 0;

/** Result columns; a name that comes twice gets `_2`, `_3` ... as dbt's tables do. */
function describe(result: DuckDBResult): { columns: ResultColumn[]; types: DuckDBType[] } {
  const types = result.columnTypes();
  const taken = new Set<string>();
  const columns = result.columnNames().map((name, i) => {
    let unique = name;
    for (let n = 2; taken.has(unique); n++) unique = `${name}_${n}`;
    taken.add(unique);
    const type = types[i];
    return { name: unique, type: type === undefined ? 'UNKNOWN' : typeName(type) };
  });
  return { columns, types };
}

function chunksOf(result: DuckDBMaterializedResult): DuckDBDataChunk[] {
  return Array.from({ length: result.chunkCount }, (_, i) => result.getChunk(i));
}

function toParameter(value: Parameter): DuckDBValue {
  if (value instanceof Date) return timestampValue(BigInt(value.getTime()) * 1000n);
  if (value instanceof Uint8Array) return blobValue(value);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}

/** Milliseconds. */
const CANCEL_INTERVAL = 25;

function settle(): void {}

export interface SessionOptions {
  readonly policy: RetryPolicy;
  /** dbt-duckdb's `disable_transactions`: begin and commit do nothing. */
  readonly disableTransactions: boolean;
  /** Prepares the instance for statements that call back into this process. */
  readonly onFunction: (session: DuckDbSession) => Promise<void>;
}

/** A connection to a DuckDB instance. Calls queue up; each starts when the one before has ended. */
export class DuckDbSession implements Session {
  readonly name: string;
  readonly #connection: DuckDBConnection;
  readonly #options: SessionOptions;
  readonly #onClose: (session: DuckDbSession) => void;
  #tail: Promise<void> = Promise.resolve();
  /** The stream that was asked for last. */
  #turn: StreamTurn | undefined;
  /** Settles with the statement under way. */
  #running: Promise<void> = Promise.resolve();
  #inTransaction = false;
  #closed = false;

  constructor(
    name: string,
    connection: DuckDBConnection,
    options: SessionOptions,
    onClose: (session: DuckDbSession) => void,
  ) {
    this.name = name;
    this.#connection = connection;
    this.#options = options;
    this.#onClose = onClose;
  }

  get inTransaction(): boolean {
    return this.#inTransaction;
  }

  execute(sql: string, options: QueryOptions = {}): Promise<QueryResult> {
    return this.#queue(sql, async () => {
      const result = await this.#runAll(sql, options.parameters);
      if (result === undefined) return { columns: [], rows: [], message: 'OK' };
      const { columns, types } = describe(result);
      if (result.statementType === StatementType.SELECT || result.columnCount !== 1 || columns[0]?.name !== 'Count') {
        const rows = options.fetch === false ? [] : await this.#rows(result, types, options.limit);
        return { columns, rows, message: 'OK' };
      }
      // DML and `create table as` answer with one row: how many rows they changed or made.
      const count = result.rowCount > 0 ? Number(result.getChunk(0).getColumnVector(0).getItem(0)) : undefined;
      return count === undefined
        ? { columns: [], rows: [], message: 'OK' }
        : { columns: [], rows: [], message: 'OK', rowsAffected: count };
    });
  }

  async defineFunction(definition: NumbersFunction): Promise<void> {
    defineNumbersFunction(this.#connection, definition);
    await this.#options.onFunction(this);
  }

  columns(sql: string): Promise<ColumnarResult> {
    return this.#queue(sql, async () => {
      const result = await this.#runAll(sql);
      if (result === undefined) return { length: 0, columns: new Map(), types: [] };
      const { columns, types } = describe(result);
      return readColumns(chunksOf(result), columns, types, await this.#zone(types));
    });
  }

  async *stream(sql: string, options: Pick<QueryOptions, 'parameters'> = {}): AsyncGenerator<RowBatch> {
    const turn = new StreamTurn();
    const start = this.#enter(turn.over);
    this.#turn = turn;
    await start;
    try {
      if (this.#closed) throw stateError(`the session '${this.name}' is closed`, sql);
      const zone = await this.#zoneNow();
      const result = await this.#connection.stream(sql, options.parameters?.map(toParameter));
      const { columns, types } = describe(result);
      const chunks = new ChunkStream(result);
      turn.begin(chunks);
      let empty = true;
      for (let chunk = await chunks.next(); chunk !== undefined; chunk = await chunks.next()) {
        empty = false;
        yield { columns, rows: readRows(chunk, types, zone) };
      }
      if (empty) yield { columns, rows: [] };
    } catch (error) {
      throw toDatabaseError(error, sql);
    } finally {
      turn.end();
    }
  }

  load(load: BulkLoad): Promise<void> {
    const about = `load of ${load.table.identifier ?? 'a table'}`;
    return this.#queue(about, async () => {
      const run = (sql: string) =>
        this.#connection.run(sql).catch((e: unknown) => Promise.reject(toDatabaseError(e, sql)));
      const own = !this.#inTransaction;
      if (own) await run('begin transaction');
      try {
        await bulkLoad(this.#connection, load, run);
        if (own) await run('commit');
      } catch (error) {
        if (own) await this.#connection.run('rollback').catch(() => undefined);
        throw toDatabaseError(error, about);
      }
    });
  }

  async begin(): Promise<void> {
    if (!this.#options.disableTransactions) await this.execute('begin transaction');
  }

  async commit(): Promise<void> {
    if (this.#options.disableTransactions && !this.#inTransaction) return;
    await this.execute('commit');
  }

  async rollback(): Promise<void> {
    await this.#queue('rollback', async () => {
      if (this.#inTransaction) await this.#connection.run('rollback');
    }).catch(() => undefined);
    this.#inTransaction = false;
  }

  /** A statement that waits for a thread of libuv's pool is not to be interrupted yet: it is tried until it ends. */
  cancel(): void {
    if (this.#closed) return;
    this.#connection.interrupt();
    const again = setInterval(() => this.#connection.interrupt(), CANCEL_INTERVAL);
    void this.#running.then(() => clearInterval(again));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.rollback();
    this.#closed = true;
    this.#connection.closeSync();
    this.#onClose(this);
  }

  /** Joins the queue until `over`; gives when the turn has come. A stream that is being read makes room. */
  #enter(over: Promise<unknown>): Promise<void> {
    const before = this.#tail;
    this.#turn?.makeRoom();
    this.#tail = before.then(async () => {
      await over;
    });
    return before;
  }

  /** Runs `task` after all that were queued before it. */
  #queue<T>(sql: string, task: () => Promise<T>): Promise<T> {
    let end: () => void = () => {};
    const start = this.#enter(
      new Promise<void>((resolve) => {
        end = resolve;
      }),
    );
    return start
      .then(() => {
        if (this.#closed) throw stateError(`the session '${this.name}' is closed`, sql);
        const running = task();
        this.#running = running.then(settle, settle);
        return running;
      })
      .finally(end);
  }

  async #runAll(sql: string, parameters?: readonly Parameter[]): Promise<DuckDBMaterializedResult | undefined> {
    const statements = splitStatements(sql);
    if (statements.length > 1) await this.#checkSyntax(sql);
    let last: DuckDBMaterializedResult | undefined;
    for (const statement of statements) last = await this.#run(sql, statement, parameters);
    return last;
  }

  /** A text of several statements is parsed as a whole first, so that none runs when a later one is no SQL. */
  async #checkSyntax(sql: string): Promise<void> {
    try {
      await this.#connection.extractStatements(sql);
    } catch (error) {
      throw toDatabaseError(error, sql);
    }
  }

  async #run(sql: string, statement: Statement, parameters?: readonly Parameter[]): Promise<DuckDBMaterializedResult> {
    const about = { sql, start: statement.start, ran: statement.text };
    const values = parameters?.map(toParameter);
    const verb = transactionVerb(statement.text);
    try {
      const run = () => this.#connection.run(statement.text, values);
      const result = await withRetries(run, about, this.#options.policy, !this.#inTransaction);
      if (verb === 'begin') this.#inTransaction = true;
      return result;
    } finally {
      // A commit that fails has ended its transaction too.
      if (verb === 'end') this.#inTransaction = false;
    }
  }

  async #rows(result: DuckDBMaterializedResult, types: readonly DuckDBType[], limit?: number): Promise<SqlValue[][]> {
    const zone = await this.#zone(types);
    const rows: SqlValue[][] = [];
    for (let i = 0; i < result.chunkCount && (limit === undefined || rows.length < limit); i++) {
      for (const row of readRows(result.getChunk(i), types, zone)) rows.push(row);
    }
    return limit === undefined ? rows : rows.slice(0, limit);
  }

  async #zone(types: readonly DuckDBType[]): Promise<ZoneOffset> {
    return types.some(needsZone) ? this.#zoneNow() : utc;
  }

  async #zoneNow(): Promise<ZoneOffset> {
    const result = await this.#connection.run("select current_setting('TimeZone')");
    return zoneOffset(String(result.getChunk(0).getColumnVector(0).getItem(0)));
  }
}
