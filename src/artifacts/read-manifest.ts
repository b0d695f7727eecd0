import { readFileSync } from 'node:fs';
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { Manifest } from '../parse/node.js';

/** Versions of manifest.json that are read: those that dbt-core 1.11 reads. */
const OLDEST = 4;
const NEWEST = 12;

const SECTIONS = [
  ...['nodes', 'sources', 'macros', 'docs', 'exposures', 'metrics', 'groups', 'selectors', 'disabled', 'parent_map'],
  ...['child_map', 'group_map', 'saved_queries', 'semantic_models', 'unit_tests', 'functions'],
] as const;

/**
 * Reads the manifest.json of an earlier run, of upsql or dbt. Sections that its version did not have are empty.
 * @throws UpsqlError `no-state` where the file is no manifest, or one of a version that is not read.
 */
export function readEarlierManifest(file: string): Manifest {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw refused(`${file} can't be read: ${error instanceof Error ? error.message : error}`, undefined, error);
  }
  if (!isObject(read) || !isObject(read.nodes)) throw refused(`${file} is no manifest: it has no nodes`);
  const version = isObject(read.metadata) ? read.metadata.dbt_schema_version : undefined;
  const number = Number(/\/manifest\/v(\d+)\.json$/.exec(String(version))?.[1] ?? Number.NaN);
  if (version !== undefined && !(number >= OLDEST && number <= NEWEST))
    throw refused(
      `${file} is of another version: ${version}`,
      `Versions v${OLDEST} to v${NEWEST} are read: make it again with upsql, or with a dbt of 1.0 to 1.11.`,
    );
  const sections = Object.fromEntries(SECTIONS.map((name) => [name, isObject(read[name]) ? read[name] : {}]));
  const nodes = Object.fromEntries(Object.entries(read.nodes).map(([id, node]) => [id, upgraded(node)]));
  return { ...read, ...sections, nodes, metadata: isObject(read.metadata) ? read.metadata : {} } as unknown as Manifest;
}

/** Up to v6, SQL had other names. */
function upgraded(node: unknown): unknown {
  if (!isObject(node) || node.raw_sql === undefined) return node;
  const { raw_sql, compiled_sql, ...rest } = node;
  return {
    language: 'sql',
    raw_code: raw_sql,
    ...(compiled_sql === undefined ? {} : { compiled_code: compiled_sql }),
    ...rest,
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(message: string, hint?: string, cause?: unknown): UpsqlError {
  return new UpsqlError(problem('no-state', message, hint === undefined ? {} : { hint }), 2, cause);
}
