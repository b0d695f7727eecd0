import type { CompiledQuery, DatabaseConnection, Driver, QueryResult as KyselyResult } from 'kysely';
import type { Dialect, Parameter, QueryResult, ResultColumn, Session, SqlValue } from '../adapter.js';
import { toProgramName } from '../names.js';

/** How the values of a column become values in TypeScript. */
export type ValueReader = (column: ResultColumn) => (value: SqlValue) => unknown;

const asIs: ValueReader = () => (value) => value;

export interface DriverOptions {
  /** How values of a column are read; by default as the session gives them. */
  readonly reader?: ValueReader;
  /** Called before each statement; what it throws stops it. */
  readonly before?: () => void;
  /** Makes the error to throw of one that came up, with the stack of the call that the statement came from. */
  readonly failed?: (error: unknown, callStack: string | undefined) => unknown;
}

/** Rows as objects under the names that TypeScript uses. */
export function toObjects(result: Pick<QueryResult, 'columns' | 'rows'>, dialect: Dialect, reader: ValueReader = asIs) {
  const names = result.columns.map((column) => toProgramName(dialect, column.name));
  const readers = result.columns.map(reader);
  return result.rows.map((row) => {
    const object: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) object[names[i] ?? ''] = readers[i]?.(row[i] ?? null);
    return object;
  });
}

function toParameter(value: unknown): Parameter {
  return value === undefined ? null : (value as Parameter);
}

/** Kysely's connection over a session; the session itself keeps statements in order. */
class SessionConnection implements DatabaseConnection {
  readonly #session: Session;
  readonly #dialect: Dialect;
  readonly #options: DriverOptions;

  constructor(session: Session, dialect: Dialect, options: DriverOptions) {
    this.#session = session;
    this.#dialect = dialect;
    this.#options = options;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<KyselyResult<R>> {
    const { before, failed, reader } = this.#options;
    const callStack = failed && new Error().stack;
    try {
      before?.();
      const result = await this.#session.execute(query.sql, { parameters: query.parameters.map(toParameter) });
      const rows = toObjects(result, this.#dialect, reader) as R[];
      return result.rowsAffected === undefined ? { rows } : { rows, numAffectedRows: BigInt(result.rowsAffected) };
    } catch (error) {
      throw failed ? failed(error, callStack) : error;
    }
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<KyselyResult<R>> {
    const { before, failed, reader } = this.#options;
    const callStack = failed && new Error().stack;
    try {
      before?.();
      const batches = this.#session.stream(query.sql, { parameters: query.parameters.map(toParameter) });
      for await (const batch of batches) yield { rows: toObjects(batch, this.#dialect, reader) as R[] };
    } catch (error) {
      throw failed ? failed(error, callStack) : error;
    }
  }
}

/** One connection, which is the session; Kysely's transactions are the session's. */
export class SessionDriver implements Driver {
  readonly #session: Session;
  readonly #connection: DatabaseConnection;

  constructor(session: Session, dialect: Dialect, options: DriverOptions = {}) {
    this.#session = session;
    this.#connection = new SessionConnection(session, dialect, options);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }

  beginTransaction(): Promise<void> {
    return this.#session.begin();
  }

  commitTransaction(): Promise<void> {
    return this.#session.commit();
  }

  rollbackTransaction(): Promise<void> {
    return this.#session.rollback();
  }

  async releaseConnection(): Promise<void> {}

  /** The session belongs to whoever opened it. */
  async destroy(): Promise<void> {}
}
