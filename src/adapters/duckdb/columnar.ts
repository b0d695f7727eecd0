import {
  type DuckDBDataChunk,
  type DuckDBDateValue,
  DuckDBDecimal16Vector,
  DuckDBDecimal32Vector,
  DuckDBDecimal64Vector,
  DuckDBDecimal128Vector,
  type DuckDBType,
  DuckDBTypeId,
} from '@duckdb/node-api';
import type { ColumnarResult, ColumnData, ResultColumn, SqlValue } from '../adapter.js';
import type { ZoneOffset } from './timestamps.js';
import { toSqlValue } from './values.js';
import { itemsOf, longsOf, validBits } from './vector-items.js';

const NUMBERS = new Set<DuckDBTypeId>([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
]);
const BIG_INTEGERS = new Set<DuckDBTypeId>([
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
]);

type Chunks = readonly DuckDBDataChunk[];

function readNumbers(chunks: Chunks, column: number, length: number): Float64Array {
  const out = new Float64Array(length);
  let at = 0;
  for (const chunk of chunks) {
    const vector = chunk.getColumnVector(column);
    const items = validBits(vector) === null ? itemsOf(vector) : undefined;
    if (items?.length === vector.itemCount) {
      out.set(items, at);
      at += items.length;
    } else for (let i = 0; i < vector.itemCount; i++) out[at++] = (vector.getItem(i) as number | null) ?? Number.NaN;
  }
  return out;
}

/** Undefined when a value is beyond the integers that a double holds exactly. */
function readBigIntegers(chunks: Chunks, column: number, length: number): Float64Array | undefined {
  const out = new Float64Array(length);
  let at = 0;
  for (const chunk of chunks) {
    const vector = chunk.getColumnVector(column);
    const longs = validBits(vector) === null ? longsOf(vector) : undefined;
    if (longs?.length === vector.itemCount) {
      const halves = new Int32Array(longs.buffer, longs.byteOffset, 2 * longs.length);
      for (let i = 0; i < longs.length; i++) {
        const value = (halves[2 * i + 1] as number) * 2 ** 32 + ((halves[2 * i] as number) >>> 0);
        if (!Number.isSafeInteger(value)) return undefined;
        out[at++] = value;
      }
      continue;
    }
    for (let i = 0; i < vector.itemCount; i++) {
      const item = vector.getItem(i) as bigint | null;
      const value = item === null ? Number.NaN : Number(item);
      if (item !== null && !Number.isSafeInteger(value)) return undefined;
      out[at++] = value;
    }
  }
  return out;
}

/** The nearest doubles of decimals. */
function readDecimals(chunks: Chunks, column: number, length: number, scale: number): Float64Array {
  const out = new Float64Array(length);
  const divisor = 10 ** scale;
  let at = 0;
  for (const chunk of chunks) {
    const vector = chunk.getColumnVector(column);
    const decimals =
      vector instanceof DuckDBDecimal16Vector ||
      vector instanceof DuckDBDecimal32Vector ||
      vector instanceof DuckDBDecimal64Vector ||
      vector instanceof DuckDBDecimal128Vector
        ? vector
        : undefined;
    for (let i = 0; i < vector.itemCount; i++) {
      const scaled = decimals?.getScaledValue(i) ?? null;
      const number = Number(scaled);
      // A quotient of two exact doubles is the nearest double; beyond that the decimal's text is read.
      if (scaled === null) out[at++] = Number.NaN;
      else
        out[at++] = Number.isSafeInteger(number) && scale <= 22 ? number / divisor : Number(String(vector.getItem(i)));
    }
  }
  return out;
}

function readValues(chunks: Chunks, column: number, type: DuckDBType, zone: ZoneOffset): SqlValue[] {
  const out: SqlValue[] = [];
  for (const chunk of chunks) {
    const vector = chunk.getColumnVector(column);
    for (let i = 0; i < vector.itemCount; i++) out.push(toSqlValue(vector.getItem(i), type, zone));
  }
  return out;
}

/** Dates come again and again: each is written once. */
function readDates(chunks: Chunks, column: number): SqlValue[] {
  const texts = new Map<number, string>();
  const out: SqlValue[] = [];
  for (const chunk of chunks) {
    const vector = chunk.getColumnVector(column);
    for (let i = 0; i < vector.itemCount; i++) {
      const date = vector.getItem(i) as DuckDBDateValue | null;
      if (date === null) {
        out.push(null);
        continue;
      }
      const text = texts.get(date.days) ?? date.toString();
      texts.set(date.days, text);
      out.push(text);
    }
  }
  return out;
}

function readColumn(chunks: Chunks, column: number, length: number, type: DuckDBType, zone: ZoneOffset): ColumnData {
  if (NUMBERS.has(type.typeId)) return readNumbers(chunks, column, length);
  if (type.typeId === DuckDBTypeId.DATE) return readDates(chunks, column);
  if (type.typeId === DuckDBTypeId.DECIMAL) return readDecimals(chunks, column, length, type.scale);
  const integers = BIG_INTEGERS.has(type.typeId) ? readBigIntegers(chunks, column, length) : undefined;
  return integers ?? readValues(chunks, column, type, zone);
}

/**
 * Chunks of a result as columns. Integers, decimals and floats become Float64Array with NaN for null (decimals the
 * nearest double); an integer column with a value beyond 2^53 stays an array of exact numbers and bigints.
 */
export function readColumns(
  chunks: Chunks,
  types: readonly ResultColumn[],
  duckDbTypes: readonly DuckDBType[],
  zone: ZoneOffset,
): ColumnarResult {
  const length = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
  const columns = new Map<string, ColumnData>();
  duckDbTypes.forEach((type, i) => {
    columns.set(types[i]?.name ?? '', readColumn(chunks, i, length, type, zone));
  });
  return { length, columns, types };
}

/** Rows of one chunk. */
export function readRows(chunk: DuckDBDataChunk, types: readonly DuckDBType[], zone: ZoneOffset): SqlValue[][] {
  const rows: SqlValue[][] = Array.from({ length: chunk.rowCount }, () => new Array<SqlValue>(types.length));
  types.forEach((type, column) => {
    const vector = chunk.getColumnVector(column);
    rows.forEach((row, i) => {
      row[column] = toSqlValue(vector.getItem(i), type, zone);
    });
  });
  return rows;
}
