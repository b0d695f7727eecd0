/** Sources: one node a table, with what its source says laid below what the table says. */

import type { PropertyEntry } from '../../project/index.js';
import { resolveConfig, unrenderedConfig } from '../config.js';
import type { ContextOutput } from '../context/base.js';
import type { SourceNode } from '../node.js';
import { renderRelation, sourceRelation } from '../relation.js';
import { isMap, mapOf, type Raw, textOrNull, texts } from '../shape.js';
import type { ParsedProject } from '../state.js';
import { readColumns } from './columns.js';
import { addTestsOf } from './declared-tests.js';
import { reportTwice } from './described-twice.js';
import { addDisabled } from './sql-files.js';

function threshold(value: unknown): Raw {
  const given = mapOf(value);
  return { count: given.count ?? null, period: given.period ?? null };
}

/** Freshness from the nearest place that gives it: the table, then the source; null switches it off. */
function freshness(source: Raw, table: Raw): Raw | null | undefined {
  const given = [
    mapOf(source.config).freshness,
    source.freshness,
    mapOf(table.config).freshness,
    table.freshness,
  ].filter((f) => f !== undefined);
  if (given.length === 0) return undefined;
  if (given.at(-1) === null) return null;
  const merged = Object.assign({}, ...given.map(mapOf)) as Record<string, unknown>;
  return {
    warn_after: threshold(merged.warn_after),
    error_after: threshold(merged.error_after),
    filter: merged.filter ?? null,
  };
}

function nearest(key: string, source: Raw, table: Raw): unknown {
  return table[key] ?? mapOf(table.config)[key] ?? source[key] ?? mapOf(source.config)[key] ?? null;
}

/** What dbt's `external:` has where nothing is given. */
const NO_EXTERNAL = { location: null, file_format: null, row_format: null, tbl_properties: null, partitions: null };

function readTable(parsed: ParsedProject, entry: PropertyEntry, table: Raw, createdAt: number): SourceNode {
  const source = entry.raw as Raw;
  const name = String(table.name);
  const folder = entry.path.split('/').slice(0, -1);
  const fqn = [entry.packageName, ...folder, entry.name, name];
  const sourceMeta = { ...mapOf(source.meta), ...mapOf(mapOf(source.config).meta) };
  const meta = { ...sourceMeta, ...mapOf(table.meta), ...mapOf(mapOf(table.config).meta) };
  const given = [source.tags, mapOf(source.config).tags, table.tags, mapOf(table.config).tags].flatMap(texts);
  const tags = [...new Set(given)].sort();
  const fresh = freshness(source, table);
  const patch: Record<string, unknown> = {
    ...mapOf(source.config),
    ...mapOf(table.config),
    ...(fresh === undefined ? {} : { freshness: fresh }),
    loaded_at_field: nearest('loaded_at_field', source, table),
    loaded_at_query: nearest('loaded_at_query', source, table),
    meta,
    tags,
  };
  if (fresh === undefined) delete patch.freshness;
  const request = { type: 'source' as const, fqn, packageName: entry.packageName, call: {}, patch };
  const config = resolveConfig(parsed.project, request) as unknown as SourceNode['config'];
  const quoting = {
    database: null,
    schema: null,
    identifier: null,
    column: null,
    ...mapOf(source.quoting),
    ...mapOf(table.quoting),
  };
  const node: SourceNode = {
    database: textOrNull(source.database) ?? parsed.adapter.database,
    schema: textOrNull(source.schema) ?? entry.name,
    name,
    resource_type: 'source',
    package_name: entry.packageName,
    path: entry.originalFilePath,
    original_file_path: entry.originalFilePath,
    unique_id: `source.${entry.packageName}.${entry.name}.${name}`,
    fqn,
    source_name: entry.name,
    source_description: textOrNull(source.description) ?? '',
    loader: textOrNull(source.loader) ?? '',
    identifier: textOrNull(table.identifier) ?? name,
    quoting,
    loaded_at_field: textOrNull(config.loaded_at_field),
    loaded_at_query: textOrNull(config.loaded_at_query),
    freshness: config.freshness,
    external: isMap(table.external) ? { ...NO_EXTERNAL, ...table.external } : null,
    description: textOrNull(table.description) ?? '',
    columns: readColumns(table.columns),
    meta: mapOf(config.meta),
    source_meta: sourceMeta,
    tags: [...new Set(texts(config.tags))],
    config,
    patch_path: null,
    unrendered_config: unrenderedConfig(parsed.project, request),
    relation_name: null,
    created_at: createdAt,
    unrendered_database: textOrNull(entry.unrendered.database),
    unrendered_schema: textOrNull(entry.unrendered.schema),
    doc_blocks: [],
  };
  node.relation_name = renderRelation(
    sourceRelation(node, parsed.adapter.dialect, parsed.adapter.type, parsed.project.config.quoting),
  );
  return node;
}

export function readSource(parsed: ParsedProject, entry: PropertyEntry, createdAt: number): void {
  const tables = Array.isArray(entry.raw.tables) ? entry.raw.tables : [];
  for (const table of tables) {
    if (!isMap(table) || typeof table.name !== 'string') continue;
    const node = readTable(parsed, entry, table, createdAt);
    parsed.origins.set(node.unique_id, { file: entry.file, line: entry.place.line });
    if (node.config.enabled === false) addDisabled(parsed, node);
    else {
      const before = parsed.manifest.sources[node.unique_id];
      if (before === undefined) parsed.manifest.sources[node.unique_id] = node;
      else reportTwice(parsed, entry, `source '${entry.name}.${table.name}'`, before.original_file_path);
    }
  }
}

export function addSourceTests(
  parsed: ParsedProject,
  entry: PropertyEntry,
  output: ContextOutput,
  createdAt: number,
): void {
  const tables = Array.isArray(entry.raw.tables) ? entry.raw.tables : [];
  tables.forEach((table, i) => {
    if (!isMap(table) || typeof table.name !== 'string') return;
    const target = {
      kind: 'sources' as const,
      name: table.name,
      sourceName: entry.name,
      packageName: entry.packageName,
      originalFilePath: entry.originalFilePath,
      absolutePath: entry.file,
    };
    const tags = [...texts(entry.raw.tags), ...texts(table.tags)];
    addTestsOf(parsed, entry, table, ['tables', i], target, output, createdAt, tags);
  });
}
