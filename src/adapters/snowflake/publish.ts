/** CSV files into tables of a schema, each table as a whole or not at all, and only where something changed. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { ResultColumn, Session, SqlValue } from '../adapter.js';
import { DatabaseError } from '../adapter.js';
import { type Quoting, quoteIdentifier, quoteLiteral, renderName, renderRelation } from './dialect.js';
import { copyStatements, type StageLoad, stageStatements } from './load.js';
import { transfer } from './transfer.js';

/** Names are as written in SQL: unquoted they fold to upper case, `"UserPulse360_DB"` stays as it is. */
export interface PublishPlace {
  readonly database: string;
  readonly schema: string;
  readonly warehouse: string;
  /** Made in the schema when it is missing. */
  readonly stage: string;
  /** Folder on the stage: `loadingdata/csv/`. */
  readonly folder: string;
  /** Files lie in this bucket, read through the integration; without one, on the stage itself. */
  readonly bucket?: { readonly url: string; readonly integration: string };
}

export interface CsvTable {
  /** Absolute path of a CSV file with a header, as the export writes it. */
  readonly file: string;
  readonly table: string;
  readonly columns: readonly ResultColumn[];
  readonly rows: number;
}

export interface Published {
  readonly table: string;
  readonly rows: number;
  readonly outcome: 'created' | 'replaced' | 'unchanged';
}

const CSV = { type: 'csv', skipHeader: 1 } as const;

/** A DuckDB type as Snowflake has it; texts for what has no counterpart. */
export function publishedType(type: string): string {
  const bare = type.trim().toUpperCase();
  if (/^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT)$/.test(bare))
    return 'NUMBER(38,0)';
  if (/^(FLOAT|REAL|DOUBLE)$/.test(bare)) return 'FLOAT';
  if (/^(DECIMAL|NUMERIC|NUMBER)\(/.test(bare)) return `NUMBER${bare.slice(bare.indexOf('('))}`;
  if (/^(BOOLEAN|DATE|TIME)$/.test(bare)) return bare;
  if (/^TIMESTAMP(_S|_MS|_NS|_NTZ)?$/.test(bare)) return 'TIMESTAMP_NTZ';
  if (/^(TIMESTAMP WITH TIME ZONE|TIMESTAMPTZ|TIMESTAMP_TZ|TIMESTAMP_LTZ)$/.test(bare)) return 'TIMESTAMP_TZ';
  return 'VARCHAR';
}

interface Names {
  readonly schema: string;
  readonly stage: string;
  readonly quoting: Quoting;
  relation(identifier: string): { database: string; schema: string; identifier: string };
  table(identifier: string): string;
}

/** A name as SQL has it: one in double quotes stays, any other is quoted only where it has to be. */
function written(name: string): string {
  return name.startsWith('"') ? name : renderName(name, false);
}

function plain(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

function namesOf({ database, schema, stage }: PublishPlace): Names {
  const quoting = { database: database.startsWith('"'), schema: schema.startsWith('"'), identifier: false };
  const relation = (identifier: string) => ({ database: plain(database), schema: plain(schema), identifier });
  const table = (identifier: string): string => renderRelation(relation(identifier), quoting);
  return { schema: `${written(database)}.${written(schema)}`, stage: table(stage), quoting, relation, table };
}

function columnList(columns: readonly ResultColumn[]): string {
  return columns.map(({ name, type }) => `${quoteIdentifier(name.toUpperCase())} ${publishedType(type)}`).join(', ');
}

function loadOf(place: PublishPlace, table: CsvTable): StageLoad {
  const names = namesOf(place);
  const name = basename(table.file);
  return {
    relation: names.relation(`${table.table}__UPSQL_LOAD`),
    stage: names.relation(place.stage),
    quoting: names.quoting,
    url: place.bucket === undefined ? '' : place.bucket.url,
    ...(place.bucket === undefined ? {} : { integration: place.bucket.integration }),
    format: CSV,
    columns: table.columns.map((column) => ({ name: column.name.toUpperCase() })),
    onError: 'abort_statement',
    files: [`${place.folder}${name}${place.bucket === undefined ? '.gz' : ''}`],
  };
}

/** The statement that puts a file onto the stage of Snowflake's own. */
function putSql(place: PublishPlace, file: string): string {
  const path = file.replaceAll('\\', '/').replaceAll("'", "\\'");
  return `put 'file://${path}' @${namesOf(place).stage}/${place.folder} auto_compress = true overwrite = true`;
}

/** What a table is marked by: when it is the same, so is the content. */
async function markOf({ file, columns }: CsvTable): Promise<string> {
  const hash = createHash('sha256').update(columnList(columns));
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return `upsql publish: ${basename(file)} sha256 ${hash.digest('hex')}`;
}

/**
 * The statements that load a table whose file is on the stage. The rows go into a temporary table, which ends with its
 * session; then one statement puts the new table, its mark and its grants in the place of the old one.
 */
export function tableStatements(place: PublishPlace, table: CsvTable, mark: string): string[] {
  const names = namesOf(place);
  const load = loadOf(place, table);
  const staged = renderRelation(load.relation, load.quoting);
  return [
    `create or replace temporary table ${staged} (${columnList(table.columns)})`,
    ...copyStatements(load),
    [
      `create or replace table ${names.table(table.table)} (${columnList(table.columns)})`,
      'copy grants',
      `comment = ${quoteLiteral(mark)}`,
      `as select * from ${staged}`,
    ].join('\n'),
    `drop table if exists ${staged}`,
  ];
}

/** What stands before the tables: warehouse, database, schema, stage. */
export function setUpStatements(place: PublishPlace): string[] {
  const names = namesOf(place);
  return [
    `create warehouse if not exists ${written(place.warehouse)} warehouse_size = xsmall auto_suspend = 60 auto_resume = true initially_suspended = true`,
    `use warehouse ${written(place.warehouse)}`,
    `create database if not exists ${written(place.database)}`,
    `create schema if not exists ${names.schema}`,
    ...stageSql(place),
  ];
}

function stageSql(place: PublishPlace): string[] {
  const names = namesOf(place);
  if (place.bucket === undefined) return [`create stage if not exists ${names.stage}`];
  const { url, integration } = place.bucket;
  return stageStatements({
    relation: names.relation(''),
    stage: names.relation(place.stage),
    quoting: names.quoting,
    url,
    integration,
    format: CSV,
    onError: 'abort_statement',
  });
}

/** All statements of a publication of tables that are not there yet, for `--dry-run`. */
export async function publishSql(place: PublishPlace, tables: readonly CsvTable[]): Promise<string[]> {
  const statements = setUpStatements(place);
  for (const table of tables) {
    if (place.bucket === undefined) statements.push(putSql(place, table.file));
    statements.push(...tableStatements(place, table, await markOf(table)));
  }
  return statements;
}

const isMissing = (error: unknown): boolean => error instanceof DatabaseError && error.kind === 'missing';

/** Runs `sql`, and when what it names is missing, makes that and runs it again: a role needs rights only for what is not there. */
async function orMake(session: Session, sql: string, make: string): Promise<void> {
  try {
    await session.execute(sql, { fetch: false });
  } catch (error) {
    if (!isMissing(error)) throw error;
    await session.execute(make, { fetch: false });
    await session.execute(sql, { fetch: false });
  }
}

interface There {
  readonly mark: string;
  readonly rows: number | undefined;
}

/** Tables of the schema by name; makes database and schema when they are missing. */
async function tablesThere(session: Session, place: PublishPlace): Promise<ReadonlyMap<string, There>> {
  const names = namesOf(place);
  const show = `show objects in schema ${names.schema} limit 10000`;
  try {
    const { columns, rows } = await session.execute(show);
    const at = (key: string) => columns.findIndex(({ name }) => name.toLowerCase() === key);
    const [name, comment, count] = [at('name'), at('comment'), at('rows')];
    return new Map(
      rows.map((row) => [String(row[name]), { mark: String(row[comment] ?? ''), rows: number(row[count] ?? null) }]),
    );
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const database = written(place.database);
  await orMake(
    session,
    `show terse schemas in database ${database} limit 1`,
    `create database if not exists ${database}`,
  );
  await session.execute(`create schema if not exists ${names.schema}`, { fetch: false });
  return new Map();
}

function number(value: SqlValue): number | undefined {
  return value === null || Number.isNaN(Number(value)) ? undefined : Number(value);
}

export interface PublishOptions {
  readonly place: PublishPlace;
  readonly tables: readonly CsvTable[];
  /** Brings a file to `folder` of the bucket; not called without a bucket, where the driver does it. */
  readonly upload?: (file: string) => Promise<void>;
  /** Loads tables again that have not changed. */
  readonly force?: boolean;
  readonly onTable?: (done: Published) => void;
}

/**
 * Makes and fills the tables. One whose file, columns and number of rows are those of the last time is left alone. It may
 * be killed at any moment: a table is the old one or the whole new one, and the next run goes on. Throws DatabaseError.
 */
export async function publishTables(session: Session, options: PublishOptions): Promise<readonly Published[]> {
  const { place, tables, upload, force = false, onTable } = options;
  const warehouse = setUpStatements(place)[0] ?? '';
  await orMake(session, `use warehouse ${written(place.warehouse)}`, warehouse);
  const there = await tablesThere(session, place);
  // What was missing has led the session back to the profile's warehouse.
  await session.execute(`use warehouse ${written(place.warehouse)}`, { fetch: false });
  const done: Published[] = [];
  let staged = false;
  for (const table of tables) {
    const mark = await markOf(table);
    const old = there.get(table.table.toUpperCase());
    const same = !force && old?.mark === mark && (old.rows === undefined || old.rows === table.rows);
    if (!same) {
      if (!staged) for (const sql of stageSql(place)) await session.execute(sql, { fetch: false });
      staged = true;
      if (place.bucket === undefined) await transfer(putSql(place, table.file), (sql) => session.execute(sql));
      else await upload?.(table.file);
      await replaceTable(session, place, table, mark);
    }
    const outcome = same ? 'unchanged' : old === undefined ? 'created' : 'replaced';
    const published: Published = { table: table.table, rows: table.rows, outcome };
    done.push(published);
    onTable?.(published);
  }
  return done;
}

async function replaceTable(session: Session, place: PublishPlace, table: CsvTable, mark: string): Promise<void> {
  const [create = '', copy = '', ...rest] = tableStatements(place, table, mark);
  await session.execute(create, { fetch: false });
  const { columns, rows } = await session.execute(copy);
  const at = columns.findIndex(({ name }) => name.toLowerCase() === 'rows_loaded');
  const loaded = rows.reduce((sum, row) => sum + Number(row[at] ?? 0), 0);
  if (loaded !== table.rows)
    throw new DatabaseError(
      `${basename(table.file)} has ${table.rows} rows, of which Snowflake read ${loaded}: the file was changed on its way`,
      copy,
    );
  for (const sql of rest) await session.execute(sql, { fetch: false });
}
