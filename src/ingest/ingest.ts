/** Loads the files that a source declares into its table. */
import { join } from 'node:path';
import type { Adapter, Session } from '../adapters/adapter.js';
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { Project, YamlMap } from '../project/project.js';
import { isYamlMap } from '../project/yaml-map.js';
import type { Bucket } from '../s3/index.js';
import { findBucketFiles } from './bucket-files.js';
import type { Ingest, Landing } from './declaration.js';
import type { Loaded } from './duckdb-load.js';
import { createTable, HISTORY_TABLE, historyOf } from './history.js';
import { findLocalFiles, type LocalFile } from './local-files.js';
import type { FileReport, SourceReport } from './report.js';

export interface IngestOptions {
  readonly adapter: Adapter;
  readonly session: Session;
  readonly project: Pick<Project, 'root' | 'target' | 'targetDir' | 'env'>;
  readonly dryRun: boolean;
  readonly fullRefresh: boolean;
  readonly signal: AbortSignal;
  /** `unit` says what is counted. */
  onProgress(progress: { label: string; done: number; total: number; unit: 'files' | 'MB' }): void;
}

/**
 * Loads one source: files that were not loaded before, by their names and SHA-256. Throws UpsqlError where the files or the
 * bucket can't be read, DatabaseError for the warehouse; what the report says is loaded stays.
 */
export async function ingestSource(ingest: Ingest, options: IngestOptions): Promise<SourceReport> {
  const { project } = options;
  const { remote } = ingest;
  if (remote === undefined) return loadFiles(ingest, options, await findLocalFiles(ingest.files, project.root));
  const bucket = await openTargetBucket(remote.bucket, project.target.credentials, project.env);
  try {
    const { files, close } = await findBucketFiles(remote, bucket);
    return await loadFiles(ingest, options, files).finally(close);
  } finally {
    bucket.close();
  }
}

async function loadFiles(ingest: Ingest, options: IngestOptions, files: readonly LocalFile[]): Promise<SourceReport> {
  const started = performance.now();
  const { adapter, session, project, dryRun, fullRefresh } = options;
  if (files.length === 0 && !ingest.optional)
    throw new UpsqlError(
      problem('no-files', `No file matches ${ingest.files.join(', ')} (source ${ingest.name})`, {
        hint: ingest.remote === undefined ? `Paths are relative to ${project.root}.` : 'Look at what the bucket has.',
      }),
      1,
    );
  const history = historyOf(ingest, adapter);
  if (!dryRun) {
    const { database, schema } = ingest.source;
    if (schema !== null) await adapter.createSchema(session, database ?? adapter.database, schema);
    await session.execute(history.create, { fetch: false });
    await session.execute(createTable(ingest, adapter.dialect), { fetch: false });
  }
  const known = dryRun && !(await isThere(ingest, options)) ? new Map() : await history.read(session);
  const { pending, settled } = sort(files, fullRefresh ? new Map() : known, ingest);
  let loaded: Loaded = { files: [], rejected: [] };
  if (dryRun) loaded = { files: pending.map((file) => ({ ...plain(file), status: 'would_load' })), rejected: [] };
  else if (pending.length > 0) {
    const load = {
      session,
      dialect: adapter.dialect,
      ingest,
      files: pending,
      history,
      fullRefresh,
      signal: options.signal,
    };
    if (adapter.type === 'snowflake') loaded = await throughBucket(ingest, options, load);
    else {
      const { loadIntoDuckDb } = await import('./duckdb-load.js');
      loaded = await loadIntoDuckDb({
        ...load,
        onFile: (done, { name }) => options.onProgress({ label: name, done, total: pending.length, unit: 'files' }),
      });
    }
  }
  const all = [...settled, ...loaded.files].sort((a, b) => (a.file < b.file ? -1 : 1));
  const failed = all.some(
    ({ status, errors }) => status === 'load_failed' && (ingest.onError === 'abort_statement' || errors === 0),
  );
  const warned = all.some(({ errors }) => errors > 0);
  return {
    name: ingest.name,
    uniqueId: ingest.source.unique_id,
    status: failed ? 'error' : warned ? 'warn' : 'success',
    files: all,
    rejected: loaded.rejected,
    seconds: (performance.now() - started) / 1000,
  };
}

/** Whether there is a history; a dry run makes none. */
async function isThere(
  { source: { database, schema } }: Ingest,
  { adapter, session }: IngestOptions,
): Promise<boolean> {
  const relations = await adapter.listRelations(session, database ?? adapter.database, schema ?? adapter.schema);
  return relations.some(({ identifier }) => identifier?.toLowerCase() === HISTORY_TABLE);
}

function plain({ name, bytes }: LocalFile): Omit<FileReport, 'status'> {
  return { file: name, bytes, rowsLoaded: 0, errors: 0 };
}

/** What is to be loaded, and what needs no load or may not be loaded. */
function sort(
  files: readonly LocalFile[],
  known: ReadonlyMap<string, ReadonlySet<string>>,
  { changedFiles }: Ingest,
): { pending: LocalFile[]; settled: FileReport[] } {
  const pending: LocalFile[] = [];
  const settled: FileReport[] = [];
  for (const file of files) {
    const hashes = known.get(file.name);
    if (hashes === undefined || (changedFiles === 'append' && !hashes.has(file.hash))) pending.push(file);
    else if (hashes.has(file.hash)) settled.push({ ...plain(file), status: 'skipped' });
    else
      settled.push({
        ...plain(file),
        status: 'load_failed',
        firstError:
          'the file has changed since it was loaded (changed_files: append loads it again, --full-refresh loads all anew)',
      });
  }
  return { pending, settled };
}

async function throughBucket(
  ingest: Ingest,
  { project, onProgress }: IngestOptions,
  load: {
    session: Session;
    dialect: Adapter['dialect'];
    files: readonly LocalFile[];
    fullRefresh: boolean;
    signal: AbortSignal;
    ingest: Ingest;
    history: ReturnType<typeof historyOf>;
  },
): Promise<Loaded> {
  const landing = ingest.landing as Landing;
  const bucket =
    ingest.remote === undefined
      ? await openTargetBucket(landing.bucket, project.target.credentials, project.env)
      : undefined;
  try {
    const { loadIntoSnowflake } = await import('./snowflake-load.js');
    return await loadIntoSnowflake({
      ...load,
      landing,
      bucket,
      resumeDir: join(project.targetDir, 'uploads'),
      onProgress: ({ bytes, totalBytes, path }) =>
        onProgress({ label: path, done: Math.floor(bytes / 1e6), total: Math.ceil(totalBytes / 1e6), unit: 'MB' }),
    });
  } finally {
    bucket?.close();
  }
}

/** A bucket by the `s3:` section of a target; what it leaves out comes by the AWS chain. */
export async function openTargetBucket(
  bucket: string,
  credentials: YamlMap,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Bucket> {
  const s3 = isYamlMap(credentials.s3) ? credentials.s3 : {};
  const text = (key: string): string | undefined => (typeof s3[key] === 'string' ? s3[key] : undefined);
  const [region, endpoint, profile] = [text('region'), text('endpoint'), text('profile')];
  const { openBucket } = await import('../s3/index.js');
  return openBucket({
    bucket,
    env,
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(profile === undefined ? {} : { profile }),
    ...(typeof s3.path_style === 'boolean' ? { forcePathStyle: s3.path_style } : {}),
  });
}
