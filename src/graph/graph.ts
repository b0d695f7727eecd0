/** The graph of a manifest: what depends on what, in an order in which it can run. */
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { Manifest, Node, OtherNode, SourceNode } from '../parse/node.js';

export type Member = Node | SourceNode | OtherNode;

export interface Graph {
  /** Every member after all it depends on; members of one depth by their ids. */
  readonly order: readonly string[];
  /** Direct parents and children of every member, each list sorted. */
  readonly parents: ReadonlyMap<string, readonly string[]>;
  readonly children: ReadonlyMap<string, readonly string[]>;
  /** `parent_map` and `child_map` as they stand in manifest.json. */
  readonly parentMap: Record<string, string[]>;
  readonly childMap: Record<string, string[]>;
}

/** What may be depended on, in the order in which dbt lists the members. */
export function members(manifest: Manifest): Map<string, Member> {
  const all = new Map<string, Member>();
  for (const part of [
    manifest.nodes,
    manifest.sources,
    manifest.exposures,
    manifest.functions,
    manifest.metrics,
    manifest.semantic_models,
    manifest.saved_queries,
    manifest.unit_tests,
  ] as const)
    for (const id in part) all.set(id, part[id] as Member);
  return all;
}

/** The ids that a member depends on, as written (one may stand twice). */
export function dependencies(member: Member): readonly string[] {
  if (member.resource_type === 'source' || member.resource_type === 'seed') return [];
  return (member as OtherNode).depends_on?.nodes ?? [];
}

/**
 * Builds the graph from `depends_on.nodes` of everything in the manifest. Throws UpsqlError for a dependency that does not
 * exist (`missing-dependency`) and for a cycle (`cycle`), whose whole path it names with the file of each member.
 */
export function buildGraph(manifest: Manifest): Graph {
  const all = members(manifest);
  const parents = new Map<string, readonly string[]>();
  const children = new Map<string, string[]>();
  for (const id of all.keys()) children.set(id, []);
  for (const [id, member] of all) {
    const unique = sortedOnce(dependencies(member));
    parents.set(id, unique);
    for (const parent of unique) {
      const list = children.get(parent);
      if (list === undefined) throw missing(member, parent);
      list.push(id);
    }
  }
  for (const list of children.values()) if (list.length > 1) list.sort();
  const order = topologicalOrder(parents, children);
  if (order.length < all.size) throw cycle(parents, new Set(order), all);
  // Made when they are asked for: what only selects does not look at them.
  let maps: Pick<Graph, 'parentMap' | 'childMap'> | undefined;
  const written = () => {
    maps ??= mapsOf(all);
    return maps;
  };
  return {
    order,
    parents,
    children,
    get parentMap() {
      return written().parentMap;
    },
    get childMap() {
      return written().childMap;
    },
  };
}

function sortedOnce(ids: readonly string[]): readonly string[] {
  return ids.length < 2 ? ids : [...new Set(ids)].sort();
}

function mapsOf(all: ReadonlyMap<string, Member>): Pick<Graph, 'parentMap' | 'childMap'> {
  const parentMap: Record<string, string[]> = {};
  const childMap: Record<string, string[]> = {};
  for (const id of all.keys()) childMap[id] = [];
  for (const [id, member] of all) {
    const named = dependencies(member);
    for (const parent of named) childMap[parent]?.push(id);
    parentMap[id] = [...named].sort();
  }
  for (const list of Object.values(childMap)) list.sort();
  return { parentMap, childMap };
}

/** Members by depth (the longest way down to them), those of one depth by id; members of a cycle are left out. */
export function topologicalOrder(
  parents: ReadonlyMap<string, readonly string[]>,
  children: ReadonlyMap<string, readonly string[]>,
): string[] {
  const waiting = new Map<string, number>();
  let level: string[] = [];
  for (const [id, list] of parents) {
    if (list.length === 0) level.push(id);
    else waiting.set(id, list.length);
  }
  const order: string[] = [];
  while (level.length > 0) {
    level.sort();
    const next: string[] = [];
    for (const id of level) {
      order.push(id);
      for (const child of children.get(id) ?? []) {
        const left = (waiting.get(child) ?? 0) - 1;
        waiting.set(child, left);
        if (left === 0) next.push(child);
      }
    }
    level = next;
  }
  return order;
}

/** All members below `ids`, at most `depth` steps away; one of `ids` is among them only if it is below another. */
export function descendants(graph: Graph, ids: Iterable<string>, depth = Number.POSITIVE_INFINITY): Set<string> {
  return reach(graph.children, ids, depth);
}

/** All members above `ids`, at most `depth` steps away; one of `ids` is among them only if it is above another. */
export function ancestors(graph: Graph, ids: Iterable<string>, depth = Number.POSITIVE_INFINITY): Set<string> {
  return reach(graph.parents, ids, depth);
}

function reach(edges: ReadonlyMap<string, readonly string[]>, ids: Iterable<string>, depth: number): Set<string> {
  const found = new Set<string>();
  let layer: Iterable<string> = ids;
  for (let step = 0; step < depth; step++) {
    const next: string[] = [];
    for (const id of layer)
      for (const other of edges.get(id) ?? []) {
        if (found.has(other)) continue;
        found.add(other);
        next.push(other);
      }
    if (next.length === 0) break;
    layer = next;
  }
  return found;
}

/** The graph of some members only; edges over members left out are not kept. */
export function subgraph(graph: Graph, keep: ReadonlySet<string>): Graph {
  if (graph.order.every((id) => keep.has(id))) return graph;
  const only = (edges: ReadonlyMap<string, readonly string[]>) => {
    const kept = new Map<string, readonly string[]>();
    for (const [id, list] of edges)
      if (keep.has(id))
        kept.set(
          id,
          list.filter((other) => keep.has(other)),
        );
    return kept;
  };
  return {
    ...graph,
    order: graph.order.filter((id) => keep.has(id)),
    parents: only(graph.parents),
    children: only(graph.children),
  };
}

function missing(member: Member, parent: string): UpsqlError {
  return new UpsqlError(
    problem(
      'missing-dependency',
      `${member.unique_id} (${member.original_file_path}) depends on ${parent}, which does not exist`,
    ),
  );
}

/** Follows parents that are not in order until one comes again: every such member has at least one such parent. */
function cycle(
  parents: ReadonlyMap<string, readonly string[]>,
  ordered: ReadonlySet<string>,
  all: ReadonlyMap<string, Member>,
): UpsqlError {
  const start = [...parents.keys()].filter((id) => !ordered.has(id)).sort()[0] ?? '';
  const path: string[] = [];
  let id = start;
  while (!path.includes(id)) {
    path.push(id);
    id = parents.get(id)?.find((parent) => !ordered.has(parent)) ?? '';
  }
  const loop = path.slice(path.indexOf(id)).reverse();
  const shortest = loop.indexOf([...loop].sort()[0] ?? '');
  const ring = [...loop.slice(shortest), ...loop.slice(0, shortest)];
  const names = [...ring, ring[0] ?? ''].map((member) => all.get(member)?.name ?? member);
  const files = ring.map((member) => `${all.get(member)?.name ?? member} in ${all.get(member)?.original_file_path}`);
  const first = all.get(ring[0] ?? '');
  return new UpsqlError(
    problem('cycle', `These depend on each other: ${names.join(' -> ')} (${files.join(', ')})`, {
      ...(first === undefined ? {} : { place: { file: first.original_file_path, line: 1, column: 1 } }),
      hint: 'Take one ref out of the circle, for example by moving what both need into a model of its own.',
    }),
  );
}
