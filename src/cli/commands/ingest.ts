import { join } from 'node:path';
import { type Diagnostic, problem, UpsqlError } from '../../diagnostics/index.js';
import type { Ingest } from '../../ingest/declaration.js';
import type { FileReport, SourceReport } from '../../ingest/report.js';
import type { Command, CommandContext } from '../command.js';
import { type OpenedProject, openProject } from '../open-project.js';
import { optionKinds, selectionOptions } from '../options.js';
import { selectionOf } from '../task-options.js';
import { version } from '../version.js';

const GROUP = 'Ingest:';
const options = [
  optionKinds.flag('dry-run', 'Tell what would be loaded; upload and load nothing', GROUP),
  optionKinds.flag('full-refresh', 'Empty the tables and load all files anew', GROUP),
  ...selectionOptions,
];

export const command: Command = {
  options,
  examples: [
    ['upsql ingest', 'All sources that declare files: config: {meta: {ingest: {files: data/events*.jsonl}}}'],
    ['upsql ingest -s source:raw.raw_events --target snowflake', 'One table, by way of the S3 bucket'],
    ['upsql ingest --dry-run', 'Which files would be loaded'],
  ],
  async run(context) {
    const opened = await openProject(context, options);
    const reports: SourceReport[] = [];
    const failed: Diagnostic[] = [];
    try {
      const declared = await readDeclarations(context, opened);
      for (const ingest of declared) {
        context.signal.throwIfAborted();
        try {
          const report = await load(context, opened, ingest);
          reports.push(report);
          tell(context, ingest, report, failed);
        } catch (error) {
          // One source that can't be loaded does not keep back the others.
          const found = await asProblems(error, ingest);
          failed.push(...found);
          reports.push(broken(ingest, found));
        }
      }
      context.output.progress(null);
      context.output.diagnostics(failed);
      if (opened.writesJson) await writeResults(context, opened, reports);
      summarize(context, reports);
      return failed.some(({ severity }) => severity === 'error') ? 1 : 0;
    } finally {
      context.output.progress(null);
      await opened.close();
    }
  },
};

/** The declarations of the selected sources. Throws UpsqlError with the problems of all of them. */
async function readDeclarations(context: CommandContext, opened: OpenedProject): Promise<readonly Ingest[]> {
  const { engine } = opened;
  const [{ selectIds }, { hasIngest, readIngest }] = await Promise.all([
    import('../../run/selection.js'),
    import('../../ingest/declaration.js'),
  ]);
  const selected = selectIds(engine, ['source'], selectionOf(context, opened)).map((id) => engine.manifest.sources[id]);
  const found: Ingest[] = [];
  const problems: Diagnostic[] = [];
  for (const source of selected) {
    if (source === undefined || !hasIngest(source)) continue;
    try {
      found.push(readIngest(source, engine.project.target, engine.project.root));
    } catch (error) {
      if (!(error instanceof UpsqlError)) throw error;
      problems.push(...error.diagnostics);
    }
  }
  if (problems.length > 0) throw new UpsqlError(problems);
  if (found.length === 0)
    throw new UpsqlError(
      problem('nothing-to-ingest', 'No selected source declares files', {
        hint: 'Add meta: {ingest: {files: ...}} to the config of a source table; docs/ingest.md shows how.',
      }),
    );
  return found;
}

async function load(
  { args, output, signal }: CommandContext,
  opened: OpenedProject,
  ingest: Ingest,
): Promise<SourceReport> {
  const { adapter, project, runtime } = opened.engine;
  const { ingestSource } = await import('../../ingest/ingest.js');
  const session = await adapter.session('ingest');
  const cancel = (): void => session.cancel();
  signal.addEventListener('abort', cancel);
  try {
    return await ingestSource(ingest, {
      adapter,
      session: runtime.commented(session),
      project,
      dryRun: args.flag('dry-run') === true,
      fullRefresh: opened.flag('full-refresh'),
      signal,
      onProgress: (progress) => output.progress(progress),
    });
  } finally {
    output.progress(null);
    signal.removeEventListener('abort', cancel);
    await session.close();
  }
}

const rowCount = (rows: number): string => `${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}`;

function line({ file, status, rowsLoaded, errors, upload }: FileReport): string {
  const sent = upload === undefined ? '' : `, ${upload}`;
  switch (status) {
    case 'loaded':
      return `${file}: ${rowCount(rowsLoaded)} loaded${sent}`;
    case 'partially_loaded':
      return `${file}: ${rowCount(rowsLoaded)} loaded, ${rowCount(errors)} rejected${sent}`;
    case 'load_failed':
      return `${file}: not loaded`;
    case 'skipped':
      return `${file}: loaded before`;
    case 'would_load':
      return `${file}: would be loaded`;
  }
}

/** A line a file, and a diagnostic for each with errors: a warning where the declaration lets them pass. */
function tell({ output }: CommandContext, ingest: Ingest, report: SourceReport, failed: Diagnostic[]): void {
  output.log('info', `${report.name}:`);
  for (const file of report.files) output.log('info', `  ${line(file)}`);
  for (const { file, status, errors, firstError, firstErrorLine } of report.files) {
    if (firstError === undefined) continue;
    const passes = ingest.onError !== 'abort_statement' && errors > 0;
    const at = firstErrorLine === undefined ? '' : ` line ${firstErrorLine}:`;
    const what = status === 'load_failed' ? 'not loaded' : `${rowCount(errors)} rejected`;
    failed.push(
      problem(status === 'load_failed' ? 'file-not-loaded' : 'rows-rejected', `${file}: ${what};${at} ${firstError}`, {
        severity: passes ? 'warning' : 'error',
        ...(report.rejected.length === 0
          ? {}
          : { hint: 'ingest_results.json in the target folder has the rejected rows.' }),
      }),
    );
  }
}

function broken({ name, source }: Ingest, found: readonly Diagnostic[]): SourceReport {
  const rejected = found.map(({ message }) => ({
    file: '',
    line: undefined,
    column: undefined,
    error: message,
    record: '',
  }));
  return { name, uniqueId: source.unique_id, status: 'error', files: [], rejected, seconds: 0 };
}

async function asProblems(error: unknown, { name }: Ingest): Promise<readonly Diagnostic[]> {
  if (error instanceof UpsqlError) return error.diagnostics;
  const { DatabaseError } = await import('../../adapters/adapter.js');
  if (!(error instanceof DatabaseError) || error.kind === 'interrupted') throw error;
  const hint = 'What was loaded stays; run again to go on.';
  return [problem('ingest-failed', `${name}: ${error.message.split('\n')[0]}`, { hint })];
}

function summarize({ output }: CommandContext, reports: readonly SourceReport[]): void {
  const files = reports.flatMap((report) => report.files);
  const count = (...statuses: string[]): number => files.filter(({ status }) => statuses.includes(status)).length;
  const rows = files.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, 0);
  const would = count('would_load');
  const loaded =
    would > 0 ? `${would} would be loaded` : `${count('loaded', 'partially_loaded')} loaded (${rowCount(rows)})`;
  output.log(
    'info',
    `${files.length} files: ${loaded}, ${count('skipped')} loaded before, ${count('load_failed')} not loaded`,
  );
}

async function writeResults(
  { invocation }: CommandContext,
  opened: OpenedProject,
  reports: readonly SourceReport[],
): Promise<void> {
  const [{ writeAtomic }, { scrub }] = await Promise.all([
    import('../../artifacts/write-atomic.js'),
    import('../../artifacts/secrets.js'),
  ]);
  const { targetDir, target } = opened.engine.project;
  const results = reports.map(({ name, uniqueId, status, files, rejected, seconds }) => ({
    unique_id: uniqueId,
    name,
    status,
    execution_time: seconds,
    rows_loaded: files.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, 0),
    files: files.map((file) => ({
      file: file.file,
      bytes: file.bytes,
      status: file.status,
      rows_loaded: file.rowsLoaded,
      errors: file.errors,
      first_error: file.firstError ?? null,
      first_error_line: file.firstErrorLine ?? null,
      upload: file.upload ?? null,
    })),
    rejected: rejected.map(({ line, column, ...rest }) => ({ ...rest, line: line ?? null, column: column ?? null })),
  }));
  const metadata = {
    generated_at: new Date().toISOString(),
    invocation_id: invocation.id,
    upsql_version: version(),
    target: target.name,
  };
  const text = JSON.stringify({ metadata, results }, null, 2);
  await writeAtomic(join(targetDir, 'ingest_results.json'), [`${scrub(text, opened.secrets)}\n`]);
}
