import { createQueue, withTestEdges } from '../graph/index.js';
import type { Manifest, Node, OtherNode } from '../parse/node.js';
import type { Engine } from './engine.js';
import type { Action } from './execute.js';
import type { Plan } from './scheduler.js';
import { type SelectionOptions, selectIds } from './selection.js';
import { standIn } from './stand-in.js';

export interface PlanSpec {
  /** Kinds of nodes that the command runs. */
  readonly types: readonly string[];
  readonly action: Action;
  /** Whether tests hold up what is downstream of what they test, and skip it when they fail. */
  readonly testsGuard?: boolean;
  readonly listEphemeral?: boolean;
}

/** Kinds in which nothing runs: they stand in the results as `no-op`. */
const NOTHING_TO_RUN = new Set(['exposure', 'saved_query']);

/** The selected nodes of a command in the order in which they are to run. */
export function makePlan(engine: Engine, spec: PlanSpec, options: SelectionOptions): Plan {
  const { manifest } = engine;
  const selected = new Set(selectIds(engine, spec.types, options));
  engine.onStart?.([...selected]);
  const guard = spec.testsGuard ?? false;
  const graph = guard ? withTestEdges(engine.graph, manifest) : engine.graph;
  const nodes: Node[] = [];
  for (const id of graph.order) {
    const node = selected.has(id) ? runnable(manifest, id) : undefined;
    if (node !== undefined) nodes.push(node);
  }
  return {
    queue: createQueue(
      graph,
      nodes.map((node) => node.unique_id),
    ),
    nodes,
    children: (id) => graph.children.get(id) ?? [],
    action: (node) => (NOTHING_TO_RUN.has(node.resource_type) ? 'none' : spec.action),
    testsGuard: guard,
    listEphemeral: spec.listEphemeral ?? false,
  };
}

function runnable(manifest: Manifest, id: string): Node | undefined {
  const node = manifest.nodes[id];
  if (node !== undefined) return node;
  const other = manifest.exposures[id] ?? manifest.saved_queries[id];
  return other === undefined ? undefined : standIn(known(other));
}

function known(other: OtherNode): Parameters<typeof standIn>[0] {
  const { resource_type, unique_id, name, package_name, path, original_file_path, fqn } = other;
  return {
    resource_type,
    unique_id,
    name,
    package_name,
    path,
    original_file_path,
    ...(fqn === undefined ? {} : { fqn }),
  };
}

/** How many of each kind the project has, in the order in which dbt tells them. */
export function countNodes(manifest: Manifest): Record<string, number> {
  const counts: Record<string, number> = {
    model: 0,
    analysis: 0,
    test: 0,
    seed: 0,
    operation: 0,
    snapshot: 0,
    source: Object.keys(manifest.sources).length,
    exposure: Object.keys(manifest.exposures).length,
    metric: Object.keys(manifest.metrics).length,
    macro: Object.keys(manifest.macros).length,
    group: Object.keys(manifest.groups).length,
    semantic_model: Object.keys(manifest.semantic_models).length,
    saved_query: Object.keys(manifest.saved_queries).length,
    unit_test: Object.keys(manifest.unit_tests).length,
  };
  for (const { resource_type } of Object.values(manifest.nodes)) {
    counts[resource_type] = (counts[resource_type] ?? 0) + 1;
  }
  return counts;
}
