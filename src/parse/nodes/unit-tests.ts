/** `unit_tests:`: their rows from YAML, CSV text or fixture files, and the checksum that `state:modified` compares. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { parse as parseCsv } from 'csv-parse/sync';
import { didYouMean, problem, UpsqlError } from '../../diagnostics/index.js';
import { repr, toJinja } from '../../jinja/index.js';
import { plainText } from '../../project/index.js';
import type { OtherNode } from '../node.js';
import { strip } from '../python-strip.js';
import { isMap, mapOf, mapsOf, type Raw, textOrNull, texts } from '../shape.js';
import { originOf } from '../state.js';
import { parseReference } from './references.js';
import { addSectionNode, type SectionContext, sectionConfig, sectionFqn, sectionNode } from './section-node.js';

interface Rows {
  rows: unknown;
  readonly format: string;
  readonly fixture: string | null;
}

const FORMATS: Readonly<Record<string, string>> = { dict: 'Dict', csv: 'CSV', sql: 'SQL' };

function fault(
  { entry }: SectionContext,
  message: string,
  at: readonly (string | number)[],
  hint?: string,
): UpsqlError {
  const place = entry.locate([...at]);
  return new UpsqlError(problem('invalid-unit-test', message, { place, ...(hint === undefined ? {} : { hint }) }));
}

type CsvRow = Record<string, string | null>;

/** Says that a line of CSV can't be read; `line` counts from 1 in the text. */
type CsvFault = (line: number, message: string, hint: string) => UpsqlError;

/** Rows of CSV text as maps of texts; missing values at the end of a row are null. Throws what `refuse` gives. */
function csvRows(text: string, refuse: CsvFault): CsvRow[] {
  let found: { record: string[]; info: { lines: number } }[];
  try {
    found = parseCsv(text, { bom: true, relax_column_count: true, skip_empty_lines: true, info: true }) as never;
  } catch (error) {
    const { lines, message } = error as Error & { lines?: number };
    throw refuse(lines ?? 1, `This is no CSV: ${message}.`, 'Quote a value that has a comma, a quote or a line break.');
  }
  const [header, ...rows] = found;
  return rows.map(({ record, info }) => {
    const names = header?.record ?? [];
    if (record.length > names.length) {
      throw refuse(
        info.lines,
        `A row has ${record.length} values for ${names.length} columns.`,
        `The columns are ${names.join(', ')}; quote a value that has a comma in it.`,
      );
    }
    return Object.fromEntries(names.map((name, i) => [name, record[i] ?? null]));
  });
}

const emptyAsNull = (row: CsvRow) =>
  Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value === '' ? null : value]));

/** A fixture file of `format`. */
function fixtureFile(
  context: SectionContext,
  name: string,
  format: string,
  at: readonly (string | number)[],
): { file: string; text: string } {
  const { parsed, entry } = context;
  const found = parsed.fixtures.get(`${entry.packageName}.${name}`);
  if (found !== undefined && extname(found) !== `.${format}`)
    throw fault(
      context,
      `The fixture '${name}' is a ${extname(found)} file, and the format here is ${format}.`,
      [...at, 'fixture'],
      `Write format: ${extname(found).slice(1)}`,
    );
  if (found !== undefined) return { file: found, text: strip(readFileSync(found, 'utf8')) };
  const known = [...parsed.fixtures.keys()].map((key) => key.slice(key.indexOf('.') + 1));
  throw fault(
    context,
    `Unit test '${entry.name}' names the fixture '${name}', which does not exist.`,
    [...at, 'fixture'],
    didYouMean(name, known) ?? `Put ${name}.csv or ${name}.sql into a folder fixtures/ of the tests folder.`,
  );
}

/** The rows of a seed that an input names without rows of its own. */
function seedRows(context: SectionContext, input: unknown, at: readonly (string | number)[]): unknown[] {
  const { parsed } = context;
  if (input === undefined) throw fault(context, 'The expected rows are missing.', at, 'Write rows: [] for none.');
  const found = parseReference(String(input));
  const name = found?.kind === 'ref' ? found.ref.name : undefined;
  const table = name === undefined ? undefined : parsed.lookup.refs.get(name);
  const seed = [...(table?.values() ?? [])].find((node) => node.resource_type === 'seed');
  if (seed === undefined)
    throw fault(
      context,
      `The input ${String(input)} has no rows, and is not a seed whose rows could be taken.`,
      at,
      'Write rows: [] for none.',
    );
  const { file } = originOf(parsed, seed);
  return csvRows(readFileSync(file, 'utf8'), inFile(file));
}

/** Faults of CSV in a file of its own. */
const inFile =
  (file: string): CsvFault =>
  (line, message, hint) =>
    new UpsqlError(problem('invalid-unit-test', message, { place: { file, line, column: 1 }, hint }));

/** A row without nulls comes first: its values decide the types of the columns. */
function promoteWholeRow(rows: unknown[]): void {
  const at = rows.findIndex((row) => Object.values(mapOf(row)).every((value) => value !== null));
  if (at > 0) [rows[0], rows[at]] = [rows[at], rows[0]];
}

/** CSV of a fixture file, or as it stands in the YAML. */
function readCsv(context: SectionContext, fixture: string | null, rows: string, at: readonly (string | number)[]) {
  if (fixture !== null) {
    const { file, text } = fixtureFile(context, fixture, 'csv', at);
    return csvRows(text, inFile(file));
  }
  return csvRows(rows, (line, message, hint) => {
    const block = context.entry.locate([...at, 'rows']);
    // A block's text begins on the line after its sign.
    const place = { file: block.file, line: block.line + line, column: 1 };
    return new UpsqlError(problem('invalid-unit-test', message, { place, hint }));
  });
}

const HINT = 'Write format: csv or format: sql beside a text or a fixture, or rows: [{column: value}].';

function readRows(context: SectionContext, given: Raw, at: readonly (string | number)[]): Rows {
  const format = String(given.format ?? 'dict').toLowerCase();
  const fixture = textOrNull(given.fixture);
  const { rows } = given;
  const out: Rows = { rows: rows ?? null, format, fixture };
  if (!(format in FORMATS))
    throw fault(context, `The format '${format}' is none of dict, csv, sql.`, [...at, 'format']);
  if (format === 'dict') {
    if (fixture !== null)
      throw fault(
        context,
        'A fixture file has the format csv or sql, and none is said here.',
        [...at, 'fixture'],
        HINT,
      );
    if (rows === undefined || rows === null) out.rows = seedRows(context, given.input, at);
    else if (!Array.isArray(rows))
      throw fault(context, 'Rows of the format dict are a list of maps.', [...at, 'rows'], HINT);
    else {
      const wrong = rows.findIndex((row) => !isMap(row));
      if (wrong !== -1)
        throw fault(context, 'A row is a map of columns to values.', [...at, 'rows', wrong], 'Write {column: value}.');
      out.rows = [...rows];
    }
  } else if (typeof rows !== 'string' && fixture === null) {
    throw fault(context, `Rows of the format ${format} are a text, or a fixture file.`, [...at, 'rows']);
  } else if (format === 'csv') out.rows = readCsv(context, fixture, String(rows), at).map(emptyAsNull);
  else out.rows = fixture === null ? plainText(String(rows)) : fixtureFile(context, fixture, format, at).text;
  if (Array.isArray(out.rows)) promoteWholeRow(out.rows);
  return out;
}

/** A dataclass as Python prints it: dbt's checksum is made of that text. */
function printedRows({ rows, format, fixture }: Rows, input?: string): string {
  const fields = [
    ...(input === undefined ? [] : [`input=${repr(input)}`]),
    `rows=${repr(toJinja(rows))}`,
    `format=<UnitTestFormat.${FORMATS[format]}: ${repr(format)}>`,
    `fixture=${repr(fixture)}`,
  ];
  return `UnitTest${input === undefined ? 'Output' : 'Input'}Fixture(${fields.join(', ')})`;
}

function printed(name: string, value: Raw | null): string {
  if (value === null) return 'None';
  return `${name}(${Object.entries(value)
    .map(([key, item]) => `${key}=${repr(toJinja(item))}`)
    .join(', ')})`;
}

function overridesOf(raw: Raw): Record<string, unknown> | null {
  if (!isMap(raw.overrides)) return null;
  const { macros, vars, env_vars } = raw.overrides;
  return { macros: mapOf(macros), vars: mapOf(vars), env_vars: mapOf(env_vars) };
}

function versionsOf(context: SectionContext): Record<string, unknown> | null {
  const { raw } = context.entry;
  if (!isMap(raw.versions)) return null;
  if (texts(raw.versions.include).length > 0 && texts(raw.versions.exclude).length > 0)
    throw fault(context, 'Versions are either included or excluded.', ['versions', 'exclude'], 'Keep one of the two.');
  return { include: raw.versions.include ?? null, exclude: raw.versions.exclude ?? null };
}

/** Reads a unit test. Its model is found when all nodes are known. Throws UpsqlError for rows of the wrong form. */
export function readUnitTest(context: SectionContext): void {
  const { entry } = context;
  const { raw } = entry;
  const model = String(raw.model ?? '');
  const given = mapsOf(raw.given).map((item, i) => ({
    input: String(item.input ?? ''),
    ...readRows(context, item, ['given', i]),
  }));
  const expect = readRows(context, mapOf(raw.expect), ['expect']);
  const overrides = overridesOf(raw);
  const versions = versionsOf(context);
  const fqn = [...sectionFqn(entry, model), entry.name];
  const { config } = sectionConfig(context, 'unit_test', fqn);
  const hashed = [
    model,
    printed('UnitTestNodeVersions', versions),
    `[${given.map((g) => printedRows(g, g.input)).join(', ')}]`,
    printedRows(expect),
    printed('UnitTestOverrides', overrides),
    ...given
      .filter((g) => g.fixture !== null)
      .map((g) => (typeof g.rows === 'string' ? g.rows : repr(toJinja(g.rows)))),
  ].join('-');
  const node: OtherNode = {
    ...sectionNode(context, 'unit_test'),
    unique_id: `unit_test.${entry.packageName}.${model}.${entry.name}`,
    model,
    given,
    expect,
    fqn,
    description: textOrNull(raw.description) ?? '',
    overrides,
    depends_on: { macros: [], nodes: [] },
    config,
    checksum: createHash('sha256').update(hashed).digest('hex'),
    schema: null,
    versions,
    version: null,
  };
  if (context.parsed.manifest.unit_tests[node.unique_id] !== undefined)
    throw fault(context, `Unit test '${entry.name}' of '${model}' is there twice.`, ['name'], 'Rename one of them.');
  addSectionNode(context, 'unit_tests', node);
}
