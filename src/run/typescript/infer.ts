import type { ColumnData, SqlValue } from '../../adapters/adapter.js';
import { ModelFault } from './fault.js';

export interface TypedColumn {
  readonly name: string;
  readonly type: string;
  readonly data: ColumnData;
}

type Kind = 'boolean' | 'number' | 'bigint' | 'string' | 'date' | 'bytes';

const TYPED_ARRAYS: readonly (readonly [new (length: number) => ArrayLike<number | bigint>, string])[] = [
  [Float64Array, 'DOUBLE'],
  [Float32Array, 'FLOAT'],
  [Int32Array, 'INTEGER'],
  [Int16Array, 'SMALLINT'],
  [Int8Array, 'SMALLINT'],
  [Uint32Array, 'BIGINT'],
  [Uint16Array, 'INTEGER'],
  [Uint8Array, 'SMALLINT'],
  [Uint8ClampedArray, 'SMALLINT'],
  [BigInt64Array, 'BIGINT'],
  [BigUint64Array, 'DECIMAL(20,0)'],
];

const INT64 = 2n ** 63n;

const WHAT: Readonly<Record<Kind, string>> = {
  boolean: 'a boolean',
  number: 'a number',
  bigint: 'a bigint',
  string: 'a string',
  date: 'a Date',
  bytes: 'bytes',
};

function kindOf(value: unknown, column: string, row: number): Kind | undefined {
  switch (typeof value) {
    case 'undefined':
      return undefined;
    case 'number':
      return Number.isNaN(value) ? undefined : 'number';
    case 'boolean':
    case 'bigint':
    case 'string':
      return typeof value as Kind;
    case 'object':
      if (value === null) return undefined;
      if (value instanceof Date) {
        if (!Number.isNaN(value.getTime())) return 'date';
        throw new ModelFault('invalid-model-value', `column '${column}' holds an invalid Date in row ${row + 1}`);
      }
      if (value instanceof Uint8Array) return 'bytes';
  }
  const what = Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
  throw new ModelFault(
    'invalid-model-value',
    `column '${column}' holds ${what} in row ${row + 1}`,
    typeof value === 'object'
      ? `Return JSON.stringify(...) and cast it, or give types: { ${column}: 'json' }.`
      : 'A column holds null, booleans, numbers, bigints, strings and Dates.',
  );
}

function timestamp(value: Date): string {
  return value.toISOString().replace('T', ' ').replace('Z', '');
}

function toCell(value: unknown): SqlValue {
  if (value === undefined || (typeof value === 'number' && Number.isNaN(value))) return null;
  return value instanceof Date ? timestamp(value) : (value as SqlValue);
}

interface Scan {
  readonly kind: Kind | undefined;
  /** All numbers are whole and exact. */
  readonly whole: boolean;
  /** All bigints fit 64 bits. */
  readonly fits: boolean;
  readonly hasBigint: boolean;
}

/** Finds the one kind of a column's values; numbers that are whole go together with bigints. */
function scan(values: ArrayLike<unknown>, column: string): Scan {
  let kind: Kind | undefined;
  let firstRow = 0;
  let whole = true;
  let fits = true;
  let hasBigint = false;
  let fraction: number | undefined;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    const found = kindOf(value, column, row);
    if (found === undefined) continue;
    if (found === 'number' && !Number.isSafeInteger(value)) {
      whole = false;
      fraction ??= row;
    }
    if (found === 'bigint') {
      hasBigint = true;
      fits &&= (value as bigint) < INT64 && (value as bigint) >= -INT64;
    }
    const numeric = (k: Kind) => k === 'number' || k === 'bigint';
    if (kind === undefined) {
      kind = found;
      firstRow = row;
    } else if (kind !== found && !(numeric(kind) && numeric(found))) {
      throw new ModelFault(
        'mixed-model-column',
        `column '${column}' mixes types: ${WHAT[kind]} in row ${firstRow + 1}, ${WHAT[found]} in row ${row + 1}`,
        'Return values of one type; null is always allowed.',
      );
    }
  }
  if (hasBigint && !whole) {
    throw new ModelFault(
      'mixed-model-column',
      `column '${column}' mixes bigints with a number that is not whole, in row ${(fraction ?? 0) + 1}`,
      'Convert the bigints with Number(...).',
    );
  }
  return { kind, whole, fits, hasBigint };
}

function inferType({ kind, whole, fits, hasBigint }: Scan): string | undefined {
  switch (kind) {
    case undefined:
      return undefined;
    case 'boolean':
      return 'BOOLEAN';
    case 'string':
      return 'VARCHAR';
    case 'date':
      return 'TIMESTAMP';
    case 'bytes':
      return 'BINARY';
    default:
      if (!whole) return 'DOUBLE';
      return hasBigint && !fits ? 'DECIMAL(38,0)' : 'BIGINT';
  }
}

function withoutNaN(values: ArrayLike<number>): Float64Array {
  return values instanceof Float64Array ? values : Float64Array.from(values);
}

/**
 * A column ready to be loaded. Types, where the model gives none: booleans BOOLEAN, whole numbers and bigints BIGINT
 * (DECIMAL(38,0) beyond 64 bits), other numbers DOUBLE, strings VARCHAR, Dates TIMESTAMP in UTC, bytes BINARY; a typed
 * array by its own type, whatever its values. NaN is null. Throws ModelFault.
 */
export function typeColumn(name: string, values: ArrayLike<unknown>, declared: string | undefined): TypedColumn {
  if (ArrayBuffer.isView(values)) {
    const own = TYPED_ARRAYS.find(([type]) => values instanceof type)?.[1];
    if (own !== undefined) {
      const big = values instanceof BigInt64Array || values instanceof BigUint64Array;
      const data = big ? Array.from(values) : withoutNaN(values as unknown as ArrayLike<number>);
      return { name, type: declared ?? own, data };
    }
  }
  const json = declared !== undefined && /^(json|variant)$/i.test(declared);
  const found = json ? undefined : scan(values, name);
  const type = declared ?? (found && inferType(found));
  if (type === undefined) {
    throw new ModelFault(
      'unknown-model-type',
      `column '${name}' has no value that tells its type`,
      `Return it with one: { columns: { ... }, types: { ${/^\w+$/.test(name) ? name : `'${name}'`}: 'varchar' } }.`,
    );
  }
  const data = Array.from(
    values,
    json ? (value) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : toCell(value)) : toCell,
  );
  return { name, type, data };
}
