/** Properties YAML: what `schema.yml` files say about models, sources, macros and the rest. */
import { type Diagnostic, didYouMean, type Place, problem, UpsqlError } from '../diagnostics/index.js';
import { check } from './check.js';
import type { YamlMap, YamlValue } from './project.js';
import { CLOSED, type PropertyKind, propertySchemas } from './property-schemas.js';
import { type RenderText, renderValue } from './render.js';
import { readYaml, type YamlFile, type YamlPath } from './yaml.js';
import { isYamlMap } from './yaml-map.js';

/** Where a properties file belongs. */
export interface PropertiesSource {
  /** Absolute path, for diagnostics. */
  readonly file: string;
  /** Relative to its resource path (`marts/marts.yml`), with `/`. */
  readonly path: string;
  /** Relative to the package's root (`models/marts/marts.yml`). */
  readonly originalFilePath: string;
  readonly packageName: string;
}

export interface PropertyEntry extends PropertiesSource {
  readonly kind: PropertyKind;
  readonly name: string;
  /** As written (dates as ISO text), or after `renderProperties`. */
  readonly raw: YamlMap;
  /** As written, dates as ISO text. */
  readonly unrendered: YamlMap;
  /** As written, dates as such: another object than `unrendered` only where there are some. */
  readonly dated: YamlMap;
  /** The place of the entry's name. */
  readonly place: Place;
  /** The place of a value in the entry. */
  locate(path: YamlPath): Place;
  readonly document: YamlFile;
  /** Where the entry stands in `document`. */
  readonly at: YamlPath;
}

export interface Properties {
  readonly entries: readonly PropertyEntry[];
  /** Warnings. */
  readonly diagnostics: readonly Diagnostic[];
}

const KINDS = Object.keys(propertySchemas) as PropertyKind[];

/**
 * Reads and checks a properties file; entries come by section, in the order of the file. Unknown keys are warnings where
 * dbt lets them pass, else errors. Throws UpsqlError with all the errors in the file.
 */
export function readProperties(source: PropertiesSource, text: string): Properties {
  const document = readYaml(text, source.file);
  const found: Diagnostic[] = [...document.diagnostics];
  const entries: PropertyEntry[] = [];
  const { value } = document;
  if (value !== null && !isYamlMap(value))
    throw new UpsqlError(
      at(
        document,
        [],
        'invalid-properties',
        'A properties file holds a map',
        'Start it with "models:" or another section.',
      ),
    );
  for (const key of Object.keys(value ?? {})) {
    const kind = KINDS.find((known) => known === key);
    if (kind !== undefined) readSection(document, source, kind, key, value?.[key] ?? null, entries, found);
    else if (key === 'version') checkVersion(document, value?.[key] ?? null, found);
    else if (key !== 'anchors')
      found.push({
        ...at(
          document,
          [key],
          'unknown-key',
          `Unknown section '${key}'`,
          (key === 'tests' ? 'Rename it to data_tests; under this name it is not read.' : didYouMean(key, KINDS)) ??
            `Sections: ${KINDS.join(', ')}.`,
        ),
        severity: 'warning',
      });
  }
  if (found.some((diagnostic) => diagnostic.severity === 'error')) throw new UpsqlError(found);
  return { entries, diagnostics: found };
}

function checkVersion(document: YamlFile, version: YamlValue, found: Diagnostic[]): void {
  if (version === 2) return;
  found.push({
    ...problem('invalid-version', 'The version of a properties file is 2', {
      hint: 'Write version: 2, or leave it away.',
    }),
    place: document.locate(['version']),
    source: document.text,
  });
}

function readSection(
  document: YamlFile,
  source: PropertiesSource,
  kind: PropertyKind,
  key: string,
  list: YamlValue,
  entries: PropertyEntry[],
  found: Diagnostic[],
): void {
  if (!Array.isArray(list)) {
    found.push(
      at(document, [key], 'invalid-value', `'${key}' takes a list of entries`, 'Start each one with "- name: ...".'),
    );
    return;
  }
  for (const [index, raw] of list.entries()) {
    const path = [key, index];
    if (!isYamlMap(raw)) {
      found.push({
        ...problem('invalid-value', `An entry of '${key}' is a map with a name`, { hint: 'Write "- name: ...".' }),
        place: document.locate(path),
        source: document.text,
      });
      continue;
    }
    const name = typeof raw.name === 'string' ? raw.name : '';
    const what = name === '' ? `an entry of ${key}` : `${singular(key)} '${name}'`;
    const unknownKeys = (inner: YamlPath) => (isClosed(kind, inner) ? 'error' : 'warning');
    const faults = check(propertySchemas[kind], raw, document, { at: path, what, unknownKeys });
    if (kind === 'data_tests' && faults.some((fault) => fault.severity === 'error')) {
      // dbt warns of the first faulty entry here and reads no further in the section.
      found.push(...faults.map((fault): Diagnostic => ({ ...fault, severity: 'warning' })));
      return;
    }
    found.push(...faults);
    checkTests(document, path, raw, found);
    checkConfigKeys(document, [...path, 'config'], raw.config, found);
    const { file, path: shownPath, originalFilePath, packageName } = source;
    // Field by field: thousands of them are made.
    entries.push({
      file,
      path: shownPath,
      originalFilePath,
      packageName,
      kind,
      name,
      raw,
      unrendered: raw,
      dated: datedEntry(document, key, index) ?? raw,
      place: document.locate([...path, 'name']),
      locate: (inner) => document.locate([...path, ...inner]),
      document,
      at: path,
    });
  }
}

function datedEntry({ dated }: YamlFile, key: string, index: number): YamlMap | undefined {
  const list = isYamlMap(dated) ? dated[key] : undefined;
  const entry = Array.isArray(list) ? list[index] : undefined;
  return isYamlMap(entry) ? entry : undefined;
}

/** dbt refuses unknown keys in some sections, in a source (not its tables) and in a version. */
function isClosed(kind: PropertyKind, path: YamlPath): boolean {
  if (kind === 'sources') return path.length === 0;
  return CLOSED.has(kind) || (path[0] === 'versions' && path.length === 2);
}

function singular(key: string): string {
  if (key === 'analyses') return 'analysis';
  return key.replace(/ies$/, 'y').replace(/s$/, '').replaceAll('_', ' ');
}

/** `tests` and `data_tests` are one thing under two names. */
function checkTests(document: YamlFile, path: YamlPath, raw: YamlMap, found: Diagnostic[]): void {
  if ('tests' in raw && 'data_tests' in raw)
    found.push(
      at(
        document,
        [...path, 'tests'],
        'duplicate-key',
        "'tests' and 'data_tests' can not both be given",
        'Keep data_tests.',
      ),
    );
  for (const part of ['columns', 'tables']) {
    const items = raw[part];
    if (!Array.isArray(items)) continue;
    for (const [i, item] of items.entries()) if (isYamlMap(item)) checkTests(document, [...path, part, i], item, found);
  }
}

const CONFIG_KEYS = (
  'access alias batch_size begin column_types concurrent_batches contract database delimiter dbt_valid_to_current docs ' +
  'enabled error_if event_time fail_calc freshness full_refresh grants group hard_deletes incremental_predicates ' +
  'incremental_strategy limit loaded_at_field loaded_at_query lookback materialized merge_exclude_columns ' +
  'merge_update_columns meta on_configuration_change on_schema_change packages persist_docs post_hook pre_hook ' +
  'quote_columns quoting schema severity snapshot_meta_column_names sql_header store_failures store_failures_as strategy ' +
  'tags target_database target_schema unique_key updated_at warn_if where check_cols'
).split(' ');

/** A config may have any key, so only what looks like a misspelt one is worth a word. */
function checkConfigKeys(document: YamlFile, path: YamlPath, config: YamlValue | undefined, found: Diagnostic[]): void {
  if (!isYamlMap(config)) return;
  for (const key of Object.keys(config)) {
    const plain = key.replaceAll('-', '_');
    if (CONFIG_KEYS.includes(plain) || plain.length < 5) continue;
    const hint = didYouMean(plain, CONFIG_KEYS);
    if (hint === undefined) continue;
    found.push({
      ...at(document, [...path, key], 'unknown-config', `Unknown config '${key}'`, hint),
      severity: 'warning',
    });
  }
}

function at(document: YamlFile, path: YamlPath, code: string, message: string, hint: string): Diagnostic {
  return problem(code, message, { place: document.locateKey(path), source: document.text, hint });
}

/**
 * An entry with its texts rendered, but for those that dbt renders later: descriptions, the arguments of tests, hooks,
 * filters. Throws UpsqlError with the place of the text that fails.
 */
export function renderProperties(entry: PropertyEntry, render: RenderText): PropertyEntry {
  const raw = renderValue(entry.dated, render, {
    document: entry.document,
    at: entry.at,
    skip: (path) => isLate(entry.kind, path),
  });
  return { ...entry, raw: raw as YamlMap };
}

const LATE = ['tests', 'data_tests', 'description', 'loaded_at_query'];
const has = (list: readonly string[], key: string | number | undefined) =>
  typeof key === 'string' && list.includes(key);

function isLate(kind: PropertyKind, path: YamlPath): boolean {
  const [first, second] = path;
  switch (kind) {
    case 'sources':
      if (first === 'description' || first === 'loaded_at_query') return true;
      if (first === 'config' && second === 'loaded_at_query') return true;
      return first === 'tables' && isLateKey(path.slice(2));
    case 'macros':
      return isLateKey(first === 'arguments' ? path.slice(1) : path);
    case 'metrics':
      return path.at(-1) === 'filter' || path.at(-2) === 'filter' || isLateKey(path);
    case 'saved_queries':
      return (first === 'query_params' && second === 'where') || isLateKey(path);
    default:
      return isLateKey(path);
  }
}

function isLateKey(path: YamlPath): boolean {
  const [first, second, third] = path;
  if (has(LATE, first) || (path.length === 2 && has(LATE, second))) return true;
  if (first === 'config' && has(['pre_hook', 'post_hook', 'loaded_at_query'], second)) return true;
  if (path.length === 5 && path[4] === 'description') return true;
  return (
    has(['columns', 'dimensions', 'measures', 'entities'], first) && has(['tests', 'data_tests', 'description'], third)
  );
}
