import type { Manifest } from '../parse/node.js';
import { dependencies, type Graph, topologicalOrder } from './graph.js';

/**
 * The graph that `build` runs by: what is below everything that a data test depends on waits for the test too, so that bad
 * data goes no further. As in dbt, a test of several nodes holds up only what is below all of them, which can make no cycle.
 */
export function withTestEdges(graph: Graph, manifest: Manifest): Graph {
  const guarded = new Map<string, string[]>();
  const runs = (id: string) => {
    const node = manifest.nodes[id];
    return node !== undefined && node.resource_type !== 'test';
  };
  const tests = Object.values(manifest.nodes)
    .filter((node) => node.resource_type === 'test')
    .map((node) => ({ id: node.unique_id, needs: [...new Set(dependencies(node))] }))
    .filter((test) => test.needs.length > 0 && graph.parents.has(test.id));
  const marked = new Set(tests.filter((test) => test.needs.length > 1).flatMap((test) => test.needs));
  const below = new Ancestry(graph, marked, runs);
  for (const { id, needs } of tests) guarded.set(id, frontier(graph, needs, below, runs));
  const children = new Map<string, readonly string[]>(graph.children);
  const added = new Map<string, string[]>();
  for (const [test, nodes] of guarded) {
    if (nodes.length === 0) continue;
    children.set(test, [...(graph.children.get(test) ?? []), ...nodes].sort());
    for (const node of nodes) {
      const list = added.get(node);
      if (list === undefined) added.set(node, [test]);
      else list.push(test);
    }
  }
  const parents = new Map<string, readonly string[]>(graph.parents);
  for (const [node, list] of added) parents.set(node, [...(graph.parents.get(node) ?? []), ...list].sort());
  return { ...graph, parents, children, order: topologicalOrder(parents, children) };
}

/** The first nodes below all of `needs`, going down from the last of them; what is below those waits with them. */
function frontier(graph: Graph, needs: readonly string[], below: Ancestry, runs: (id: string) => boolean): string[] {
  const start = needs.length === 1 ? needs[0] : below.last(needs);
  if (start === undefined) return [];
  const found: string[] = [];
  const seen = new Set<string>([start]);
  const open = [...(graph.children.get(start) ?? [])];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    if (runs(id) && (needs.length === 1 || below.all(id, needs))) found.push(id);
    else open.push(...(graph.children.get(id) ?? []));
  }
  return found;
}

/** For every member, which of some marked members are above it, as bits. */
class Ancestry {
  readonly #index = new Map<string, number>();
  readonly #bits = new Map<string, Uint32Array>();
  readonly #position = new Map<string, number>();

  constructor(graph: Graph, marked: ReadonlySet<string>, runs: (id: string) => boolean) {
    if (marked.size === 0) return;
    for (const id of marked) this.#index.set(id, this.#index.size);
    const words = (marked.size + 31) >> 5;
    for (const [position, id] of graph.order.entries()) {
      this.#position.set(id, position);
      if (!runs(id) && graph.children.get(id)?.length === 0) continue;
      let bits: Uint32Array | undefined;
      for (const parent of graph.parents.get(id) ?? []) {
        const above = this.#bits.get(parent);
        const own = this.#index.get(parent);
        if (above === undefined && own === undefined) continue;
        bits ??= new Uint32Array(words);
        for (let w = 0; above !== undefined && w < words; w++) bits[w] = (bits[w] ?? 0) | (above[w] ?? 0);
        if (own !== undefined) bits[own >> 5] = (bits[own >> 5] ?? 0) | (1 << (own & 31));
      }
      if (bits !== undefined) this.#bits.set(id, bits);
    }
  }

  /** Whether all of `needs` (marked members) are above `id`. */
  all(id: string, needs: readonly string[]): boolean {
    const bits = this.#bits.get(id);
    return needs.every((need) => {
      const index = this.#index.get(need);
      return bits !== undefined && index !== undefined && ((bits[index >> 5] ?? 0) & (1 << (index & 31))) !== 0;
    });
  }

  /** The one that comes last in the graph's order. */
  last(needs: readonly string[]): string | undefined {
    let last: string | undefined;
    for (const need of needs)
      if (last === undefined || (this.#position.get(need) ?? 0) > (this.#position.get(last) ?? 0)) last = need;
    return last;
  }
}
