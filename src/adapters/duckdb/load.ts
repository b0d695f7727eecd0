import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api';
import type { BulkLoad, ColumnData, SqlValue } from '../adapter.js';
import { quoteIdentifier, renderRelation } from './dialect.js';

/** How a column travels: values of `carrier` go into the staging table, and `cast` makes the column's type of them. */
interface Carrier {
  readonly name: string;
  readonly type: DuckDBType;
  readonly encode: (value: SqlValue | undefined) => DuckDBValue;
  readonly cast: (column: string, type: string) => string;
}

const CHUNK_ROWS = 2048;
const INTEGERS = /^(TINYINT|SMALLINT|INTEGER|INT|BIGINT|INT1|INT2|INT4|INT8|LONG|UTINYINT|USMALLINT|UINTEGER)$/i;
const FLOATS = /^(FLOAT|DOUBLE|REAL|FLOAT4|FLOAT8|DOUBLE PRECISION)$/i;

const castTo = (column: string, type: string): string => `cast(${column} as ${type})`;

function toNumber(value: SqlValue | undefined): number | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'number' ? value : Number(value);
}

function toText(value: SqlValue | undefined): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'object' ? toJson(value) : String(value);
}

/** JSON in which big integers are numbers, which DuckDB reads exactly. */
function toJson(value: SqlValue): string {
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  return `{${Object.entries(value)
    .map(([k, v]) => `${JSON.stringify(k)}:${toJson(v)}`)
    .join(',')}}`;
}

function toHex(value: SqlValue | undefined): string | null {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : toText(value);
}

function isWhole(data: ColumnData): boolean {
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (typeof value === 'bigint') {
      if (BigInt.asIntN(64, value) !== value) return false;
    } else if (!(value === null || value === undefined || Number.isSafeInteger(value))) return false;
  }
  return true;
}

function carrierOf(type: string, data: ColumnData): Carrier {
  const numbers = data instanceof Float64Array;
  if (FLOATS.test(type) || numbers)
    return { name: 'DOUBLE', type: DOUBLE, encode: toNumber, cast: /^(DOUBLE|FLOAT8)/i.test(type) ? (c) => c : castTo };
  if (/^BOOL(EAN)?$/i.test(type) && data.every((v) => v === null || typeof v === 'boolean'))
    return { name: 'BOOLEAN', type: BOOLEAN, encode: (v) => (v as boolean | null) ?? null, cast: (c) => c };
  if (INTEGERS.test(type) && isWhole(data)) {
    const encode = (v: SqlValue | undefined) => (v === null || v === undefined ? null : BigInt(v as number | bigint));
    return { name: 'BIGINT', type: BIGINT, encode, cast: /^(BIGINT|INT8|LONG)$/i.test(type) ? (c) => c : castTo };
  }
  if (/^(BLOB|BYTEA|BINARY|VARBINARY)$/i.test(type))
    return { name: 'VARCHAR', type: VARCHAR, encode: toHex, cast: (c) => `from_hex(${c})` };
  const nested = data.some((v) => typeof v === 'object' && v !== null);
  if (nested) return { name: 'VARCHAR', type: VARCHAR, encode: toText, cast: (c, t) => castTo(`${c}::JSON`, t) };
  return {
    name: 'VARCHAR',
    type: VARCHAR,
    encode: toText,
    cast: /^(VARCHAR|TEXT|STRING)$/i.test(type) ? (c) => c : castTo,
  };
}

/**
 * Fills `into` (a table that exists, with the carriers' types) by data chunks of the driver, which never pass
 * through SQL text. NaN in a Float64Array is null.
 */
async function append(connection: DuckDBConnection, into: string, load: BulkLoad, carriers: readonly Carrier[]) {
  const appender = await connection.createAppender(into, null, 'temp');
  try {
    for (let from = 0; from < load.length; from += CHUNK_ROWS) {
      const rows = Math.min(CHUNK_ROWS, load.length - from);
      const chunk = DuckDBDataChunk.create(
        carriers.map((c) => c.type),
        rows,
      );
      load.data.forEach((data, column) => {
        const carrier = carriers[column];
        if (carrier === undefined) return;
        const vector = chunk.getColumnVector(column);
        if (data instanceof Float64Array) {
          for (let i = 0; i < rows; i++) {
            const value = data[from + i];
            vector.setItem(i, value === undefined || Number.isNaN(value) ? null : value);
          }
        } else for (let i = 0; i < rows; i++) vector.setItem(i, carrier.encode(data[from + i]));
        vector.flush();
      });
      appender.appendDataChunk(chunk);
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}

let staged = 0;

/** Statements that make the table of a load; `run` executes SQL in the session's open transaction. */
export async function bulkLoad(connection: DuckDBConnection, load: BulkLoad, run: (sql: string) => Promise<unknown>) {
  const carriers = load.columns.map((column, i) => carrierOf(column.type, load.data[i] ?? []));
  const stage = `__upsql_load_${++staged}`;
  const columns = load.columns.map((c, i) => `c${i} ${carriers[i]?.name ?? c.type}`);
  await run(`create temporary table ${stage} (${columns.join(', ')})`);
  await append(connection, stage, load, carriers);
  const selected = load.columns.map((column, i) => {
    const value = carriers[i]?.cast(`c${i}`, column.type) ?? `c${i}`;
    return `${value} as ${quoteIdentifier(column.name)}`;
  });
  await run(`create table ${renderRelation(load.table)} as select ${selected.join(', ')} from temp.${stage}`);
  await run(`drop table temp.${stage}`);
}
