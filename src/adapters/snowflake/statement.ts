/** One statement on the driver, as promises. */
import type { Bind, Connection, RowStatement, SnowflakeError } from 'snowflake-sdk';
import type { Parameter } from '../adapter.js';
import { firstWord } from './split.js';

export interface Running {
  /** The statement once Snowflake has run it. */
  readonly done: Promise<RowStatement>;
  /** Asks Snowflake to stop it; ends when that is answered. */
  cancel(): Promise<void>;
}

export interface StatementOptions {
  readonly parameters?: readonly Parameter[] | undefined;
  /** Session parameters for this statement alone, such as QUERY_TAG. */
  readonly session: Readonly<Record<string, string>>;
}

/** Timestamps are bound as their text in UTC, big integers and bytes as theirs. */
function toBind(value: Parameter): Bind {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return JSON.stringify(value);
}

/** The driver knows `put` and `get` by the first letters of a text alone. */
function fileCommand(sql: string): string {
  const at = firstWord(sql);
  return at > 0 && /^(put|get)\s/i.test(sql.slice(at, at + 4)) ? sql.slice(at) : sql;
}

/**
 * Sends a statement. The driver gives it a request id and sends it again under that id when the network fails, or when
 * the answer is 408, 429 or 5xx: Snowflake then gives the answer of the first one and runs nothing twice. A statement
 * that takes long is left running there and asked for again.
 */
export function start(connection: Connection, sql: string, options: StatementOptions): Running {
  let statement: RowStatement | undefined;
  const done = new Promise<RowStatement>((resolve, reject) => {
    statement = connection.execute({
      sqlText: fileCommand(sql),
      streamResult: true,
      rowMode: 'array',
      ...(options.parameters === undefined ? {} : { binds: options.parameters.map(toBind) }),
      ...(Object.keys(options.session).length === 0 ? {} : { parameters: { ...options.session } }),
      complete: (error: SnowflakeError | undefined, finished) =>
        error ? reject(error) : resolve(finished as RowStatement),
    }) as RowStatement;
  });
  return {
    done,
    cancel: () => new Promise((resolve) => (statement === undefined ? resolve() : statement.cancel(() => resolve()))),
  };
}
