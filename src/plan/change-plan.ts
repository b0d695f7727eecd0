/** What a build would do and why, and what that means for the nodes downstream. Nothing is built. */
import type { ColumnInfo, Session } from '../adapters/adapter.js';
import {
  builtColumns,
  type ColumnId,
  compileAll,
  createQueryReader,
  type LoadLineageOptions,
  type NodeLineage,
  projectLineage,
} from '../lineage/index.js';
import type { Manifest, Node, SourceNode } from '../parse/node.js';
import { readSeed } from '../parse/runtime/seed-table.js';
import type { Engine } from '../run/engine.js';
import { type Break, breaksOf } from './breaks.js';
import { type ColumnChange, columnChanges, type NextColumns } from './column-changes.js';
import { type AffectedExposure, affectedExposures } from './exposures.js';
import { fingerprintSource, fingerprints, isBuilt } from './fingerprint.js';
import { type Reason, reasonsOf } from './reasons.js';
import { type BuildRecord, builtSql, readRecord, recordOfManifest } from './record.js';

/**
 * What a change is to others: `breaking`: something downstream names a column that goes or gets another type; `risky`: a column
 * goes or gets another type, and nothing in the project names it; `additive`: there are new columns; `values`: columns stay,
 * rows may change; `none`: nothing in it changes; `unknown`: its columns can't be told.
 */
export type Impact = 'breaking' | 'risky' | 'additive' | 'values' | 'none' | 'unknown';

export interface PlannedNode {
  readonly id: string;
  readonly name: string;
  readonly resource_type: string;
  readonly materialized: string;
  readonly relation: string | null;
  readonly reasons: readonly Reason[];
  readonly columns: readonly ColumnChange[];
  readonly impact: Impact;
  /** What downstream names the columns that change. */
  readonly breaks: readonly Break[];
  /** What the warehouse says against the new SQL, or what else is to be known. */
  readonly notes: readonly string[];
}

export interface ChangePlan {
  readonly target: string;
  /** Nodes to build, in the order of the graph. */
  readonly build: readonly PlannedNode[];
  /** Nodes that stay as they are. */
  readonly reuse: readonly string[];
  /** Nodes of the record that the project no longer has. */
  readonly gone: readonly string[];
  readonly exposures: readonly AffectedExposure[];
}

export interface ChangePlanOptions extends LoadLineageOptions {
  /** An earlier manifest (`--state`), in place of the record of what was built in this target. */
  readonly earlier?: Manifest | undefined;
  /** What was built in this target, where it is known from elsewhere than the record of this checkout. */
  readonly record?: BuildRecord | undefined;
  /** Where it is known by other means which nodes stay as they are: this decides, and reasons are only found for the others. */
  readonly isSame?: ((id: string) => boolean) | undefined;
  /** Nodes to plan; default: all. */
  readonly ids?: ReadonlySet<string>;
}

export async function makeChangePlan(engine: Engine, options: ChangePlanOptions = {}): Promise<ChangePlan> {
  const { manifest, graph, project } = engine;
  const { earlier } = options;
  const source = fingerprintSource(engine);
  const record = options.record ?? (earlier === undefined ? readRecord(project) : recordOfManifest(earlier, source));
  const before = earlierSql(engine, record, earlier);
  await compileAll(engine, options);
  const session = await engine.adapter.session('plan');
  try {
    const existing = await existingRelations(engine, session);
    const exists = (node: Node): boolean => existing.has(relationKey(node.database, node.schema, node.alias));
    const sameTarget = earlier === undefined;
    const now = fingerprints(manifest, source);
    const reasons = reasonsOf({ manifest, graph, now, record, sameTarget, exists, isSame: options.isSame });
    const wanted = (id: string): boolean => options.ids === undefined || options.ids.has(id);
    const todo = [...reasons].filter(([id, list]) => list.length > 0 && isRelation(manifest.nodes[id]));
    const planned = await planNodes(engine, session, new Map(todo), before, earlier);
    const reuse = [...reasons].filter(
      ([id, list]) => list.length === 0 && isRelation(manifest.nodes[id]) && wanted(id),
    );
    const gone = Object.keys(record.nodes).filter(
      (id) => manifest.nodes[id] === undefined && isRelation(earlier?.nodes[id], true),
    );
    const build = planned.filter(({ id }) => wanted(id));
    return {
      target: project.target.name,
      build,
      reuse: reuse.map(([id]) => id),
      gone: gone.sort(),
      exposures: affectedExposures(engine, build),
    };
  } finally {
    await session.close();
  }
}

/** A node that has a relation of its own; `missing` is what an unknown node counts as. */
function isRelation(node: Node | undefined, missing = false): boolean {
  return node === undefined ? missing : isBuilt(node) && node.config.materialized !== 'ephemeral';
}

async function planNodes(
  engine: Engine,
  session: Session,
  todo: ReadonlyMap<string, readonly Reason[]>,
  before: ReadonlyMap<string, string>,
  earlier: Manifest | undefined,
): Promise<readonly PlannedNode[]> {
  const { manifest, graph, adapter } = engine;
  const reader = await createQueryReader(adapter.type, session);
  const built = new Map<string, readonly ColumnInfo[]>();
  const asBuilt = async (node: Node | SourceNode): Promise<readonly ColumnInfo[]> => {
    const known = built.get(node.unique_id);
    if (known !== undefined) return known;
    const old = earlier?.nodes[node.unique_id] ?? node;
    let columns = await builtColumns(engine, session, old);
    if (columns.length === 0 && old !== node) columns = await builtColumns(engine, session, node);
    built.set(node.unique_id, columns);
    return columns;
  };
  // Of all whose columns anything in the plan reads; ephemeral models are read as part of others.
  const ephemeral = Object.values(manifest.nodes).filter((node) => node.config.materialized === 'ephemeral');
  const traced = new Set([...todo.keys(), ...ephemeral.map(({ unique_id }) => unique_id)]);
  for (const id of traced)
    for (const near of [id, ...(graph.parents.get(id) ?? [])]) {
      const node = manifest.nodes[near] ?? manifest.sources[near];
      if (node !== undefined) await asBuilt(node);
    }
  const columnsOf = async (node: Node | SourceNode): Promise<readonly string[]> => {
    const header = node.resource_type === 'seed' ? seedColumns(engine, node as Node) : undefined;
    return header?.columns.map(({ name }) => name) ?? (await asBuilt(node)).map(({ name }) => name);
  };
  const columnsRead = (id: string): readonly string[] | undefined => {
    const columns = built.get(id);
    return columns === undefined || columns.length === 0 ? undefined : columns.map(({ name }) => name);
  };
  const base = { manifest, graph, reader, columnsOf };
  const lineage = await projectLineage(base);
  // Against the columns as built: what each node names of those that may go.
  const named = await projectLineage({ ...base, columnsRead, ids: traced });
  const old = await projectLineage({
    ...base,
    manifest: withSql(manifest, before),
    columnsRead,
    ids: new Set([...before.keys()].filter((id) => todo.has(id))),
  });
  const changes = new Map<string, readonly ColumnChange[]>();
  const follow = ({ relation, column }: ColumnId): string =>
    changes.get(relation)?.find(({ name }) => name.toLowerCase() === column.toLowerCase())?.to ?? column;
  const types = new Map<string, NextColumns>();
  const notes = new Map<string, readonly string[]>();
  for (const [id, reasons] of todo) {
    const node = manifest.nodes[id];
    if (node === undefined) continue;
    const steady = (graph.parents.get(id) ?? []).every(
      (parent) =>
        (changes.get(parent) ?? []).length === 0 && !(todo.get(parent) ?? []).some(({ kind }) => kind === 'new'),
    );
    const next = await nextColumns(engine, session, node, lineage.get(id), types, steady);
    types.set(id, next);
    const columns = await asBuilt(node);
    const isNew = columns.length === 0 || reasons.some(({ kind }) => kind === 'new');
    changes.set(id, isNew ? [] : columnChanges(columns, next, old.get(id), lineage.get(id), follow));
    notes.set(id, [
      ...(next.problem === undefined ? [] : [next.problem]),
      ...incrementalNote(node, changes.get(id) ?? []),
      ...contractNotes(node, next),
    ]);
  }
  return [...todo].flatMap(([id, reasons]) => {
    const node = manifest.nodes[id];
    if (node === undefined) return [];
    const columns = changes.get(id) ?? [];
    const breaks = breaksOf(node, columns, named, manifest, graph);
    return {
      id,
      name: node.name,
      resource_type: node.resource_type,
      materialized: node.config.materialized,
      relation: node.relation_name,
      reasons,
      columns,
      impact: impactOf(reasons, columns, breaks, types.get(id)),
      breaks,
      notes: notes.get(id) ?? [],
    };
  });
}

function impactOf(
  reasons: readonly Reason[],
  columns: readonly ColumnChange[],
  breaks: readonly Break[],
  next: NextColumns | undefined,
): Impact {
  if (breaks.length > 0) return 'breaking';
  if (columns.some(({ change }) => change !== 'added')) return 'risky';
  if (reasons.every(({ kind }) => kind === 'new')) return 'none';
  if (next?.complete !== true) return 'unknown';
  if (columns.length > 0) return 'additive';
  return reasons.every(({ kind }) => kind === 'missing' || kind === 'relation') ? 'none' : 'values';
}

type Next = NextColumns & { readonly problem?: string };

/** Columns of a node as they are to be: from the warehouse, which reads the new SQL; else from its lineage. */
async function nextColumns(
  engine: Engine,
  session: Session,
  node: Node,
  lineage: NodeLineage | undefined,
  types: ReadonlyMap<string, NextColumns>,
  steady: boolean,
): Promise<Next> {
  if (node.resource_type === 'seed') return seedColumns(engine, node) ?? { columns: [], complete: false };
  const sql = node.language === 'sql' ? node.compiled_code?.trim().replace(/;+\s*$/, '') : undefined;
  let problem: string | undefined;
  if (sql !== undefined && sql !== '' && steady && node.resource_type === 'model') {
    try {
      const { columns } = await session.execute(`select * from (\n${sql}\n) as planned limit 0`);
      return { columns, complete: true };
    } catch (error) {
      problem = `the warehouse does not take its SQL: ${firstLine(error)}`;
    }
  }
  const columns = (lineage?.columns ?? []).map(({ name, kind, sources }) => {
    const [source, ...more] = sources;
    const passed = source !== undefined && more.length === 0 && (kind === 'passthrough' || kind === 'renamed');
    const from = passed ? types.get(source.relation)?.columns : undefined;
    return {
      name,
      type: from?.find((column) => column.name.toLowerCase() === source?.column.toLowerCase())?.type ?? null,
    };
  });
  // Columns of code are read from the relation as built: they say nothing of what is to be.
  const complete = lineage?.complete === true && lineage.problem === undefined;
  return { columns, complete, ...(problem === undefined ? {} : { problem }) };
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

/** Names from the header, types as the seed's table gets them; undefined when the file can't be read. */
function seedColumns(engine: Engine, node: Node): Next | undefined {
  const file = engine.origin?.(node).file;
  if (file === undefined) return undefined;
  const given = (node.config.column_types ?? {}) as Readonly<Record<string, string>>;
  try {
    const { columns } = readSeed(file, String(node.config.delimiter ?? ','), new Set(Object.keys(given)));
    // The warehouse writes a type out as it likes (`int` is INTEGER), so that only names are compared.
    return { columns: columns.map((name) => ({ name, type: null })), complete: true };
  } catch {
    return undefined;
  }
}

/** What an enforced contract has against the columns to be. */
function contractNotes(node: Node, next: NextColumns): readonly string[] {
  if (node.contract?.enforced !== true || !next.complete) return [];
  const wanted = Object.values(node.columns).map(({ name }) => name);
  const has = (names: readonly string[], name: string): boolean =>
    names.some((one) => one.toLowerCase() === name.toLowerCase());
  const given = next.columns.map(({ name }) => name);
  const extra = given.filter((name) => !has(wanted, name));
  const missing = wanted.filter((name) => !has(given, name));
  return [
    ...(extra.length === 0 ? [] : [`its contract does not have ${extra.join(', ')}: it will not build`]),
    ...(missing.length === 0 ? [] : [`its contract wants ${missing.join(', ')}: it will not build`]),
  ];
}

function incrementalNote(node: Node, changes: readonly ColumnChange[]): readonly string[] {
  const reaction = String(node.config.on_schema_change ?? 'ignore');
  if (node.config.materialized !== 'incremental' || changes.length === 0) return [];
  if (reaction === 'ignore') return ['it is incremental: without --full-refresh its table keeps its columns'];
  return reaction === 'fail' ? ["on_schema_change is 'fail': it needs --full-refresh"] : [];
}

/** The SQL that nodes were built from, where it is at hand. */
function earlierSql(engine: Engine, record: BuildRecord, earlier: Manifest | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [id, node] of Object.entries(engine.manifest.nodes)) {
    if (node.resource_type !== 'model' || node.language !== 'sql') continue;
    const told = earlier?.nodes[id]?.compiled_code;
    if (told !== undefined) found.set(id, told);
    if (earlier !== undefined) continue;
    const text = builtSql(engine.project, record.nodes[id]?.text);
    if (text !== undefined) found.set(id, text);
  }
  return found;
}

function withSql(manifest: Manifest, sql: ReadonlyMap<string, string>): Manifest {
  const nodes = { ...manifest.nodes };
  for (const [id, compiled_code] of sql) {
    const node = nodes[id];
    if (node !== undefined) nodes[id] = { ...node, compiled_code };
  }
  return { ...manifest, nodes };
}

const relationKey = (...parts: readonly (string | null)[]): string => parts.join('\n').toLowerCase();

async function existingRelations({ manifest, adapter }: Engine, session: Session): Promise<ReadonlySet<string>> {
  const schemas = new Map<string, readonly [string, string]>();
  for (const node of Object.values(manifest.nodes))
    if (isRelation(node) && node.schema !== null) {
      const database = node.database ?? adapter.database;
      schemas.set(relationKey(database, node.schema), [database, node.schema]);
    }
  const found = new Set<string>();
  for (const [database, schema] of schemas.values())
    for (const { identifier } of await adapter.listRelations(session, database, schema))
      found.add(relationKey(database, schema, identifier));
  return found;
}
