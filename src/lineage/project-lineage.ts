/** Column lineage of a whole project, from the compiled SQL of its nodes. */
import type { Graph } from '../graph/index.js';
import type { Manifest, Node, SourceNode } from '../parse/node.js';
import { type ColumnId, kindOf, type LineageKind, type TracedColumn } from './column.js';
import type { Query, QueryReader } from './query.js';
import { type KnownRelation, type Traced, traceQuery } from './trace.js';

export interface ColumnLineage {
  readonly name: string;
  readonly kind: LineageKind;
  /** Columns of the relations that the node reads. */
  readonly sources: readonly ColumnId[];
  /** Why some sources may be missing; absent when all are known. */
  readonly unknown?: string;
}

export interface NodeLineage {
  readonly id: string;
  readonly columns: readonly ColumnLineage[];
  /** Whether `columns` are all that the relation has. */
  readonly complete: boolean;
  /** Columns that the node's SQL names anywhere, so that it fails without them. */
  readonly uses: readonly ColumnId[];
  /** Relations that the SQL reads: unique_ids, dotted names for what is no node. */
  readonly reads: readonly string[];
  /** Why the SQL could not be followed at all. */
  readonly problem?: string;
}

export interface LineageOptions {
  readonly manifest: Manifest;
  readonly graph: Graph;
  readonly reader: QueryReader;
  /** Column names of a relation in the warehouse, in order; empty when it is not there. */
  readonly columnsOf: (node: Node | SourceNode) => Promise<readonly string[]>;
  /** Nodes to trace; default: all. What they read has to be among them for its columns to be known. */
  readonly ids?: ReadonlySet<string>;
  /** Columns to take of a relation that is read, in place of those that were traced for it. */
  readonly columnsRead?: (id: string) => readonly string[] | undefined;
}

const TRACED = new Set(['model', 'snapshot', 'seed']);

/** Traces nodes in the order of the graph, sources first. Nodes without compiled SQL have a `problem`. */
export async function projectLineage(options: LineageOptions): Promise<ReadonlyMap<string, NodeLineage>> {
  const { manifest, graph, ids } = options;
  const done = new Map<string, NodeLineage>();
  const relations = relationIndex(manifest);
  for (const id of graph.order) {
    if (ids !== undefined && !ids.has(id)) continue;
    const source = manifest.sources[id];
    const node = manifest.nodes[id];
    if (source !== undefined) done.set(id, await given(source, options));
    else if (node !== undefined && TRACED.has(node.resource_type))
      done.set(id, await nodeLineage(node, options, relations, done));
  }
  return done;
}

/** Columns that come from outside of the project's SQL: of sources and seeds. */
async function given(node: Node | SourceNode, { columnsOf }: LineageOptions): Promise<NodeLineage> {
  const built = await columnsOf(node);
  const names = built.length > 0 ? built : Object.values(node.columns).map((column) => column.name);
  const columns = names.map((name) => ({ name, kind: 'generated' as const, sources: [] }));
  return { id: node.unique_id, columns, complete: built.length > 0, uses: [], reads: [] };
}

async function nodeLineage(
  node: Node,
  options: LineageOptions,
  relations: ReadonlyMap<string, string>,
  done: ReadonlyMap<string, NodeLineage>,
): Promise<NodeLineage> {
  if (node.resource_type === 'seed') return given(node, options);
  if (node.language !== 'sql') return codeLineage(node, options, done);
  const sql = node.compiled_code?.trim().replace(/;+\s*$/, '') ?? '';
  if (sql === '') return blank(node, options, 'it did not compile');
  let query: Query;
  try {
    query = await options.reader.read(sql);
  } catch (error) {
    return blank(node, options, `its SQL was not understood: ${error instanceof Error ? error.message : error}`);
  }
  const ephemeral = new Map((node.extra_ctes ?? []).map(({ id }) => [cteName(id, options.manifest), id]));
  const own = await needsItself(node, query, relations, options);
  const traced = traceQuery(withoutCtes(query, ephemeral), (parts) => {
    const id = ephemeral.get(parts.join('.').toLowerCase()) ?? relations.get(relationKey(parts));
    if (id === undefined) return { id: parts.join('.'), columns: [], complete: false };
    if (id === node.unique_id) return { id, columns: own, complete: own.length > 0 };
    return known(id, done, options);
  });
  return finish(node, traced, options);
}

function known(id: string, done: ReadonlyMap<string, NodeLineage>, { columnsRead }: LineageOptions): KnownRelation {
  const given = columnsRead?.(id);
  if (given !== undefined) return { id, columns: given, complete: true };
  const lineage = done.get(id);
  return { id, columns: lineage?.columns.map(({ name }) => name) ?? [], complete: lineage?.complete ?? false };
}

/** An incremental model reads its own table as it stands. */
async function needsItself(
  node: Node,
  query: Query,
  relations: ReadonlyMap<string, string>,
  { columnsOf }: LineageOptions,
): Promise<readonly string[]> {
  if (node.config.materialized !== 'incremental') return [];
  let reads = false;
  traceQuery(query, (parts) => {
    const id = relations.get(relationKey(parts)) ?? parts.join('.');
    reads ||= id === node.unique_id;
    return { id, columns: [], complete: false };
  });
  return reads ? columnsOf(node) : [];
}

function blank(node: Node, { columnsOf }: LineageOptions, problem: string): Promise<NodeLineage> {
  return columnsOf(node).then((names) => ({
    id: node.unique_id,
    columns: names.map((name) => ({ name, kind: 'transformed', sources: [], unknown: problem })),
    complete: names.length > 0,
    uses: [],
    reads: node.depends_on.nodes,
    problem,
  }));
}

/**
 * A model made by code: a column comes from what its meta declares as `from`, columns (`model.column`) or whole models of
 * its refs. Of the others it is known only which relations the code reads.
 */
async function codeLineage(
  node: Node,
  options: LineageOptions,
  done: ReadonlyMap<string, NodeLineage>,
): Promise<NodeLineage> {
  const why = 'its columns are made by code, not by SQL';
  const built = await options.columnsOf(node);
  const described = Object.values(node.columns);
  const names = built.length > 0 ? built : described.map(({ name }) => name);
  const columns = names.map((name): ColumnLineage => {
    const declared = described.find((column) => column.name.toLowerCase() === name.toLowerCase());
    const from = declaredSources(declared, node, options.manifest, done);
    if (from === undefined) return { name, kind: 'transformed', sources: [], unknown: why };
    const [only, ...more] = from;
    const same = only !== undefined && more.length === 0 && only.column.toLowerCase() === name.toLowerCase();
    return { name, kind: same ? 'passthrough' : from.length === 0 ? 'generated' : 'transformed', sources: from };
  });
  const uses = columns.flatMap(({ sources }) => sources);
  const problem = columns.some(({ unknown }) => unknown !== undefined) || columns.length === 0 ? { problem: why } : {};
  return { id: node.unique_id, columns, complete: names.length > 0, uses, reads: node.depends_on.nodes, ...problem };
}

/** The columns that a column's `meta: {from: [...]}` names; undefined where it says nothing, or something unknown. */
function declaredSources(
  column: Node['columns'][string] | undefined,
  node: Node,
  manifest: Manifest,
  done: ReadonlyMap<string, NodeLineage>,
): readonly ColumnId[] | undefined {
  const from = column?.meta.from ?? (column?.config as { meta?: { from?: unknown } } | undefined)?.meta?.from;
  if (!Array.isArray(from)) return undefined;
  const sources: ColumnId[] = [];
  for (const item of from) {
    const [name, field] = String(item).split('.');
    const id = node.depends_on.nodes.find((one) => (manifest.nodes[one] ?? manifest.sources[one])?.name === name);
    const known = id === undefined ? [] : (done.get(id)?.columns ?? []);
    const meant = field === undefined ? known : known.filter((one) => one.name.toLowerCase() === field.toLowerCase());
    if (id === undefined || meant.length === 0) return undefined;
    sources.push(...meant.map((one) => ({ relation: id, column: one.name })));
  }
  return sources;
}

/** Names the columns that the query leaves to the warehouse, by their position in the relation as built. */
async function finish(node: Node, traced: Traced, { columnsOf }: LineageOptions): Promise<NodeLineage> {
  const { uses, reads } = traced;
  let columns = traced.columns;
  let complete = traced.complete;
  let made: readonly ColumnLineage[] | undefined;
  const { more } = traced;
  if (!complete || columns.some(({ name }) => name === null)) {
    const built = node.config.materialized === 'ephemeral' ? [] : await columnsOf(node);
    if (complete && built.length >= columns.length)
      columns = columns.map((column, i) => ({ ...column, name: column.name ?? built[i] ?? null }));
    if (!complete && built.length > 0) {
      made = built.flatMap(asBuilt);
      complete = true;
    }
  }
  if (columns.some(({ name }) => name === null)) complete = false;
  return {
    id: node.unique_id,
    columns: [...(made ?? columns.flatMap(toLineage)), ...snapshotColumns(node)],
    complete,
    uses: uses.filter(({ relation }) => relation !== node.unique_id),
    reads: reads.filter((id) => id !== node.unique_id),
  };

  /** A column of the relation as built, in its place there. */
  function asBuilt(name: string): ColumnLineage[] {
    const known = columns.find((column) => column.name?.toLowerCase() === name.toLowerCase()) ?? more?.(name);
    if (known !== undefined) return toLineage({ ...known, name });
    const unknown = columns.length === 0 ? 'the query does not tell' : 'a star hides where it comes from';
    return [{ name, kind: 'transformed', sources: fallback(reads, name), unknown }];
  }

  function toLineage(column: TracedColumn): ColumnLineage[] {
    if (column.name === null) return [];
    const sources = [...column.sources.values()].filter(({ relation }) => relation !== node.unique_id);
    const unknown = column.unknown === undefined ? {} : { unknown: column.unknown };
    return [{ name: column.name, kind: kindOf(column), sources, ...unknown }];
  }
}

/** Where the query reads one relation only, a column that a star passes on can be no other's. */
function fallback(reads: readonly string[], column: string): readonly ColumnId[] {
  const [relation, ...more] = reads;
  return relation !== undefined && more.length === 0 ? [{ relation, column }] : [];
}

const SNAPSHOT_COLUMNS = ['dbt_scd_id', 'dbt_updated_at', 'dbt_valid_from', 'dbt_valid_to'];

function snapshotColumns(node: Node): ColumnLineage[] {
  if (node.resource_type !== 'snapshot') return [];
  const names = (node.config.snapshot_meta_column_names ?? {}) as Readonly<Record<string, string | null | undefined>>;
  return SNAPSHOT_COLUMNS.map((name) => ({ name: names[name] ?? name, kind: 'generated', sources: [] }));
}

/** The CTE that stands for an ephemeral model is the model itself, whose lineage is traced on its own. */
function withoutCtes(query: Query, ephemeral: ReadonlyMap<string, string>): Query {
  if (ephemeral.size === 0) return query;
  return { ...query, ctes: query.ctes.filter(({ alias }) => !ephemeral.has(alias.name.toLowerCase())) };
}

function cteName(id: string, manifest: Manifest): string {
  const node = manifest.nodes[id];
  return `__dbt__cte__${node?.alias ?? node?.name ?? id}`.toLowerCase();
}

function relationKey(parts: readonly (string | null)[]): string {
  return parts
    .filter((part) => part !== null)
    .join('\n')
    .toLowerCase();
}

/** unique_ids by what a query may call their relation: with database and schema, with schema, or the name alone. */
function relationIndex(manifest: Manifest): ReadonlyMap<string, string> {
  const index = new Map<string, string>();
  const twice = new Set<string>();
  const add = (parts: readonly (string | null)[], id: string): void => {
    for (let start = 0; start < parts.length; start++) {
      const key = relationKey(parts.slice(start));
      const before = index.get(key);
      if (before !== undefined && before !== id && start > 0) twice.add(key);
      else index.set(key, id);
    }
  };
  for (const source of Object.values(manifest.sources)) {
    add([source.database, source.schema, source.identifier], source.unique_id);
    const external = unquoted(source.relation_name);
    if (external !== undefined) index.set(relationKey([external]), source.unique_id);
  }
  for (const node of Object.values(manifest.nodes))
    if (TRACED.has(node.resource_type) && node.config.materialized !== 'ephemeral')
      add([node.database, node.schema, node.alias], node.unique_id);
  for (const key of twice) index.delete(key);
  return index;
}

/** A source that is read from a file (`external_location`): its relation is a path in quotes. */
function unquoted(relation: string | null): string | undefined {
  return relation === null ? undefined : /^'([^']*)'$/.exec(relation)?.[1];
}
