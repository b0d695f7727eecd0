import type { Manifest } from '../parse/node.js';
import { type Graph, topologicalOrder } from './graph.js';

/**
 * The graph that `build` runs unit tests by: those of `selected` run when what their model reads is there, and the model
 * after them, so that a failing one keeps it and all that is below from being built.
 */
export function withUnitTestsFirst(graph: Graph, manifest: Manifest, selected: ReadonlySet<string>): Graph {
  const testsOf = new Map<string, string[]>();
  for (const test of Object.values(manifest.unit_tests)) {
    const model = test.depends_on?.nodes[0];
    if (model === undefined || !selected.has(test.unique_id) || !selected.has(model)) continue;
    const tests = testsOf.get(model);
    if (tests === undefined) testsOf.set(model, [test.unique_id]);
    else tests.push(test.unique_id);
  }
  if (testsOf.size === 0) return graph;
  const parents = new Map(graph.parents);
  const children = new Map(graph.children);
  for (const [model, tests] of testsOf) {
    const above = graph.parents.get(model) ?? [];
    const moved = new Set(tests);
    for (const test of tests) {
      parents.set(test, above);
      children.set(test, [model]);
    }
    for (const parent of above) children.set(parent, [...(children.get(parent) ?? []), ...tests].sort());
    children.set(
      model,
      (children.get(model) ?? []).filter((child) => !moved.has(child)),
    );
    parents.set(model, [...above, ...tests].sort());
  }
  return { ...graph, parents, children, order: topologicalOrder(parents, children) };
}
