import type { Manifest } from '../parse/node.js';
import { dependencies, type Graph, topologicalOrder } from './graph.js';

/** Tests that depend on the same nodes, and what has to wait for them. */
interface Guard {
  readonly needs: readonly string[];
  readonly tests: string[];
}

/**
 * The graph that `build` runs by: what is below everything that a data test depends on waits for the test too, so that bad
 * data goes no further. As in dbt, a test of several nodes holds up only what is below all of them, which can make no cycle.
 *
 * Where many tests hold up many nodes a member stands between them that is no node of the project (`GATE`), so that the
 * graph grows with their sum and not their product.
 */
export function withTestEdges(graph: Graph, manifest: Manifest): Graph {
  const runs = (id: string): boolean => {
    const node = manifest.nodes[id];
    return node !== undefined && node.resource_type !== 'test';
  };
  const guards = guardsOf(graph, manifest);
  const several = guards.filter((guard) => guard.needs.length > 1);
  const edges = new Edges(graph);
  for (const { needs, tests } of guards) {
    const [only] = needs;
    if (needs.length === 1 && only !== undefined) edges.hold(tests, firstBelow(graph, only, runs));
  }
  for (const [guard, held] of firstBelowAll(graph, several, runs)) edges.hold(guard.tests, held);
  const { parents, children } = edges.done();
  return { ...graph, parents, children, order: topologicalOrder(parents, children) };
}

/** How the ids of members begin that only part tests from what waits for them. */
export const GATE = 'gate.';

function guardsOf(graph: Graph, manifest: Manifest): Guard[] {
  const guards = new Map<string, Guard>();
  for (const node of Object.values(manifest.nodes)) {
    if (node.resource_type !== 'test' || !graph.parents.has(node.unique_id)) continue;
    const needs = [...new Set(dependencies(node))].sort();
    if (needs.length === 0) continue;
    const key = needs.join('\n');
    const guard = guards.get(key);
    if (guard === undefined) guards.set(key, { needs, tests: [node.unique_id] });
    else guard.tests.push(node.unique_id);
  }
  return [...guards.values()];
}

/** The first nodes below one; what is below those waits with them. */
function firstBelow(graph: Graph, start: string, runs: (id: string) => boolean): string[] {
  const found: string[] = [];
  const seen = new Set<string>([start]);
  const open = [...(graph.children.get(start) ?? [])];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    if (runs(id)) found.push(id);
    else open.push(...(graph.children.get(id) ?? []));
  }
  return found;
}

/** The graph with edges added. */
class Edges {
  readonly #graph: Graph;
  readonly #added = new Map<string, string[]>();
  #gates = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** Makes all of `held` wait for all of `tests`. */
  hold(tests: readonly string[], held: readonly string[]): void {
    if (held.length === 0) return;
    if (tests.length * held.length <= tests.length + held.length + 1) {
      for (const test of tests) this.#add(test, held);
      return;
    }
    const gate = `${GATE}${this.#gates++}`;
    for (const test of tests) this.#add(test, [gate]);
    this.#add(gate, held);
  }

  #add(from: string, to: readonly string[]): void {
    const list = this.#added.get(from);
    if (list === undefined) this.#added.set(from, [...to]);
    else list.push(...to);
  }

  done(): Pick<Graph, 'parents' | 'children'> {
    const children = new Map<string, readonly string[]>(this.#graph.children);
    const above = new Map<string, string[]>();
    for (const [from, to] of this.#added) {
      children.set(from, [...(children.get(from) ?? []), ...to].sort());
      for (const id of to) {
        const list = above.get(id);
        if (list === undefined) above.set(id, [from]);
        else list.push(from);
      }
      if (from.startsWith(GATE) && !above.has(from)) above.set(from, []);
    }
    const parents = new Map<string, readonly string[]>(this.#graph.parents);
    for (const [id, list] of above) parents.set(id, [...(parents.get(id) ?? []), ...list].sort());
    return { parents, children };
  }
}

/** Bytes that the bits of one sweep may take. */
const MEMORY = 64 * 1024 * 1024;

/**
 * For each guard of several nodes the first nodes below all of them. The graph is gone through from the top with one bit a
 * guard, many guards at once: which of its nodes are above, and whether a node above waits for it already.
 */
function* firstBelowAll(
  graph: Graph,
  guards: readonly Guard[],
  runs: (id: string) => boolean,
): Generator<readonly [Guard, string[]]> {
  const sorted = [...guards].sort((a, b) => a.needs.length - b.needs.length);
  const members = sweepable(graph, runs);
  for (let from = 0; from < sorted.length; ) {
    const slots = sorted[from]?.needs.length ?? 0;
    let to = from;
    const most = 32 * Math.max(1, Math.floor(MEMORY / (4 * (slots + 1) * Math.max(1, members.ids.length))));
    while (to < sorted.length && to - from < most && sorted[to]?.needs.length === slots) to++;
    const block = sorted.slice(from, to);
    const found = sweep(members, block, slots);
    for (const [i, guard] of block.entries()) yield [guard, found[i] ?? []];
    from = to;
  }
}

/** The members that matter, in the order of the graph, with the positions of their parents. */
interface Members {
  readonly ids: readonly string[];
  readonly position: ReadonlyMap<string, number>;
  readonly parents: readonly (readonly number[])[];
  readonly runs: readonly boolean[];
}

function sweepable(graph: Graph, runs: (id: string) => boolean): Members {
  const ids = graph.order.filter((id) => runs(id) || (graph.children.get(id)?.length ?? 0) > 0);
  const position = new Map(ids.map((id, i) => [id, i]));
  const parents = ids.map((id) => (graph.parents.get(id) ?? []).map((parent) => position.get(parent) ?? 0));
  return { ids, position, parents, runs: ids.map(runs) };
}

/** The nodes to hold of each guard in a block, all of which have `slots` nodes. */
function sweep({ ids, position, parents, runs }: Members, block: readonly Guard[], slots: number): string[][] {
  const words = (block.length + 31) >> 5;
  // A row a member: `slots` groups of words say which node of each guard is above, the last whether a node above waits.
  const width = words * (slots + 1);
  const bits = new Uint32Array(ids.length * width);
  const marks = marksOf(block, position);
  const isMarked = new Uint8Array(ids.length);
  const found: string[][] = block.map(() => []);
  for (let at = 0; at < ids.length; at++) {
    const row = at * width;
    let isBelow = false;
    for (const parent of parents[at] ?? []) {
      if (isMarked[parent] === 0) continue;
      isBelow = true;
      const above = parent * width;
      for (let w = 0; w < width; w++) bits[row + w] = (bits[row + w] ?? 0) | (bits[above + w] ?? 0);
    }
    if (isBelow && runs[at] === true) {
      const waits = row + words * slots;
      for (let w = 0; w < words; w++) {
        let all = bits[row + w] ?? 0;
        for (let slot = 1; slot < slots && all !== 0; slot++) all &= bits[row + slot * words + w] ?? 0;
        let fresh = all & ~(bits[waits + w] ?? 0);
        bits[waits + w] = (bits[waits + w] ?? 0) | all;
        for (; fresh !== 0; fresh &= fresh - 1) found[w * 32 + (31 - Math.clz32(fresh & -fresh))]?.push(ids[at] ?? '');
      }
    }
    // A node is above its children, not above itself: set after it was looked at.
    for (const [guard, slot] of marks.get(at) ?? []) {
      const word = row + slot * words + (guard >> 5);
      bits[word] = (bits[word] ?? 0) | (1 << (guard & 31));
    }
    isMarked[at] = isBelow || marks.has(at) ? 1 : 0;
  }
  return found;
}

/** For each member the guards, by number, of which it is a node, and the place among their nodes. */
function marksOf(block: readonly Guard[], position: ReadonlyMap<string, number>): Map<number, [number, number][]> {
  const marks = new Map<number, [number, number][]>();
  for (const [guard, { needs }] of block.entries()) {
    for (const [slot, need] of needs.entries()) {
      const at = position.get(need) ?? -1;
      const list = marks.get(at);
      if (list === undefined) marks.set(at, [[guard, slot]]);
      else list.push([guard, slot]);
    }
  }
  return marks;
}
