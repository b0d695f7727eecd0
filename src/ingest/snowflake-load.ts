/** Files into a table of Snowflake: to the bucket unless they are there, then `COPY INTO` from a stage over it. */
import type { Session } from '../adapters/adapter.js';
import { type Adapter, DatabaseError } from '../adapters/adapter.js';
import { toWarehouseName } from '../adapters/names.js';
import type { LoadReport, StageLoad } from '../adapters/snowflake/load.js';
import type { Bucket, UploadProgress, UploadResult } from '../s3/index.js';
import type { Ingest, Landing } from './declaration.js';
import type { Loaded } from './duckdb-load.js';
import { type History, type HistoryEntry, tableName } from './history.js';
import type { LocalFile } from './local-files.js';
import { type FileReport, MOST_REJECTED } from './report.js';

export interface SnowflakeLoad {
  readonly session: Session;
  readonly dialect: Adapter['dialect'];
  readonly ingest: Ingest;
  readonly landing: Landing;
  /** Where files go first; undefined for those that are in the bucket already. */
  readonly bucket: Bucket | undefined;
  readonly files: readonly LocalFile[];
  readonly history: History;
  /** The table's rows and history go first, in the same transaction as the load. */
  readonly fullRefresh: boolean;
  /** Keeps what is needed to go on with uploads. */
  readonly resumeDir: string;
  readonly signal: AbortSignal;
  onProgress(progress: UploadProgress): void;
}

/**
 * Uploads the files and copies them in. A file whose COPY was done but not remembered, because the run was killed in
 * between, is skipped by Snowflake's own load history. Throws UpsqlError of S3 and DatabaseError.
 */
export async function loadIntoSnowflake(load: SnowflakeLoad): Promise<Loaded> {
  const { session, ingest, landing, bucket, files, history } = load;
  const uploads = await bucket?.upload(
    files.map(({ path, key }) => ({ path, key: `${landing.prefix}${key}` })),
    { resumeDir: load.resumeDir, signal: load.signal, onProgress: load.onProgress },
  );
  for (const file of files) await file.unchanged();
  const { loadFromStage, stageStatements } = await import('../adapters/snowflake/load.js');
  const stage = stageLoad(load);
  if (landing.integration !== undefined)
    for (const sql of stageStatements({ ...stage, integration: landing.integration }))
      await session.execute(sql, { fetch: false });
  // COPY INTO is atomic by itself; only what empties the table before needs a transaction around both.
  if (load.fullRefresh) await session.begin();
  try {
    if (load.fullRefresh) {
      await session.execute(`delete from ${tableName(ingest.source, load.dialect)}`, { fetch: false });
      await session.execute(history.forget, { fetch: false });
    }
    const report = await loadFromStage(session, stage);
    const loaded = reportFiles(files, uploads, report, landing);
    const entries = remembered(files, loaded);
    if (entries.length > 0) await session.execute(history.insert(entries), { fetch: false });
    if (load.fullRefresh) await session.commit();
    const names = new Map(files.map((file) => [`${landing.prefix}${file.key}`, file.name]));
    const rejected = report.rejected.slice(0, MOST_REJECTED).map((row) => ({
      ...row,
      file: names.get(keyOf(row.file, landing)) ?? row.file,
    }));
    return { files: loaded, rejected };
  } catch (error) {
    if (load.fullRefresh) await session.rollback();
    if (ingest.onError !== 'abort_statement' || !(error instanceof DatabaseError) || error.kind === 'interrupted')
      throw error;
    // The first bad row ends the statement: nothing of any file is there.
    const firstError = error.message.split('\n')[0];
    const failed = files.map(
      (file, i): FileReport => ({
        file: file.name,
        bytes: file.bytes,
        status: 'load_failed',
        rowsLoaded: 0,
        errors: 1,
        firstError,
        upload: uploads?.[i]?.status,
      }),
    );
    return { files: failed, rejected: [] };
  }
}

function stageLoad({ ingest, landing, dialect, files, fullRefresh }: SnowflakeLoad): StageLoad {
  const { source, kind, byName, header, quote } = ingest;
  const { database, schema } = source;
  return {
    relation: { database, schema, identifier: source.identifier },
    stage: { database, schema, identifier: landing.stage },
    url: `s3://${landing.bucket}/${landing.prefix}`,
    format:
      kind === 'csv'
        ? {
            type: 'csv',
            delimiter: ingest.delimiter,
            ...(byName ? { parseHeader: true } : { skipHeader: header ? 1 : 0 }),
            quote: quote === '' ? null : quote,
            nullIf: ingest.nullIf,
          }
        : { type: kind },
    ...(byName
      ? { byName: 'case_insensitive' as const }
      : { columns: ingest.columns.map(({ name }) => ({ name: toWarehouseName(dialect, name) })) }),
    onError: ingest.onError,
    files: files.map(({ key }) => key),
    force: fullRefresh,
  };
}

/** The key of an object as Snowflake names it: a whole address, or a path. */
function keyOf(file: string, { bucket }: Landing): string {
  const start = `s3://${bucket}/`;
  return file.startsWith(start) ? file.slice(start.length) : file;
}

function reportFiles(
  files: readonly LocalFile[],
  uploads: readonly UploadResult[] | undefined,
  report: LoadReport,
  landing: Landing,
): FileReport[] {
  const byKey = new Map(report.files.map((file) => [keyOf(file.file, landing), file]));
  return files.map((file, i): FileReport => {
    const found = byKey.get(`${landing.prefix}${file.key}`) ?? byKey.get(file.key);
    // Of a file that it has, Snowflake tells as of an error.
    const told = found?.status === 'skipped' ? undefined : found;
    return {
      file: file.name,
      bytes: file.bytes,
      status: found?.status ?? 'load_failed',
      rowsLoaded: told?.rowsLoaded ?? 0,
      errors: told?.errors ?? 0,
      firstError: found === undefined ? 'Snowflake said nothing of this file' : told?.firstError,
      firstErrorLine: told?.firstErrorLine,
      upload: uploads?.[i]?.status,
    };
  });
}

/** What the history is told: also of a file that Snowflake has, but an earlier run could not tell any more. */
function remembered(files: readonly LocalFile[], reports: readonly FileReport[]): HistoryEntry[] {
  return files.flatMap((file, i) => {
    const report = reports[i];
    if (report === undefined || report.status === 'load_failed' || report.status === 'would_load') return [];
    const status = report.status === 'partially_loaded' ? ('partially_loaded' as const) : ('loaded' as const);
    return [
      { file: file.name, bytes: file.bytes, hash: file.hash, rows: report.rowsLoaded, errors: report.errors, status },
    ];
  });
}
