/** Exports for warehouses that can't write to this machine: rows are streamed here and written here. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { ResultColumn, RowBatch, Session, SqlValue } from './adapter.js';

type Batches = AsyncIterable<RowBatch>;

function toText(value: SqlValue): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return typeof value === 'object' && value !== null ? toJson(value) : String(value);
}

function toJson(value: SqlValue): string {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('hex'));
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value as { readonly [field: string]: SqlValue });
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${toJson(item)}`).join(',')}}`;
}

/** A field of RFC 4180: quoted where it needs to be; null is nothing, the empty string is `""`. */
export function csvField(value: SqlValue): string {
  if (value === null) return '';
  const text = toText(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A line of CSV with its line feed, as DuckDB's `copy` writes it. */
export function csvLine(values: readonly SqlValue[]): string {
  return `${values.map(csvField).join(',')}\n`;
}

/** DECIMALs come as text, and JSON has numbers for them. */
function isNumeric(column: ResultColumn | undefined): boolean {
  return /^(DECIMAL|NUMERIC|NUMBER|FIXED)/i.test(column?.type ?? '');
}

function jsonLine(columns: readonly ResultColumn[], row: readonly SqlValue[]): string {
  const fields = columns.map((column, i) => {
    const value = row[i] ?? null;
    const text = typeof value === 'string' && isNumeric(column) ? value : toJson(value);
    return `${JSON.stringify(column.name)}:${text}`;
  });
  return `{${fields.join(',')}}\n`;
}

async function writeText(batches: Batches, file: string, format: 'csv' | 'json'): Promise<number> {
  const handle = await open(file, 'wx');
  try {
    let rows = 0;
    let first = true;
    for await (const batch of batches) {
      if (first && format === 'csv') await handle.write(csvLine(batch.columns.map((column) => column.name)));
      first = false;
      const line = format === 'csv' ? csvLine : (row: readonly SqlValue[]) => jsonLine(batch.columns, row);
      const text = batch.rows.map((row) => line(row)).join('');
      if (text !== '') await handle.write(text);
      rows += batch.rows.length;
    }
    await handle.sync();
    return rows;
  } finally {
    await handle.close();
  }
}

/** The DuckDB type for a warehouse's: what Parquet files made on any warehouse have in common. */
function duckDbType(type: string): string {
  const bare = type.toUpperCase();
  if (/^(NUMBER|FIXED|NUMERIC|DECIMAL)/.test(bare)) return bare.replace(/^[A-Z]+/, 'DECIMAL');
  if (/^(TIMESTAMP_(TZ|LTZ)|TIMESTAMP WITH TIME ZONE)/.test(bare)) return 'TIMESTAMP WITH TIME ZONE';
  if (/^(TIMESTAMP|DATETIME)/.test(bare)) return 'TIMESTAMP';
  if (/^(VARIANT|OBJECT|ARRAY|GEOGRAPHY|GEOMETRY)\b/.test(bare)) return 'VARCHAR';
  if (/^(TEXT|STRING|CHAR|VARCHAR)/.test(bare)) return 'VARCHAR';
  return /^(BINARY|VARBINARY)/.test(bare) ? 'BLOB' : type;
}

/** Rows go through a DuckDB in memory, which writes the file. */
async function writeParquet(batches: Batches, file: string): Promise<number> {
  const { createDuckDbAdapter } = await import('./duckdb/index.js');
  const adapter = createDuckDbAdapter({}, { projectRoot: dirname(file) });
  await adapter.open();
  try {
    const session = await adapter.session('parquet');
    const table = { database: 'memory', schema: 'main', identifier: 'whole' };
    const part = { ...table, identifier: 'part' };
    let first = true;
    for await (const { columns, rows } of batches) {
      await session.load({
        table: first ? table : part,
        columns: columns.map(({ name, type }) => ({ name, type: duckDbType(type) })),
        data: columns.map((_, i) => rows.map((row) => row[i] ?? null)),
        length: rows.length,
      });
      if (!first) await session.execute('insert into whole from part; drop table part');
      first = false;
    }
    return await adapter.exportQuery(session, 'from whole', file, 'parquet');
  } finally {
    await adapter.close();
  }
}

/**
 * Writes a query's result to a file of this machine through `session.stream`, atomically; gives the number of rows.
 * CSV has a header and follows RFC 4180 with line feeds; JSON has one object a line.
 */
export async function exportByStream(
  session: Session,
  sql: string,
  file: string,
  format: 'csv' | 'parquet' | 'json',
): Promise<number> {
  const target = resolve(file);
  await mkdir(dirname(target), { recursive: true });
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.${Date.now().toString(36)}.tmp`);
  try {
    const batches = session.stream(sql);
    const rows = await (format === 'parquet'
      ? writeParquet(batches, temporary)
      : writeText(batches, temporary, format));
    await rename(temporary, target);
    return rows;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
