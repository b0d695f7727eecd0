import type { CompiledQuery, DatabaseConnection, Driver, QueryResult as KyselyResult } from 'kysely';
import type { Dialect, Parameter, QueryResult, ResultColumn, Session, SqlValue } from '../adapter.js';
import { toProgramName } from '../names.js';

/** How the values of a column become values in TypeScript. */
export type ValueReader = (column: ResultColumn) => (value: SqlValue) => unknown;

const asIs: ValueReader = () => (value) => value;

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
  readonly #reader: ValueReader | undefined;

  constructor(session: Session, dialect: Dialect, reader: ValueReader | undefined) {
    this.#session = session;
    this.#dialect = dialect;
    this.#reader = reader;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<KyselyResult<R>> {
    const result = await this.#session.execute(query.sql, { parameters: query.parameters.map(toParameter) });
    const rows = toObjects(result, this.#dialect, this.#reader) as R[];
    return result.rowsAffected === undefined ? { rows } : { rows, numAffectedRows: BigInt(result.rowsAffected) };
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<KyselyResult<R>> {
    const batches = this.#session.stream(query.sql, { parameters: query.parameters.map(toParameter) });
    for await (const batch of batches) yield { rows: toObjects(batch, this.#dialect, this.#reader) as R[] };
  }
}

/** One connection, which is the session; Kysely's transactions are the session's. */
export class SessionDriver implements Driver {
  readonly #session: Session;
  readonly #connection: DatabaseConnection;

  constructor(session: Session, dialect: Dialect, reader?: ValueReader) {
    this.#session = session;
    this.#connection = new SessionConnection(session, dialect, reader);
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
