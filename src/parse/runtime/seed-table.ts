/** A seed's CSV file: its header, its rows, and the kind of each column, inferred as dbt infers it. */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { Dialect, Session } from '../../adapters/adapter.js';
import { didYouMean, problem, UpsqlError } from '../../diagnostics/index.js';
import { decimalValue, temporalValue } from '../context/sql-value.js';
import { TableValue } from '../context/table-value.js';

/** Keys of a dialect's `seedTypes`. */
export type SeedKind = 'text' | 'integer' | 'number' | 'boolean' | 'datetime' | 'date';

const NUMBER = /^[-+]?(\d[\d,]*\.?\d*|\.\d+)(e[-+]?\d+)?%?$/i;
/** A day as Python's strptime takes `%Y-%m-%d`, and a time with it as it takes `%H:%M:%S`. */
const DATE = /^(\d{4})-(\d\d?)-(\d\d?)$/;
const DATETIME = /^(\S+)\s+(\d\d?):(\d\d?):(\d\d?)$/;
/** Of what ISO 8601 allows, what a warehouse can load. */
const ISO = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:Z|[-+]\d\d(?::?\d\d)?)?$/;

/** As dbt reads a seed, nothing and the word null are no value, in columns of text too. */
const isNull = (value: string): boolean => value === '' || value.toLowerCase() === 'null';

function isDate(value: string): boolean {
  const m = DATE.exec(value);
  if (m === null) return false;
  const [, year, month, day] = m.map(Number) as [number, number, number, number];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function isDatetime(value: string, form: RegExp): boolean {
  const [, day = '', hour, minute, second = '0'] = form.exec(value) ?? [];
  return isDate(day) && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
}

const TESTS: readonly (readonly [SeedKind, (value: string) => boolean])[] = [
  ['number', (v) => NUMBER.test(v)],
  ['date', isDate],
  // All values of a column have the same of the two forms.
  ['datetime', (v) => isDatetime(v, DATETIME)],
  ['datetime', (v) => isDatetime(v, ISO)],
  ['boolean', (v) => /^(true|false)$/i.test(v)],
];

/** The first kind that every value of a column fits; a column without values is taken for integers. */
export function inferKind(values: Iterable<string>): SeedKind {
  let left = TESTS;
  let decimals = false;
  for (const raw of values) {
    const value = raw.trim();
    if (isNull(value)) continue;
    left = left.filter(([, fits]) => fits(value));
    if (left.length === 0) return 'text';
    decimals ||= /[.]\d*[1-9]/.test(value) || /e-|%$/i.test(value);
  }
  const kind = left[0]?.[0] ?? 'text';
  if (kind !== 'number') return kind;
  return decimals ? 'number' : 'integer';
}

export interface SeedFile {
  readonly columns: readonly string[];
  readonly kinds: readonly SeedKind[];
  readonly rows: readonly (readonly string[])[];
}

function csvProblem(error: unknown, file: string): UpsqlError {
  const given = error as { code?: string; lines?: number; column?: number | string; message: string };
  const line = given.lines ?? 1;
  const uneven =
    given.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH' || given.code === 'CSV_RECORD_INCONSISTENT_COLUMNS';
  return new UpsqlError(
    problem(
      'invalid-seed',
      uneven
        ? `This row has another number of values than the header has columns.`
        : `The CSV can't be read: ${given.message}`,
      {
        place: { file, line, column: 1 },
        hint: uneven
          ? 'Add the missing values (or commas), or quote values that hold a comma: "a, b".'
          : 'Quotes inside a quoted value are doubled: "say ""hi""".',
      },
    ),
  );
}

/**
 * Reads a seed. Throws UpsqlError with the line for rows of the wrong length, broken quotes, an empty file, a column twice.
 * @param forced columns with a type of their own (`column_types`): they stay text
 */
export function readSeed(file: string, delimiter: string, forced: ReadonlySet<string>): SeedFile {
  let records: string[][];
  try {
    records = parse(readFileSync(file, 'utf8'), { bom: true, delimiter, skip_empty_lines: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new UpsqlError(problem('missing-seed', `The seed's file is gone: ${file}`));
    throw csvProblem(error, file);
  }
  const [header, ...rows] = records;
  if (header === undefined) {
    throw new UpsqlError(
      problem('invalid-seed', 'The seed is empty: it needs a header line with column names.', {
        place: { file, line: 1, column: 1 },
      }),
    );
  }
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new UpsqlError(
      problem('invalid-seed', `The column '${twice}' stands in the header twice.`, {
        place: { file, line: 1, column: 1 },
        hint: 'Rename one of them.',
      }),
    );
  }
  const kinds = header.map((name, i) => (forced.has(name) ? 'text' : inferKind(column(rows, i))));
  return { columns: header, kinds, rows };
}

function* column(rows: readonly (readonly string[])[], index: number): Generator<string> {
  for (const row of rows) yield row[index] ?? '';
}

/** The error for a `column_types` entry that names no column. */
export function checkColumnTypes(seed: SeedFile, names: readonly string[], file: string): void {
  for (const name of names) {
    if (seed.columns.some((c) => c.toLowerCase() === name.toLowerCase())) continue;
    throw new UpsqlError(
      problem('missing-seed-column', `column_types names the column '${name}', which the seed does not have.`, {
        place: { file, line: 1, column: 1 },
        hint: didYouMean(name, seed.columns) ?? `Its columns are ${seed.columns.join(', ')}.`,
      }),
    );
  }
}

function cell(value: string, kind: SeedKind): unknown {
  const text = value.trim();
  if (isNull(text)) return null;
  if (kind === 'text') return value;
  if (kind === 'integer') {
    const n = Number(text.replaceAll(',', ''));
    return Number.isSafeInteger(n) ? n : BigInt(text.replaceAll(',', '').replace(/\..*$/, ''));
  }
  if (kind === 'number') return decimalValue(text.replaceAll(',', '').replace(/%$/, ''));
  if (kind === 'boolean') return text.toLowerCase() === 'true';
  return temporalValue(text, kind);
}

/** The seed as the table that `load_agate_table()` gives. */
export function seedTableValue(seed: SeedFile): TableValue {
  return new TableValue({
    names: seed.columns,
    types: seed.kinds,
    rows: seed.rows.map((row) => row.map((value, i) => cell(value, seed.kinds[i] ?? 'text'))),
  });
}

const BATCH = 10_000;
/** Characters of one statement: Snowflake takes up to 1 MB. */
const MAX_TEXT = 900_000;
const SHOWN = 10;

/** Up to here one statement of literals is about as fast as a file; see the session's own loads. */
function isSmall({ rows }: SeedFile): boolean {
  if (rows.length > 2_000) return false;
  const size = rows.reduce((sum, row) => sum + row.reduce((length, value) => length + value.length + 4, 2), 0);
  return size <= 200_000;
}

/**
 * Inserts a seed's rows into its (empty) table, in one statement of literals, or by a file where they are
 * many and the session can; the table's types convert them. Gives the statement with the first rows, to show.
 */
export async function loadSeed(
  session: Session,
  table: string,
  seed: SeedFile,
  { backslashEscapes = false }: Pick<Dialect, 'backslashEscapes'>,
): Promise<string> {
  const text = (v: string) => (backslashEscapes ? v.replaceAll('\\', '\\\\') : v).replaceAll("'", "''");
  const literal = (v: string) => (isNull(v.trim()) ? 'null' : `'${text(v)}'`);
  const insert = (rows: readonly string[]) => `insert into ${table} values ${rows.join(', ')}`;
  if (session.append !== undefined && !isSmall(seed)) {
    await session.append(
      table,
      seed.rows.map((row) => row.map((value) => (isNull(value.trim()) ? null : value))),
    );
    return insert(seed.rows.slice(0, SHOWN).map((row) => `(${row.map(literal).join(', ')})`));
  }
  let shown = '';
  let batch: string[] = [];
  let size = 0;
  const send = async (): Promise<void> => {
    if (batch.length === 0) return;
    if (shown === '') shown = insert(batch.slice(0, SHOWN));
    await session.execute(insert(batch));
    batch = [];
    size = 0;
  };
  for (const row of seed.rows) {
    const values = `(${row.map(literal).join(', ')})`;
    if (batch.length >= BATCH || size + values.length > MAX_TEXT) await send();
    batch.push(values);
    size += values.length + 2;
  }
  await send();
  return shown;
}
