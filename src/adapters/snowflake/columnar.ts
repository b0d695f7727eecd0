import type { ColumnarResult, ColumnData, ResultColumn, SqlValue } from '../adapter.js';

/** NaN for null; undefined when a value is beyond what a double holds exactly. */
function asNumbers(values: readonly SqlValue[], exact: boolean): Float64Array | undefined {
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null;
    if (typeof value === 'bigint' && exact) return undefined;
    out[i] = value === null ? Number.NaN : Number(value);
  }
  return out;
}

/**
 * Rows as columns. Numbers become Float64Array with NaN for null (decimals the nearest double); an integer column with a
 * value beyond 2^53 stays an array of exact numbers and bigints.
 */
export function toColumnar(columns: readonly ResultColumn[], rows: readonly (readonly SqlValue[])[]): ColumnarResult {
  const out = new Map<string, ColumnData>();
  columns.forEach(({ name, type }, i) => {
    const values = rows.map((row) => row[i] ?? null);
    const numeric = /^(NUMBER|FLOAT)/.test(type);
    out.set(name, (numeric ? asNumbers(values, type.startsWith('NUMBER')) : undefined) ?? values);
  });
  return { length: rows.length, columns: out, types: columns };
}
