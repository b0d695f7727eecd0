/** Files into a table of DuckDB: each is read into a temporary table first, so that what is bad is known before anything changes. */
import type { Adapter, Session } from '../adapters/adapter.js';
import { DatabaseError } from '../adapters/adapter.js';
import { quoteIdentifier, quoteLiteral } from '../adapters/duckdb/dialect.js';
import { UpsqlError } from '../diagnostics/index.js';
import type { Ingest } from './declaration.js';
import { type History, tableName } from './history.js';
import type { LocalFile } from './local-files.js';
import { type FileReport, MOST_REJECTED, type Rejected } from './report.js';

export interface DuckDbLoad {
  readonly session: Session;
  readonly dialect: Adapter['dialect'];
  readonly ingest: Ingest;
  readonly files: readonly LocalFile[];
  readonly history: History;
  /** The table's rows and history go first, in the same transaction. */
  readonly fullRefresh: boolean;
  readonly signal: AbortSignal;
  onFile(done: number, file: LocalFile): void;
}

interface Staged {
  readonly file: LocalFile;
  readonly table: string;
  readonly rows: number;
  readonly errors: number;
  readonly rejected: readonly Rejected[];
  /** Nothing of the file can be read. */
  readonly unreadable?: string;
}

export interface Loaded {
  readonly files: readonly FileReport[];
  readonly rejected: readonly Rejected[];
}

const REJECTS = ['upsql_reject_errors', 'upsql_reject_scans'] as const;

/**
 * Loads the files: one transaction a file, or one for all with a full refresh and with `abort_statement`, where the first
 * bad row leaves everything as it was. Throws DatabaseError for the warehouse's own faults, UpsqlError `file-changed`.
 */
export async function loadIntoDuckDb(load: DuckDbLoad): Promise<Loaded> {
  const { ingest, files, fullRefresh } = load;
  const whole = fullRefresh || ingest.onError === 'abort_statement';
  const reports: FileReport[] = [];
  const rejected: Rejected[] = [];
  const waiting: Staged[] = [];
  try {
    for (const [i, file] of files.entries()) {
      load.signal.throwIfAborted();
      load.onFile(i, file);
      const staged = await stage(load, file, i);
      waiting.push(staged);
      rejected.push(...staged.rejected.slice(0, MOST_REJECTED - rejected.length));
      const broken = staged.unreadable !== undefined || staged.errors > 0;
      if (broken && ingest.onError === 'abort_statement') {
        // As Snowflake's: one bad row and the whole load has not been.
        const untouched = files.filter((other) => other !== file).map((other) => notLoaded(other));
        return { files: [...untouched, reportOf(staged, 'load_failed')], rejected };
      }
      if (!whole) reports.push(...(await keep(load, waiting.splice(0))));
    }
    if (whole) reports.push(...(await keep(load, waiting.splice(0))));
    return { files: reports, rejected };
  } finally {
    for (const { table } of waiting) await drop(load.session, table);
  }
}

/** Of a file that is left out because another one has an error. */
function notLoaded({ name, bytes }: LocalFile): FileReport {
  return { file: name, bytes, status: 'load_failed', rowsLoaded: 0, errors: 0 };
}

function reportOf(staged: Staged, status: FileReport['status']): FileReport {
  const { file, rows, errors, rejected, unreadable } = staged;
  const [first] = rejected;
  return {
    file: file.name,
    bytes: file.bytes,
    status,
    rowsLoaded: status === 'load_failed' ? 0 : rows,
    errors: unreadable === undefined ? errors : 1,
    firstError: unreadable ?? first?.error,
    firstErrorLine: first?.line,
  };
}

/** Puts staged rows into the table and the files into the history, in one transaction. */
async function keep(load: DuckDbLoad, group: readonly Staged[]): Promise<FileReport[]> {
  const { session, ingest, dialect, history } = load;
  const reports = group.map((staged) => {
    const failed = staged.unreadable !== undefined || (staged.errors > 0 && ingest.onError === 'skip_file');
    return reportOf(staged, failed ? 'load_failed' : staged.errors > 0 ? 'partially_loaded' : 'loaded');
  });
  const good = group.filter((_, i) => reports[i]?.status !== 'load_failed');
  const table = tableName(ingest.source, dialect);
  const names = ingest.columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  const values = ingest.columns.map((_, i) => `v${i}`).join(', ');
  for (const { file } of good) await file.unchanged();
  await session.begin();
  try {
    if (load.fullRefresh) {
      await session.execute(`delete from ${table}`, { fetch: false });
      await session.execute(history.forget, { fetch: false });
    }
    for (const { table: batch } of good)
      await session.execute(`insert into ${table} (${names}) select ${values} from ${batch} where bad is null`, {
        fetch: false,
      });
    const entries = good.map(({ file, rows, errors }) => ({
      file: file.name,
      bytes: file.bytes,
      hash: file.hash,
      rows,
      errors,
      status: errors > 0 ? ('partially_loaded' as const) : ('loaded' as const),
    }));
    if (entries.length > 0) await session.execute(history.insert(entries), { fetch: false });
    await session.commit();
  } catch (error) {
    await session.rollback();
    throw error;
  } finally {
    for (const { table: batch } of group) await drop(session, batch);
  }
  return reports;
}

async function drop(session: Session, table: string): Promise<void> {
  await session.execute(`drop table if exists ${table}`, { fetch: false }).catch(() => undefined);
}

/** Reads a file into a temporary table: `v0`, `v1` ... are the values, `bad` names the column that a row fails at. */
async function stage(load: DuckDbLoad, file: LocalFile, index: number): Promise<Staged> {
  const { session, ingest } = load;
  const table = `temp.upsql_batch_${index}`;
  const nothing = { file, table, rows: 0, errors: 0, rejected: [] };
  try {
    await file.fetch?.();
    for (const name of REJECTS) await session.execute(`drop table if exists temp.${name}`, { fetch: false });
    const texts = await sourceSql(session, ingest, file);
    const cast = ingest.columns.map(({ type }, i) => `try_cast(c${i} as ${type}) as v${i}`).join(', ');
    const fails = ingest.columns.map(
      ({ name }, i) =>
        `when c${i} is not null and try_cast(c${i} as ${ingest.columns[i]?.type}) is null then ${quoteLiteral(name)}`,
    );
    await session.execute(
      `create or replace temp table ${table.slice('temp.'.length)} as\n` +
        `select ${cast}, bad, case when bad is not null then record end as record, case when bad is not null then line end as line\n` +
        `from (select *, case when not readable then '' ${fails.join(' ')} end as bad from (${texts}) as texts) as judged`,
      { fetch: false },
    );
    const counted = await session.execute(
      `select count(*) filter (bad is null), count(*) filter (bad is not null) from ${table}`,
    );
    const [rows, bad] = (counted.rows[0] ?? [0, 0]).map(Number) as [number, number];
    const { skipped, rejected } = await rejectedRows(load, file, table);
    return { file, table, rows, errors: bad + skipped, rejected };
  } catch (error) {
    if (error instanceof DatabaseError && error.kind !== 'interrupted' && !/out of memory/i.test(error.message))
      return { ...nothing, unreadable: error.message.split('\n')[0] ?? '' };
    if (error instanceof UpsqlError) return { ...nothing, unreadable: error.message };
    throw error;
  } finally {
    await file.release?.();
  }
}

async function rejectedRows(
  { session, ingest }: DuckDbLoad,
  file: LocalFile,
  table: string,
): Promise<{ skipped: number; rejected: Rejected[] }> {
  const header = ingest.kind === 'csv' && ingest.header ? 1 : 0;
  const skipped: Rejected[] = [];
  let count = 0;
  if (ingest.kind !== 'parquet') {
    const found = await session.execute(
      `select line, any_value(column_name), any_value(error_message), any_value(csv_line) from temp.${REJECTS[0]} group by line order by line`,
    );
    count = found.rows.length;
    for (const [line, column, error, record] of found.rows)
      skipped.push({
        file: file.name,
        line: Number(line),
        column: column === null || ingest.kind === 'json' ? undefined : String(column),
        error: String(error).split('\n')[0] ?? '',
        record: String(record ?? ''),
      });
  }
  const failed = await session.execute(
    `select line, bad, record from ${table} where bad is not null order by line limit ${MOST_REJECTED}`,
  );
  const types = new Map(ingest.columns.map(({ name, type }) => [name, type]));
  const cast = failed.rows.map(([line, bad, record]): Rejected => {
    // Lines that the reader left out are not numbered.
    let at = Number(line) + header;
    for (const one of skipped) if (one.line !== undefined && one.line <= at) at += 1;
    const column = String(bad);
    const error = column === '' ? 'the line is no JSON object' : `the value of ${column} is no ${types.get(column)}`;
    return { file: file.name, line: at, column: column === '' ? undefined : column, error, record: String(record) };
  });
  const rejected = [...skipped, ...cast].sort((a, b) => (a.line ?? 0) - (b.line ?? 0)).slice(0, MOST_REJECTED);
  return { skipped: count, rejected };
}

/** A query of `line`, `readable`, `record` and the values `c0`, `c1` ... as the file has them. */
async function sourceSql(session: Session, ingest: Ingest, file: LocalFile): Promise<string> {
  const path = quoteLiteral(file.path);
  const rejects = `store_rejects = true, rejects_table = '${REJECTS[0]}', rejects_scan = '${REJECTS[1]}', rejects_limit = 0`;
  const names = ingest.columns.map(({ name }) => name);
  if (ingest.kind === 'json') {
    const shape = JSON.stringify(Object.fromEntries(names.map((name) => [name, 'VARCHAR'])));
    const values = names.map((name, i) => `record.${quoteIdentifier(name)} as c${i}`).join(', ');
    // Lines as text first: a broken one must not stop the others.
    return (
      `select line, record is not null as readable, text as record, ${values} from (select row_number() over () as line, text, ` +
      `from_json(case when json_valid(text) then case when json_type(text) = 'OBJECT' then text end end, ${quoteLiteral(shape)}) as record ` +
      `from read_csv(${path}, columns = {'text': 'VARCHAR'}, header = false, auto_detect = false, delim = '\\x01', quote = '', ` +
      `escape = '', comment = '', ${rejects})) as lines where text is not null and trim(text) <> ''`
    );
  }
  if (ingest.kind === 'parquet') {
    const reader = `read_parquet(${path})`;
    const columns = await found(session, reader, ingest);
    const values = columns.map((column, i) => `${column} as c${i}`).join(', ');
    return `select row_number() over () as line, true as readable, cast(to_json(file) as varchar) as record, ${values} from ${reader} as file`;
  }
  const form =
    `delim = ${quoteLiteral(ingest.delimiter)}, quote = ${quoteLiteral(ingest.quote)}, escape = ${quoteLiteral(ingest.quote)}, ` +
    `header = ${ingest.header}, allow_quoted_nulls = false, ${rejects}`;
  const listed = names.map((name) => `${quoteLiteral(name)}: 'VARCHAR'`).join(', ');
  const reader = ingest.byName
    ? `read_csv(${path}, all_varchar = true, ${form})`
    : `read_csv(${path}, columns = {${listed}}, auto_detect = false, ${form})`;
  const columns = ingest.byName ? await found(session, reader, ingest) : names.map(quoteIdentifier);
  const nulls = ingest.nullIf.map(quoteLiteral).join(', ');
  const values = columns.map((column, i) =>
    nulls === '' || column === 'null'
      ? `${column} as c${i}`
      : `case when ${column} not in (${nulls}) then ${column} end as c${i}`,
  );
  const record = `concat_ws(${quoteLiteral(ingest.delimiter)}, ${columns.map((column) => `coalesce(${column}, '')`).join(', ')})`;
  return `select row_number() over () as line, true as readable, ${record} as record, ${values.join(', ')} from ${reader} as file`;
}

/** The declared columns as the file names them; `null` for one that it does not have. */
async function found(session: Session, reader: string, { columns }: Ingest): Promise<string[]> {
  const { rows } = await session.execute(`describe select * from ${reader}`);
  const there = new Map(rows.map(([name]) => [String(name).toLowerCase(), String(name)]));
  const matched = columns.map(({ name }) => there.get(name.toLowerCase()));
  if (matched.every((name) => name === undefined))
    throw new DatabaseError(
      `the file has none of the columns; it has ${[...there.values()].slice(0, 10).join(', ')}`,
      '',
    );
  return matched.map((name) => (name === undefined ? 'null' : `file.${quoteIdentifier(name)}`));
}
