/** Rows by files: CSV written here, put onto the user's stage by the driver, and copied into a table. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { QueryResult } from '../adapter.js';
import { formatOptions } from './file-format.js';
import { transfer } from './transfer.js';

/** Characters of one file before it is packed: Snowflake advises 100 to 250 MB packed, and reads files side by side. */
const FILE_TEXT = 400_000_000;
const CHUNK = 1 << 16;

/** A field; null is an empty one, and a text always stands in quotes. */
export type Field = string | null;

function line(row: readonly Field[]): string {
  // Alone on its line, an empty field would be no field at all.
  if (row.length === 1 && row[0] === null) return '\\N\n';
  return `${row.map((value) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)).join(',')}\n`;
}

/** Text of the file; after FILE_TEXT characters the next file takes over. */
function* fileTexts(rows: Iterator<readonly Field[]>, more: (yes: boolean) => void): Generator<string> {
  let piece = '';
  let size = 0;
  for (let next = rows.next(); ; next = rows.next()) {
    if (next.done === true) {
      more(false);
      break;
    }
    piece += line(next.value);
    if (piece.length < CHUNK) continue;
    size += piece.length;
    yield piece;
    piece = '';
    if (size < FILE_TEXT) continue;
    more(true);
    return;
  }
  yield piece;
}

async function writeFiles(folder: string, rows: Iterator<readonly Field[]>): Promise<void> {
  for (let part = 0, going = true; going; part++) {
    const texts = fileTexts(rows, (yes) => {
      going = yes;
    });
    await pipeline(
      Readable.from(texts, { objectMode: true }),
      createGzip({ level: 1 }),
      createWriteStream(join(folder, `part_${part}.csv.gz`), { mode: 0o600 }),
    );
  }
}

/** Whether rows can travel by file: a lone text that reads as null there can't. */
export function canTravel(rows: Iterable<readonly Field[]>, width: number): boolean {
  if (width !== 1) return true;
  for (const [value] of rows) if (value === '\\N') return false;
  return true;
}

/**
 * Copies rows into a table that is there, fields to columns in order; `send` runs a statement. The files go under a name
 * of their own and are removed when they were read, or when that failed. Throws DatabaseError.
 */
export async function copyRows(
  table: string,
  rows: Iterator<readonly Field[]>,
  width: number,
  send: (sql: string) => Promise<QueryResult>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'upsql-load-'));
  const stage = `@~/upsql/${randomUUID()}/`;
  let put = false;
  try {
    await writeFiles(folder, rows);
    const path = `${folder.replaceAll('\\', '/').replaceAll("'", "\\'")}/part_*.csv.gz`;
    put = true;
    await transfer(
      `put 'file://${path}' ${stage} source_compression = gzip auto_compress = false overwrite = true`,
      send,
    );
    const format = { type: 'csv', compression: 'gzip', ...(width === 1 ? { nullIf: ['\\N'] } : {}) } as const;
    await send(
      `copy into ${table} from ${stage} file_format = ${formatOptions(format)} on_error = abort_statement purge = true`,
    );
  } catch (error) {
    if (put) await send(`remove ${stage}`).catch(() => undefined);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
