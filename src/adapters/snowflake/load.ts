/** Files of a bucket into a table: a stage over the bucket, and `COPY INTO`, which remembers what it has loaded. */
import type { QueryResult, RelationName, Session, SqlValue } from '../adapter.js';
import { DatabaseError } from '../adapter.js';
import { type Quoting, quoteIdentifier, quoteLiteral, renderRelation } from './dialect.js';
import { type FileFormat, formatOptions } from './file-format.js';

export type { FileFormat } from './file-format.js';

/** What a row that can't be read does: ends the load, is left out, or leaves its whole file out. */
export type OnError = 'abort_statement' | 'continue' | 'skip_file' | `skip_file_${number}` | `skip_file_${number}%`;

export interface LoadColumn {
  /** As it stands in the table; it is quoted. */
  readonly name: string;
  /** Over the file's `$1`, `$2` ... (CSV) or `$1:field` (JSON, Parquet). Without any, the columns are the file's in order. */
  readonly expression?: string;
}

export interface StageLoad {
  /** The table, which has to be there. */
  readonly relation: RelationName;
  /** The stage's name. */
  readonly stage: RelationName;
  /** The storage integration that may read the bucket; without one, the stage has to be there already. */
  readonly integration?: string;
  /** `s3://bucket/folder/`: what the stage is about. */
  readonly url: string;
  readonly format: FileFormat;
  /** Columns to fill. Either these or `byName`; neither: all columns in order. */
  readonly columns?: readonly LoadColumn[];
  /** Columns of the file go to the table's columns of the same name. */
  readonly byName?: 'case_sensitive' | 'case_insensitive';
  readonly onError: OnError;
  /** Names of files below `url`; all that are there when left out. */
  readonly files?: readonly string[];
  /** Loads files again that this table has loaded already. */
  readonly force?: boolean;
  readonly quoting?: Quoting;
}

export interface FileLoad {
  /** As Snowflake names it: the whole URL for a bucket, the path for a stage of its own. */
  readonly file: string;
  /** `skipped`: this table has loaded the file before, and it has not changed. */
  readonly status: 'loaded' | 'partially_loaded' | 'load_failed' | 'skipped';
  readonly rowsParsed: number;
  readonly rowsLoaded: number;
  readonly errors: number;
  readonly firstError?: string;
  /** From 1; absent when Snowflake does not say. */
  readonly firstErrorLine?: number;
  readonly firstErrorColumn?: string;
}

/** A row that was left out: where it stands and what it was. */
export interface RejectedRow {
  readonly file: string;
  readonly line: number | undefined;
  readonly column: string | undefined;
  readonly error: string;
  readonly record: string;
}

export interface LoadReport {
  readonly files: readonly FileLoad[];
  readonly rowsLoaded: number;
  /** At most 100; none for a load with expressions, of which Snowflake keeps no rejected rows. */
  readonly rejected: readonly RejectedRow[];
}

/** `COPY INTO` takes at most so many names. */
const MAX_FILES = 1000;
const MAX_REJECTED = 100;

/** A stage of this name over the URL. One that is there is altered, not replaced, so that the load history stays. */
export function stageStatements({ stage, url, integration, quoting }: StageLoad): string[] {
  const name = renderRelation(stage, quoting);
  const at = `url = ${quoteLiteral(url)}${integration === undefined ? '' : ` storage_integration = ${integration}`}`;
  return [`create stage if not exists ${name} ${at}`, `alter stage ${name} set ${at}`];
}

function copySql(load: StageLoad, files: readonly string[] | undefined): string {
  const stage = `@${renderRelation(load.stage, load.quoting)}`;
  const { columns = [] } = load;
  const list = columns.length === 0 ? '' : ` (${columns.map(({ name }) => quoteIdentifier(name)).join(', ')})`;
  const transformed = columns.some(({ expression }) => expression !== undefined);
  const values = columns.map(({ expression }, i) => expression ?? `$${i + 1}`);
  return [
    `copy into ${renderRelation(load.relation, load.quoting)}${list}`,
    `from ${transformed ? `(select ${values.join(', ')} from ${stage})` : stage}`,
    ...(files === undefined ? [] : [`files = (${files.map(quoteLiteral).join(', ')})`]),
    `file_format = ${formatOptions(load.format)}`,
    ...(load.byName === undefined ? [] : [`match_by_column_name = ${load.byName}`]),
    `on_error = ${/%$/.test(load.onError) ? quoteLiteral(load.onError) : load.onError}`,
    ...(load.force ? ['force = true'] : []),
  ].join('\n');
}

/** The `COPY INTO` statements of a load; several when there are more files than one of them takes. */
export function copyStatements(load: StageLoad): string[] {
  if (load.files === undefined) return [copySql(load, undefined)];
  const statements: string[] = [];
  for (let at = 0; at < load.files.length; at += MAX_FILES)
    statements.push(copySql(load, load.files.slice(at, at + MAX_FILES)));
  return statements;
}

type Row = ReadonlyMap<string, SqlValue>;

function rowsOf({ columns, rows }: QueryResult): Row[] {
  const names = columns.map(({ name }) => name.toLowerCase());
  return rows.map((row) => new Map(names.map((name, i) => [name, row[i] ?? null])));
}

function text(row: Row, key: string): string | undefined {
  const value = row.get(key) ?? null;
  return value === null ? undefined : String(value);
}

function count(row: Row, key: string): number | undefined {
  const value = text(row, key);
  return value === undefined || Number.isNaN(Number(value)) ? undefined : Number(value);
}

function statusOf(text: string): FileLoad['status'] {
  const status = text.toLowerCase();
  return status === 'load_skipped' ? 'skipped' : (status as FileLoad['status']);
}

function readReport(result: QueryResult): FileLoad[] {
  // Without files to load, the answer is one text in the column `status`.
  return rowsOf(result).flatMap((row) => {
    const file = text(row, 'file');
    if (file === undefined) return [];
    const firstError = text(row, 'first_error');
    const line = count(row, 'first_error_line');
    const column = text(row, 'first_error_column_name');
    return [
      {
        file,
        status: statusOf(text(row, 'status') ?? 'LOADED'),
        rowsParsed: count(row, 'rows_parsed') ?? 0,
        rowsLoaded: count(row, 'rows_loaded') ?? 0,
        errors: count(row, 'errors_seen') ?? 0,
        ...(firstError === undefined ? {} : { firstError }),
        ...(line === undefined ? {} : { firstErrorLine: line }),
        ...(column === undefined ? {} : { firstErrorColumn: column.replaceAll('"', '') }),
      },
    ];
  });
}

async function rejectedRows(session: Session, load: StageLoad, queryId: string): Promise<RejectedRow[]> {
  const table = renderRelation(load.relation, load.quoting);
  const sql = `select * from table(validate(${table}, job_id => ${quoteLiteral(queryId)})) limit ${MAX_REJECTED}`;
  const rows = rowsOf(await session.execute(sql, { limit: MAX_REJECTED }));
  return rows.map((row) => ({
    file: text(row, 'file') ?? '',
    line: count(row, 'line'),
    column: text(row, 'column_name')?.replaceAll('"', ''),
    error: text(row, 'error') ?? '',
    record: text(row, 'rejected_record') ?? '',
  }));
}

/**
 * Makes the stage and loads files into a table that is there. Each `COPY INTO` is atomic, and a file that the table has
 * loaded already is reported as `skipped` unless it has changed or `force` is set: a load that broke off may simply run
 * again. Throws DatabaseError when a statement fails, as it does at the first broken row with `abort_statement`.
 */
export async function loadFromStage(session: Session, load: StageLoad): Promise<LoadReport> {
  if (load.byName !== undefined && load.columns !== undefined)
    throw new DatabaseError('a load has either columns or byName, not both', '');
  if (load.integration !== undefined)
    for (const sql of stageStatements(load)) await session.execute(sql, { fetch: false });
  const loaded: FileLoad[] = [];
  const rejected: RejectedRow[] = [];
  const transformed = load.columns?.some(({ expression }) => expression !== undefined) ?? false;
  for (const sql of copyStatements(load)) {
    const result = await session.execute(sql);
    const report = readReport(result);
    loaded.push(...report);
    const broken = report.some(({ errors }) => errors > 0);
    if (broken && !transformed && result.queryId !== undefined && rejected.length < MAX_REJECTED)
      rejected.push(...(await rejectedRows(session, load, result.queryId)));
  }
  const prefix = load.url.endsWith('/') ? load.url : `${load.url}/`;
  const skipped = (load.files ?? [])
    .filter((name) => !loaded.some(({ file }) => file === prefix + name || file.endsWith(`/${name}`) || file === name))
    .map((name): FileLoad => ({ file: prefix + name, status: 'skipped', rowsParsed: 0, rowsLoaded: 0, errors: 0 }));
  return {
    files: [...loaded, ...skipped],
    rowsLoaded: loaded.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, 0),
    rejected,
  };
}
