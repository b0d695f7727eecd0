/** A large result by files: unloaded to Parquet on the user's stage, fetched by the driver, and read by DuckDB. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ColumnarResult, ColumnData, QueryResult, ResultColumn, Session, SqlValue } from '../adapter.js';
import { DatabaseError } from '../adapter.js';
import { quoteIdentifier } from './dialect.js';
import { transfer } from './transfer.js';
import { integer } from './values.js';

/** Rows from which on files are the faster way. */
export const LARGE = 100_000;

/** How a column is unloaded; undefined for a type whose values Parquet would change. */
function unloaded({ name, type }: ResultColumn): string | undefined {
  const column = quoteIdentifier(name);
  if (/^(NUMBER|FLOAT|BOOLEAN|VARCHAR)/.test(type)) return column;
  if (type === 'DATE') return `to_varchar(${column}, 'YYYY-MM-DD') as ${column}`;
  if (type === 'TIMESTAMP_NTZ') return `to_varchar(${column}, 'YYYY-MM-DD HH24:MI:SS.FF9') as ${column}`;
  return /^(VARIANT|OBJECT|ARRAY)$/.test(type) ? `to_json(${column}) as ${column}` : undefined;
}

/** Whether a result can go this way: time zones, times and bytes can't, nor (they end in `_2`) names that come twice. */
export function canUnload(columns: readonly ResultColumn[]): boolean {
  const names = new Set(columns.map(({ name }) => name));
  const again = (name: string) => names.has(name.replace(/_\d+$/, '')) && /_\d+$/.test(name);
  return columns.every((column) => unloaded(column) !== undefined && !again(column.name));
}

/** `2024-01-31 12:30:00.250000000` without the zeros that say nothing. */
function shortFraction(value: SqlValue): SqlValue {
  return typeof value === 'string' ? value.replace(/\.?0+$/, '') : value;
}

async function readFiles(folder: string, columns: readonly ResultColumn[]): Promise<ColumnarResult> {
  const { createDuckDbAdapter } = await import('../duckdb/index.js');
  const adapter = createDuckDbAdapter({ path: ':memory:' }, { projectRoot: folder });
  await adapter.open();
  try {
    const session = await adapter.session('unloaded');
    const files = `read_parquet('${join(folder, '*.parquet').replaceAll("'", "''")}')`;
    const exact = await beyondDoubles(session, files, columns);
    const selected = columns.map((column) => {
      const name = quoteIdentifier(column.name);
      if (!/^(NUMBER|FLOAT)/.test(column.type)) return name;
      return exact.has(column.name) ? `cast(${name} as varchar) as ${name}` : `cast(${name} as double) as ${name}`;
    });
    const read = await session.columns(`select ${selected.join(', ')} from ${files}`);
    const out = new Map<string, ColumnData>();
    for (const column of columns) {
      const data = read.columns.get(column.name) ?? [];
      out.set(column.name, exact.has(column.name) ? Array.from(data, exactly) : readable(column, data));
    }
    return { length: read.length, columns: out, types: columns };
  } finally {
    await adapter.close();
  }
}

function exactly(value: SqlValue): SqlValue {
  return value === null ? null : integer(String(value));
}

function readable({ type }: ResultColumn, data: ColumnData): ColumnData {
  return type === 'TIMESTAMP_NTZ' ? Array.from(data, shortFraction) : data;
}

/** Columns of whole numbers with one that a double would round. */
async function beyondDoubles(session: Session, files: string, columns: readonly ResultColumn[]): Promise<Set<string>> {
  const whole = columns.filter(({ type }) => /^NUMBER\(\d+,0\)$/.test(type));
  if (whole.length === 0) return new Set();
  const tests = whole.map(({ name }) => `coalesce(max(abs(${quoteIdentifier(name)})) > 9007199254740991, false)`);
  const { rows } = await session.execute(`select ${tests.join(', ')} from ${files}`);
  return new Set(whole.flatMap(({ name }, i) => (rows[0]?.[i] === true ? [name] : [])));
}

/**
 * The result of a query that has run, as columns; `send` runs a statement. Its rows are asked for by the query's id, so
 * that nothing runs twice; their order is lost. Throws DatabaseError.
 */
export async function unloadColumns(
  queryId: string,
  rows: number,
  columns: readonly ResultColumn[],
  send: (sql: string) => Promise<QueryResult>,
): Promise<ColumnarResult> {
  const folder = await mkdtemp(join(tmpdir(), 'upsql-unload-'));
  const stage = `@~/upsql/${randomUUID()}/`;
  const selected = columns.map(unloaded).join(', ');
  try {
    await send(
      `copy into ${stage} from (select ${selected} from table(result_scan('${queryId}'))) file_format = (type = parquet) header = true`,
    );
    await transfer(`get ${stage} 'file://${folder.replaceAll('\\', '/').replaceAll("'", "\\'")}/'`, send);
    const read = await readFiles(folder, columns);
    if (read.length === rows) return read;
    throw new DatabaseError(`${read.length} of ${rows} rows could be fetched from the stage`, stage, 'io');
  } finally {
    await send(`remove ${stage}`).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
}
