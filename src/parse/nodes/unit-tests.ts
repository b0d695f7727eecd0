/** `unit_tests:`: their rows from YAML, CSV text or fixture files, and the checksum that `state:modified` compares. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parse as parseCsv } from 'csv-parse/sync';
import { didYouMean, problem, UpsqlError } from '../../diagnostics/index.js';
import { repr, toJinja } from '../../jinja/index.js';
import type { OtherNode } from '../node.js';
import { isMap, mapOf, mapsOf, type Raw, textOrNull } from '../shape.js';
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

/** Rows of CSV text as maps of texts; missing values at the end of a row are null. */
function csvRows(text: string): Record<string, string | null>[] {
  const [header = [], ...rows]: string[][] = parseCsv(text, {
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
  });
  return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? null])));
}

const emptyAsNull = (row: Record<string, string | null>) =>
  Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value === '' ? null : value]));

function fixtureText(context: SectionContext, name: string, at: readonly (string | number)[]): string {
  const { parsed, entry } = context;
  const found = parsed.fixtures.get(`${entry.packageName}.${name}`);
  if (found !== undefined) return readFileSync(found, 'utf8');
  const known = [...parsed.fixtures.keys()].map((key) => key.slice(key.indexOf('.') + 1));
  throw fault(
    context,
    `Unit test '${entry.name}' names the fixture '${name}', which does not exist.`,
    [...at, 'fixture'],
    didYouMean(name, known) ?? `Put ${name}.csv or ${name}.sql into a folder fixtures/ of the tests folder.`,
  );
}

/** The rows of a seed that an input names without rows of its own. */
function seedRows(context: SectionContext, input: string, at: readonly (string | number)[]): unknown[] {
  const { parsed } = context;
  const found = parseReference(input);
  const name = found?.kind === 'ref' ? found.ref.name : undefined;
  const table = name === undefined ? undefined : parsed.lookup.refs.get(name);
  const seed = [...(table?.values() ?? [])].find((node) => node.resource_type === 'seed');
  if (seed === undefined)
    throw fault(context, `The input ${input} has no rows, and is not a seed whose rows could be taken.`, at);
  return csvRows(readFileSync(originOf(parsed, seed).file, 'utf8'));
}

/** A row without nulls comes first: its values decide the types of the columns. */
function promoteWholeRow(rows: unknown[]): void {
  const at = rows.findIndex((row) => Object.values(mapOf(row)).every((value) => value !== null));
  if (at > 0) [rows[0], rows[at]] = [rows[at], rows[0]];
}

function readRows(context: SectionContext, given: Raw, at: readonly (string | number)[]): Rows {
  const format = String(given.format ?? 'dict').toLowerCase();
  const fixture = textOrNull(given.fixture);
  const { rows } = given;
  const out: Rows = { rows: rows ?? null, format, fixture };
  if (!(format in FORMATS))
    throw fault(context, `The format '${format}' is none of dict, csv, sql.`, [...at, 'format']);
  if (format === 'dict') {
    if (rows === undefined || rows === null) out.rows = seedRows(context, String(given.input), at);
    else if (!Array.isArray(rows)) throw fault(context, 'Rows of the format dict are a list of maps.', [...at, 'rows']);
    else out.rows = [...rows];
  } else if (typeof rows !== 'string' && fixture === null) {
    throw fault(context, `Rows of the format ${format} are a text, or a fixture file.`, [...at, 'rows']);
  } else if (format === 'csv')
    out.rows = csvRows(fixture === null ? String(rows) : fixtureText(context, fixture, at)).map(emptyAsNull);
  else if (fixture !== null) out.rows = fixtureText(context, fixture, at);
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

function versionsOf(raw: Raw): Record<string, unknown> | null {
  if (!isMap(raw.versions)) return null;
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
  const versions = versionsOf(raw);
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
  addSectionNode(context, 'unit_tests', node);
}
