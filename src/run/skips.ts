/** How many causes a skipped node keeps: enough to read, and it bounds the work of marking to the size of the graph. */
const MAX_CAUSES = 5;

/** Which nodes are to be skipped, and because of which failed ones. */
export interface Skips {
  /** Marks everything downstream of a failed node. */
  fail(id: string): void;
  /** The failed nodes upstream of `id`; undefined when it is to run. */
  causes(id: string): readonly string[] | undefined;
}

/** `children` gives a node's direct successors in the whole graph, selected or not, test edges included. */
export function createSkips(children: (id: string) => Iterable<string>): Skips {
  const marked = new Map<string, string[]>();
  return {
    causes: (id) => marked.get(id),
    fail(failed) {
      const open = [...children(failed)];
      for (let id = open.pop(); id !== undefined; id = open.pop()) {
        const causes = marked.get(id);
        if (causes === undefined) marked.set(id, [failed]);
        // Everything below holds these causes already.
        else if (causes.length >= MAX_CAUSES || causes.includes(failed)) continue;
        else causes.push(failed);
        for (const child of children(id)) open.push(child);
      }
    },
  };
}
