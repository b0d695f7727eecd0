/** Writes relations and queries of the target to files. */
import { resolve } from 'node:path';
import type { Adapter, Session } from '../adapters/adapter.js';
import { DatabaseError } from '../adapters/adapter.js';
import { problem, UpsqlError } from '../diagnostics/index.js';

export type ExportFormat = 'csv' | 'parquet' | 'json';

export interface Export {
  /** For messages: the model's name. */
  readonly name: string;
  /** A relation as it stands in SQL, or a query in `sql`. */
  readonly relation?: string;
  readonly sql?: string;
  /** File name, relative to `outDir`. */
  readonly file: string;
}

export interface Exported {
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  readonly rows: number;
}

export interface ExportOptions {
  readonly session: Session;
  readonly adapter: Pick<Adapter, 'exportQuery'>;
  readonly exports: readonly Export[];
  /** Created when it is missing. */
  readonly outDir: string;
  readonly format: ExportFormat;
  /** Called when a file has been written; `index` counts from 1. */
  readonly onProgress?: (done: Exported, index: number, total: number) => void;
}

function hintFor(error: unknown, name: string): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const message = error instanceof Error ? error.message : '';
  if (error instanceof DatabaseError && error.kind === 'missing') return `Build it first: upsql build --select ${name}`;
  if (code === 'ENOSPC' || /No space left/i.test(message))
    return 'The disk is full; what was there before is unchanged.';
  if (
    code === 'EACCES' ||
    code === 'EPERM' ||
    code === 'EROFS' ||
    /Permission denied|Read-only file system/i.test(message)
  )
    return 'Choose a folder that can be written to with --out.';
  return undefined;
}

/**
 * Writes each export to its file, one after another; a file is the old one or the whole new one. Gives what was
 * written. Throws UpsqlError (`export-failed`) that names the export; files written before stay.
 */
export async function exportRelations(options: ExportOptions): Promise<readonly Exported[]> {
  const { session, adapter, exports, outDir, format, onProgress } = options;
  const files = new Map<string, string>();
  for (const { name, file } of exports) {
    const other = files.get(resolve(outDir, file));
    if (other !== undefined) {
      throw new UpsqlError(problem('export-failed', `'${other}' and '${name}' would both be written to ${file}`));
    }
    files.set(resolve(outDir, file), name);
  }
  const done: Exported[] = [];
  for (const { name, relation, sql, file } of exports) {
    const target = resolve(outDir, file);
    try {
      const rows = await adapter.exportQuery(session, sql ?? `select * from ${relation}`, target, format);
      const exported = { name, file: target, rows };
      done.push(exported);
      onProgress?.(exported, done.length, exports.length);
    } catch (error) {
      const hint = hintFor(error, name);
      const why = error instanceof Error ? error.message : String(error);
      const message = `'${name}' could not be exported to ${target}: ${why}`;
      throw new UpsqlError(problem('export-failed', message, hint === undefined ? {} : { hint }), 1, error);
    }
  }
  return done;
}
