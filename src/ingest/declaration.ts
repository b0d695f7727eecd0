/** What `meta: {ingest: ...}` of a source says about the files it is loaded from. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { type Diagnostic, problem, UpsqlError } from '../diagnostics/index.js';
import type { SourceNode } from '../parse/node.js';
import { check, flag, object, text } from '../project/check.js';
import type { Target, YamlMap, YamlValue } from '../project/project.js';
import { readYaml, type YamlFile, type YamlPath } from '../project/yaml.js';
import { isYamlMap } from '../project/yaml-map.js';
import { type BucketGlobs, bucketGlobs } from './bucket-files.js';

export type FileKind = 'json' | 'csv' | 'parquet';
export type OnError = 'abort_statement' | 'continue' | 'skip_file';

export interface IngestColumn {
  readonly name: string;
  /** In the warehouse's own words. */
  readonly type: string;
}

/** Where files go on the way to Snowflake. */
export interface Landing {
  readonly bucket: string;
  /** Ends with a slash, or is empty. */
  readonly prefix: string;
  readonly integration: string | undefined;
  readonly stage: string;
}

export interface Ingest {
  readonly source: SourceNode;
  /** `raw.raw_events`. */
  readonly name: string;
  /** Globs, relative to the project's folder, or addresses of a bucket. */
  readonly files: readonly string[];
  /** The files as what they are in a bucket; undefined for local ones. */
  readonly remote: BucketGlobs | undefined;
  readonly kind: FileKind;
  readonly delimiter: string;
  readonly header: boolean;
  readonly quote: string;
  readonly nullIf: readonly string[];
  /** Columns are found by their names in the file, else by their position. */
  readonly byName: boolean;
  readonly onError: OnError;
  /** What a file does that was loaded before and has changed since. */
  readonly changedFiles: 'fail' | 'append';
  /** It is no error that no file matches; the table is there all the same. */
  readonly optional: boolean;
  readonly columns: readonly IngestColumn[];
  readonly landing: Partial<Landing>;
}

const choice = <const T extends readonly string[]>(choices: T) =>
  v.picklist(choices, `expected one of ${choices.join(', ')}`);

const schema = object({
  files: v.union([text(), v.array(text())], 'expected a path or a list of paths, with * and ** for any'),
  format: v.nullish(choice(['json', 'csv', 'parquet'])),
  delimiter: v.nullish(text()),
  header: v.nullish(flag()),
  quote: v.nullish(text()),
  null_if: v.nullish(v.array(text(), 'expected a list of texts')),
  by_name: v.nullish(flag()),
  on_error: v.nullish(choice(['abort_statement', 'continue', 'skip_file'])),
  optional: v.nullish(flag()),
  changed_files: v.nullish(choice(['fail', 'append'])),
  bucket: v.nullish(text()),
  prefix: v.nullish(text()),
  stage: v.nullish(text()),
  integration: v.nullish(text()),
});

const KINDS: readonly (readonly [RegExp, FileKind])[] = [
  [/\.(jsonl|ndjson|json)(\.gz|\.zst|\.?\*)?$/i, 'json'],
  [/\.(csv|tsv)(\.gz|\.zst|\.?\*)?$/i, 'csv'],
  [/\.(parquet|pq)$/i, 'parquet'],
];

/** Whether a source declares files. */
export function hasIngest(source: SourceNode): boolean {
  return source.meta.ingest !== undefined && source.meta.ingest !== null;
}

/** Throws UpsqlError (exit code 2) with every problem of the declaration, each at its line. */
export function readIngest(source: SourceNode, target: Pick<Target, 'type' | 'credentials'>, root: string): Ingest {
  const declared = source.meta.ingest as YamlValue;
  const document = documentOf(source, root);
  const at = pathOf(document, source);
  const name = `${source.source_name}.${source.name}`;
  const place = document.locateKey(at);
  const fail = (message: string, hint: string): never => {
    throw new UpsqlError(problem('invalid-ingest', `ingest of source ${name} ${message}`, { place, hint }));
  };
  if (!isYamlMap(declared)) return fail('is no map', 'Give it at least files: data/events*.jsonl');
  const found: Diagnostic[] = check(schema, declared, document, { at, what: `ingest of source ${name}` });
  if (found.some(({ severity }) => severity === 'error')) throw new UpsqlError(found);
  const get = (key: string): string | undefined => optional(declared[key]);
  const files = [declared.files].flat().map(String);
  const remote = bucketGlobs(files);
  if (typeof remote === 'string') return fail(remote, 'Declare a source table for each.');
  const kind = (get('format') ?? KINDS.find(([ending]) => files.every((one) => ending.test(one)))?.[1]) as
    | FileKind
    | undefined;
  if (kind === undefined)
    return fail('does not say what the files are', 'Add format: json (a record a line), csv or parquet.');
  const columns = Object.values(source.columns).map((column) => ({
    name: column.name,
    type: typeof column.data_type === 'string' && column.data_type !== '' ? column.data_type : 'varchar',
  }));
  if (columns.length === 0)
    return fail(
      'has no columns to fill',
      'List the columns of the table under columns:, with data_type where it is no text.',
    );
  const delimiter = get('delimiter') ?? (files.every((one) => /\.tsv/i.test(one)) ? '\t' : ',');
  if (delimiter.length !== 1) return fail('has a delimiter that is no single character', 'Use "\\t" for a tab.');
  const header = declared.header !== false;
  const byName = typeof declared.by_name === 'boolean' ? declared.by_name : kind !== 'csv';
  if (kind === 'csv' && byName && !header)
    return fail('asks for columns by name of files without a header', 'Leave out by_name.');
  if (kind !== 'csv' && !byName)
    return fail(`asks for columns by position, which ${kind} files do not have`, 'Leave out by_name.');
  return {
    source,
    name,
    files,
    remote,
    kind,
    delimiter,
    header,
    quote: get('quote') ?? '"',
    nullIf: Array.isArray(declared.null_if) ? declared.null_if.map(String) : [],
    byName,
    onError: (get('on_error') ?? 'abort_statement') as OnError,
    changedFiles: (get('changed_files') ?? 'fail') as Ingest['changedFiles'],
    optional: declared.optional === true,
    columns,
    landing: landingOf(source, declared, target, remote, fail),
  };
}

function optional(value: YamlValue | undefined): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

function landingOf(
  source: SourceNode,
  declared: YamlMap,
  { type, credentials }: Pick<Target, 'type' | 'credentials'>,
  remote: BucketGlobs | undefined,
  fail: (message: string, hint: string) => never,
): Partial<Landing> {
  if (type !== 'snowflake') return {};
  const s3 = isYamlMap(credentials.s3) ? credentials.s3 : {};
  const get = (key: string): string | undefined => optional(declared[key]) ?? optional(s3[key]);
  const stage = get('stage') ?? `UPSQL_${source.identifier.toUpperCase()}`;
  if (remote !== undefined) {
    if (declared.bucket ?? declared.prefix)
      return fail('has bucket or prefix beside s3:// addresses', 'Take them out: the files are where they are.');
    return { bucket: remote.bucket, prefix: remote.base, integration: get('integration'), stage };
  }
  const bucket = get('bucket');
  if (bucket === undefined)
    return fail(
      'names no bucket, and neither does the target',
      'Add bucket: to it, or s3: {bucket: ...} to the target in profiles.yml.',
    );
  const own = declared.prefix === undefined || declared.prefix === null;
  const base = (get('prefix') ?? 'ingest').replace(/^\/+|\/+$/g, '');
  // A prefix of the target is shared, so each table has a folder of its own below it.
  const parts = own ? [base, source.source_name, source.name] : [base];
  const prefix = parts.filter((part) => part !== '').join('/');
  return {
    bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
    integration: get('integration'),
    stage,
  };
}

function documentOf(source: SourceNode, root: string): YamlFile {
  const file = resolve(root, source.original_file_path);
  return readYaml(readFileSync(file, 'utf8'), file);
}

/** Where the declaration stands: in the table, or in the source for all of its tables. */
function pathOf(document: YamlFile, source: SourceNode): YamlPath {
  const { value } = document;
  const sources = isYamlMap(value) && Array.isArray(value.sources) ? value.sources : [];
  const i = sources.findIndex((one) => isYamlMap(one) && one.name === source.source_name);
  const entry = sources[i];
  const tables = isYamlMap(entry) && Array.isArray(entry.tables) ? entry.tables : [];
  const t = tables.findIndex((one) => isYamlMap(one) && one.name === source.name);
  for (const at of [
    ['sources', i, 'tables', t],
    ['sources', i],
  ])
    for (const keys of [
      ['config', 'meta', 'ingest'],
      ['meta', 'ingest'],
    ]) {
      const path = [...at, ...keys];
      if (stands(value, path)) return path;
    }
  return ['sources', i];
}

function stands(value: YamlValue, path: YamlPath): boolean {
  let at: unknown = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return false;
    at = Reflect.get(at, key);
  }
  return at !== undefined;
}
