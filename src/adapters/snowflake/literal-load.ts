import type { BulkLoad, ColumnData, SqlValue } from '../adapter.js';
import { type Quoting, quoteIdentifier, quoteLiteral, renderRelation } from './dialect.js';

/** Rows of one `values` clause, which Snowflake limits, and characters of one statement (1 MB at most). */
const MAX_ROWS = 10_000;
const MAX_TEXT = 900_000;

function toJson(value: SqlValue): string {
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('hex'));
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}:${toJson(item)}`)
    .join(',')}}`;
}

/** Every value travels as text, which its column's type then reads; NaN in a Float64Array is null. */
export function textOf(data: ColumnData, row: number): string | null {
  const value = data[row] ?? null;
  if (value === null || (data instanceof Float64Array && Number.isNaN(value))) return null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return typeof value === 'object' ? toJson(value) : numberText(value);
}

function literal(data: ColumnData, row: number): string {
  const text = textOf(data, row);
  return text === null ? 'null' : quoteLiteral(text);
}

/**
 * Up to here literals are about as fast as a file: a statement takes its time to be read (0.6 ms a row on the stand-in),
 * a file its two or three round trips (0.4 s there for any size).
 */
const FEW_ROWS = 2_000;
const LITTLE_TEXT = 200_000;

/** Whether the rows of a load are few enough for one `insert` of literals; more go by files. */
export function isSmall(load: BulkLoad): boolean {
  if (load.length > FEW_ROWS) return false;
  let size = 0;
  for (let row = 0; row < load.length; row++) {
    for (const data of load.data) size += (textOf(data, row)?.length ?? 4) + 4;
    if (size > LITTLE_TEXT) return false;
  }
  return true;
}

function numberText(value: string | number | bigint | boolean): string {
  if (typeof value !== 'number' || Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'inf' : '-inf';
}

function convert(column: string, type: string): string {
  if (/^(VARIANT|OBJECT|ARRAY)\b/i.test(type)) return `parse_json(${column})::${type}`;
  if (/^(BINARY|VARBINARY)\b/i.test(type)) return `to_binary(${column}, 'HEX')`;
  return `cast(${column} as ${type})`;
}

/** Types by DuckDB's names, which models may use, as Snowflake has them. */
export function snowflakeType(type: string): string {
  const bare = type.trim().toUpperCase();
  const known: Readonly<Record<string, string>> = {
    HUGEINT: 'NUMBER(38,0)',
    UBIGINT: 'NUMBER(20,0)',
    UINTEGER: 'NUMBER(10,0)',
    BLOB: 'BINARY',
    BYTEA: 'BINARY',
    JSON: 'VARIANT',
    UUID: 'VARCHAR',
    TIMESTAMPTZ: 'TIMESTAMP_TZ',
    'TIMESTAMP WITH TIME ZONE': 'TIMESTAMP_TZ',
    TIMESTAMP: 'TIMESTAMP_NTZ',
  };
  if (bare.endsWith('[]')) return 'ARRAY';
  if (bare.startsWith('STRUCT(') || bare.startsWith('MAP(')) return 'OBJECT';
  return known[bare] ?? type;
}

let staged = 0;

export interface LoadPlan {
  /** The temporary table of texts that the rows go into. */
  readonly staged: string;
  readonly create: string;
  /** Makes the table of it, in one statement. */
  readonly finish: readonly string[];
}

/**
 * How the table of a load is made. Rows go into a temporary table that no other session sees; then one statement makes
 * the table of it, so that nobody meets it half filled.
 */
export function planLoad(load: BulkLoad, quoting?: Quoting): LoadPlan {
  const target = renderRelation(load.table, quoting);
  const at = renderRelation({ ...load.table, identifier: `__upsql_load_${process.pid}_${++staged}` }, quoting);
  const columns = load.columns.map((_, i) => `c${i} varchar`);
  const converted = load.columns.map(
    ({ name, type }, i) => `${convert(`c${i}`, snowflakeType(type))} as ${quoteIdentifier(name)}`,
  );
  return {
    staged: at,
    create: `create or replace temporary table ${at} (${columns.join(', ')})`,
    finish: [
      `create or replace transient table ${target} as select ${converted.join(', ')} from ${at}`,
      `drop table if exists ${at}`,
    ],
  };
}

/** The statements of a load in batches of literals. */
export function* loadStatements(load: BulkLoad, quoting?: Quoting): Generator<string> {
  const plan = planLoad(load, quoting);
  yield plan.create;
  let rows: string[] = [];
  let size = 0;
  for (let row = 0; row < load.length; row++) {
    const text = `(${load.data.map((data) => literal(data, row)).join(', ')})`;
    if (rows.length >= MAX_ROWS || (size + text.length > MAX_TEXT && rows.length > 0)) {
      yield `insert into ${plan.staged} values ${rows.join(', ')}`;
      rows = [];
      size = 0;
    }
    rows.push(text);
    size += text.length + 2;
  }
  if (rows.length > 0) yield `insert into ${plan.staged} values ${rows.join(', ')}`;
  yield* plan.finish;
}

/** The rows of a load as texts. */
export function* textRows(load: BulkLoad): Generator<(string | null)[]> {
  for (let row = 0; row < load.length; row++) yield load.data.map((data) => textOf(data, row));
}
