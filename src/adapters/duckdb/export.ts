import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DatabaseError, type Session } from '../adapter.js';
import { quoteLiteral } from './dialect.js';
import { splitStatements } from './split.js';

export type ExportFormat = 'csv' | 'parquet' | 'json';

const OPTIONS: Readonly<Record<ExportFormat, string>> = {
  csv: 'format csv, header true',
  parquet: 'format parquet, compression zstd',
  json: 'format json',
};

const COPY = 'copy (';

/** Writes a query's result by `copy` beside `file`, then renames it: `file` is the old one or the whole new one. */
export async function exportQuery(session: Session, sql: string, file: string, format: ExportFormat): Promise<number> {
  const target = resolve(file);
  await mkdir(dirname(target), { recursive: true });
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.${Date.now().toString(36)}.tmp`);
  const [statement = { text: sql, start: 0 }, another] = splitStatements(sql);
  if (another !== undefined) throw new DatabaseError('An export is made of one query.', sql, 'syntax', another.start);
  try {
    const { rowsAffected } = await session.execute(
      `${COPY}${statement.text}\n) to ${quoteLiteral(temporary)} (${OPTIONS[format]})`,
    );
    await rename(temporary, target);
    return rowsAffected ?? 0;
  } catch (error) {
    await rm(temporary, { force: true });
    if (!(error instanceof DatabaseError)) throw error;
    // The place in the `copy` statement is moved to the place in the query.
    const at = error.offset === undefined ? -1 : error.offset - COPY.length;
    const offset = at < 0 || at > statement.text.length ? undefined : at + statement.start;
    throw new DatabaseError(error.message.replaceAll(temporary, target), sql, error.kind, offset);
  }
}
