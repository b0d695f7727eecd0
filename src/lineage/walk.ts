/** Ways through the lineage of a project from one column. */
import { didYouMean, problem, UpsqlError } from '../diagnostics/index.js';
import type { Manifest, Node, SourceNode } from '../parse/node.js';
import { type ColumnId, columnKey, type LineageKind } from './column.js';
import type { NodeLineage } from './project-lineage.js';

export type Lineage = ReadonlyMap<string, NodeLineage>;
export type Direction = 'upstream' | 'downstream';

/** A column and, below it, those that it comes from (upstream) or that come from it (downstream). */
export interface ColumnTree extends ColumnId {
  /** How the column comes from its sources: of itself upstream, downstream of the one above. Null of the root downstream. */
  readonly kind: LineageKind | null;
  readonly unknown?: string;
  /** It was followed before, elsewhere in the tree. */
  readonly repeated?: boolean;
  readonly columns: readonly ColumnTree[];
}

/** An edge of the graph of columns. */
export interface ColumnEdge {
  readonly from: ColumnId;
  readonly to: ColumnId;
  readonly kind: LineageKind;
}

const find = (lineage: Lineage, { relation, column }: ColumnId) =>
  lineage.get(relation)?.columns.find(({ name }) => name.toLowerCase() === column.toLowerCase());

/** All edges from a column to its sources. */
export function edgesOf(lineage: Lineage): readonly ColumnEdge[] {
  return [...lineage.values()].flatMap(({ id, columns }) =>
    columns.flatMap(({ name, kind, sources }) =>
      sources.map((from) => ({ from, to: { relation: id, column: name }, kind })),
    ),
  );
}

/**
 * The tree of a column. A column that is reached on several ways is followed on the first; where it comes again it is
 * `repeated`, so that the tree is no larger than the graph.
 */
export function columnTree(lineage: Lineage, start: ColumnId, direction: Direction): ColumnTree {
  const seen = new Set<string>();
  if (direction === 'upstream') return upstream(lineage, start, seen);
  return downstream(
    lineage,
    edgesBy(lineage, ({ from }) => from),
    start,
    null,
    seen,
  );
}

function upstream(lineage: Lineage, id: ColumnId, seen: Set<string>): ColumnTree {
  const column = find(lineage, id);
  const own = {
    ...id,
    kind: column?.kind ?? null,
    ...(column?.unknown === undefined ? {} : { unknown: column.unknown }),
  };
  const sources = column?.sources ?? [];
  if (seen.has(columnKey(id))) return { ...own, columns: [], ...(sources.length > 0 ? { repeated: true } : {}) };
  seen.add(columnKey(id));
  return { ...own, columns: sources.map((source) => upstream(lineage, source, seen)) };
}

function downstream(
  lineage: Lineage,
  readers: ReadonlyMap<string, readonly ColumnEdge[]>,
  id: ColumnId,
  kind: LineageKind | null,
  seen: Set<string>,
): ColumnTree {
  const unknown = kind === null ? undefined : find(lineage, id)?.unknown;
  const own = { ...id, kind, ...(unknown === undefined ? {} : { unknown }) };
  const next = readers.get(columnKey(id)) ?? [];
  if (seen.has(columnKey(id))) return { ...own, columns: [], ...(next.length > 0 ? { repeated: true } : {}) };
  seen.add(columnKey(id));
  return { ...own, columns: next.map((edge) => downstream(lineage, readers, edge.to, edge.kind, seen)) };
}

function edgesBy(lineage: Lineage, end: (edge: ColumnEdge) => ColumnId): ReadonlyMap<string, readonly ColumnEdge[]> {
  const by = new Map<string, ColumnEdge[]>();
  for (const edge of edgesOf(lineage)) {
    const list = by.get(columnKey(end(edge)));
    if (list === undefined) by.set(columnKey(end(edge)), [edge]);
    else list.push(edge);
  }
  return by;
}

/** The edges on all ways from a column in a direction, each once. */
export function reach(lineage: Lineage, start: ColumnId, direction: Direction): readonly ColumnEdge[] {
  const far = (edge: ColumnEdge) => (direction === 'upstream' ? edge.from : edge.to);
  const byNear = edgesBy(lineage, ({ from, to }) => (direction === 'upstream' ? to : from));
  const seen = new Set([columnKey(start)]);
  const out: ColumnEdge[] = [];
  const queue = [start];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const edge of byNear.get(columnKey(at)) ?? []) {
      out.push(edge);
      const next = far(edge);
      if (seen.has(columnKey(next))) continue;
      seen.add(columnKey(next));
      queue.push(next);
    }
  }
  return out;
}

/** A relation as people call it: a model's name with its version, `source.table`, else the id itself. */
export function relationLabel(manifest: Manifest, id: string): string {
  const source = manifest.sources[id];
  if (source !== undefined) return `${source.source_name}.${source.name}`;
  const node = manifest.nodes[id];
  if (node === undefined) return id;
  return node.version === undefined || node.version === null ? node.name : `${node.name}.v${node.version}`;
}

/**
 * The column of `--column`: `model.column`, `source.table.column`, or with a unique_id in front.
 * @throws UpsqlError `unknown-column` with a suggestion.
 */
export function findColumn(lineage: Lineage, manifest: Manifest, text: string): ColumnId {
  const cut = text.lastIndexOf('.');
  const [relation, column] = [text.slice(0, Math.max(cut, 0)), text.slice(cut + 1)];
  if (relation === '' || column === '')
    throw new UpsqlError(
      problem('usage', `--column needs a model and a column, not '${text}'`, {
        hint: 'For example: --column dim_users.user_id, or --column source.table.column.',
      }),
    );
  const found = [...lineage.values()].filter(({ id }) => names(manifest, id).includes(relation));
  const [first, ...more] = found;
  if (first === undefined) {
    const known = [...lineage.keys()].map((id) => relationLabel(manifest, id));
    throw new UpsqlError(
      problem('unknown-column', `There is no model, snapshot, seed or source '${relation}'`, {
        hint: didYouMean(relation, known) ?? 'See the names with `upsql ls`.',
      }),
    );
  }
  if (more.length > 0)
    throw new UpsqlError(
      problem('unknown-column', `'${relation}' is more than one: ${found.map(({ id }) => id).join(', ')}`, {
        hint: 'Write the unique_id in place of the name.',
      }),
    );
  const known = first.columns.find(({ name }) => name.toLowerCase() === column.toLowerCase());
  if (known !== undefined) return { relation: first.id, column: known.name };
  const columns = first.columns.map(({ name }) => name);
  const why = first.problem ?? (first.complete ? undefined : 'its columns are not all known; build it first');
  throw new UpsqlError(
    problem('unknown-column', `${relation} has no column '${column}'${why === undefined ? '' : ` (${why})`}`, {
      hint: didYouMean(column, columns) ?? (columns.length > 0 ? `It has ${columns.join(', ')}.` : 'Build it first.'),
    }),
  );
}

function names(manifest: Manifest, id: string): readonly string[] {
  const member: Node | SourceNode | undefined = manifest.nodes[id] ?? manifest.sources[id];
  const label = relationLabel(manifest, id);
  return member === undefined ? [id] : [id, label, `${member.package_name}.${label}`];
}
