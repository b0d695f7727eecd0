import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Session } from '../adapter.js';
import { quoteLiteral } from './dialect.js';

export type ExportFormat = 'csv' | 'parquet' | 'json';

const OPTIONS: Readonly<Record<ExportFormat, string>> = {
  csv: 'format csv, header true',
  parquet: 'format parquet, compression zstd',
  json: 'format json',
};

/** Writes a query's result by `copy` beside `file`, then renames it: `file` is the old one or the whole new one. */
export async function exportQuery(session: Session, sql: string, file: string, format: ExportFormat): Promise<number> {
  const target = resolve(file);
  await mkdir(dirname(target), { recursive: true });
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.${Date.now().toString(36)}.tmp`);
  const query = sql.replace(/[\s;]+$/, '');
  try {
    const { rowsAffected } = await session.execute(
      `copy (${query}\n) to ${quoteLiteral(temporary)} (${OPTIONS[format]})`,
    );
    await rename(temporary, target);
    return rowsAffected ?? 0;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
