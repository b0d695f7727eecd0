/** Nodes in the order of their dependencies, handed out one by one. */
import type { Graph } from './graph.js';

export interface GraphQueue {
  /** The ready node of highest priority, or undefined when none is ready now. */
  take(): string | undefined;
  /** Marks a taken node as finished, which may make others ready. */
  done(id: string): void;
  /** How many nodes have not been taken yet. */
  readonly remaining: number;
}

export interface QueueOptions {
  /** Nodes do not wait for each other. */
  readonly independent?: boolean;
}

/**
 * A queue over `selected`: a node is ready when every selected node above it is done, also where members that are not
 * selected lie between. As in dbt, a node of less depth goes first, then the lesser id. Linear in the graph's size but for
 * the ordering of nodes that are ready at the same time.
 */
export function createQueue(graph: Graph, selected: Iterable<string>, options: QueueOptions = {}): GraphQueue {
  const wanted = new Set(selected);
  const depth = depths(graph, wanted, options.independent === true);
  const before = (a: string, b: string) => {
    const difference = (depth.get(a) ?? 0) - (depth.get(b) ?? 0);
    return difference < 0 || (difference === 0 && a < b);
  };
  const ready = new Heap(before);
  const waiting = new Map<string, number>();
  const taken = new Set<string>();
  let remaining = wanted.size;

  const release = (first: string): void => {
    // Members that are not selected are done as soon as they are ready, so they pass readiness on.
    const open = [first];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (wanted.has(id)) ready.push(id);
      else open.push(...freed(id));
    }
  };
  const freed = (id: string): string[] => {
    const out: string[] = [];
    for (const child of graph.children.get(id) ?? []) {
      const left = (waiting.get(child) ?? 0) - 1;
      waiting.set(child, left);
      if (left === 0) out.push(child);
    }
    return out;
  };

  if (options.independent === true) for (const id of wanted) ready.push(id);
  else {
    const roots: string[] = [];
    for (const id of graph.order) {
      const count = graph.parents.get(id)?.length ?? 0;
      waiting.set(id, count);
      if (count === 0) roots.push(id);
    }
    for (const id of roots) release(id);
  }
  return {
    take() {
      const id = ready.pop();
      if (id === undefined) return undefined;
      remaining -= 1;
      taken.add(id);
      return id;
    },
    done(id) {
      if (!taken.delete(id)) throw new Error(`${id} was not taken from the queue`);
      if (options.independent !== true) for (const child of freed(id)) release(child);
    },
    get remaining() {
      return remaining;
    },
  };
}

/** The longest way to each member, counted in selected nodes. */
function depths(graph: Graph, wanted: ReadonlySet<string>, independent: boolean): Map<string, number> {
  const depth = new Map<string, number>();
  if (independent) return depth;
  for (const id of graph.order) {
    let most = 0;
    for (const parent of graph.parents.get(id) ?? [])
      most = Math.max(most, (depth.get(parent) ?? 0) + (wanted.has(parent) ? 1 : 0));
    depth.set(id, most);
  }
  return depth;
}

/** A binary heap of ids. */
class Heap {
  readonly #items: string[] = [];
  readonly #before: (a: string, b: string) => boolean;

  constructor(before: (a: string, b: string) => boolean) {
    this.#before = before;
  }

  push(id: string): void {
    const items = this.#items;
    let i = items.length;
    items.push(id);
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = items[up] as string;
      if (!this.#before(id, parent)) break;
      items[i] = parent;
      i = up;
    }
    items[i] = id;
  }

  pop(): string | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= items.length) break;
      const right = items[child + 1];
      if (right !== undefined && this.#before(right, items[child] as string)) child += 1;
      const lesser = items[child] as string;
      if (!this.#before(lesser, last)) break;
      items[i] = lesser;
      i = child;
    }
    items[i] = last;
    return top;
  }
}
