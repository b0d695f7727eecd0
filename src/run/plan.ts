import { createQueue, withTestEdges, withUnitTestsFirst } from '../graph/index.js';
import type { Manifest, Node, OtherNode, SourceNode } from '../parse/node.js';
import type { Engine } from './engine.js';
import { type Action, executeNode } from './execute.js';
import { isMicrobatch } from './microbatch/check.js';
import { type MicrobatchOptions, runMicrobatch } from './microbatch/run-batches.js';
import type { Execute, Plan } from './scheduler.js';
import { type SelectionOptions, selectIds } from './selection.js';
import { standIn } from './stand-in.js';
import { unitTestNode } from './unit-tests/unit-test-node.js';

export interface PlanSpec {
  /** Kinds of nodes that the command runs. */
  readonly types: readonly string[];
  readonly action: Action;
  /** Runs a node in another way than by `action`. */
  readonly execute?: (node: Node) => Execute;
  /** Of what is selected, these only. */
  readonly keep?: (id: string) => boolean;
  /** Nodes do not wait for each other, and none is skipped for another. */
  readonly independent?: boolean;
  /** Whether tests hold up what is downstream of what they test, and skip it when they fail. */
  readonly testsGuard?: boolean;
  readonly listEphemeral?: boolean;
}

/** Kinds in which nothing runs: they stand in the results as `no-op`. */
const NOTHING_TO_RUN = new Set(['exposure', 'saved_query']);

export interface PlanOptions extends SelectionOptions {
  /** A test that warns fails instead. */
  readonly warnError?: boolean;
  /** These nodes in place of a selection (`retry`). */
  readonly only?: readonly string[] | undefined;
  /** For microbatch models. */
  readonly microbatch?: MicrobatchOptions | undefined;
}

/** The ids of the selected nodes of a command. */
export function selectedIds(engine: Engine, spec: PlanSpec, options: PlanOptions): readonly string[] {
  const { keep = () => true } = spec;
  const ids = (options.only ?? selectIds(engine, spec.types, options)).filter(keep);
  if (spec.testsGuard !== true) return ids;
  // As in dbt, a unit test guards its model: without it there is nothing to guard.
  const selected = new Set(ids);
  const { unit_tests: tests } = engine.manifest;
  return ids.filter(
    (id) => tests[id] === undefined || tests[id].depends_on?.nodes.some((tested) => selected.has(tested)),
  );
}

/** The selected nodes of a command in the order in which they are to run. */
export function makePlan(engine: Engine, spec: PlanSpec, options: PlanOptions): Plan {
  const { manifest } = engine;
  const { independent = false } = spec;
  const selected = new Set(selectedIds(engine, spec, options));
  engine.onStart?.([...selected]);
  const guard = spec.testsGuard ?? false;
  const graph = guard ? withUnitTestsFirst(withTestEdges(engine.graph, manifest), manifest, selected) : engine.graph;
  const own = (node: Node): Execute => {
    if (spec.action === 'build' && engine.usesBatches !== false && isMicrobatch(node)) {
      const { microbatch = {}, listen } = options;
      return (session, threadId, room) => runMicrobatch(engine, node, session, threadId, room, microbatch, listen);
    }
    return (session, threadId) => executeNode(engine, node, spec.action, session, threadId, options.warnError);
  };
  const execute = spec.execute ?? own;
  const nodes: Node[] = [];
  for (const id of graph.order) {
    const node = selected.has(id) ? runnable(manifest, id) : undefined;
    if (node !== undefined) nodes.push(node);
  }
  return {
    queue: createQueue(
      graph,
      nodes.map((node) => node.unique_id),
      { independent },
    ),
    nodes,
    children: (id) => (independent ? [] : (graph.children.get(id) ?? [])),
    execute: (node) => (NOTHING_TO_RUN.has(node.resource_type) ? undefined : execute(node)),
    testsGuard: guard,
    listEphemeral: spec.listEphemeral ?? false,
  };
}

function runnable(manifest: Manifest, id: string): Node | undefined {
  const node = manifest.nodes[id];
  if (node !== undefined) return node;
  const source = manifest.sources[id];
  if (source !== undefined) return sourceStandIn(source);
  const test = manifest.unit_tests[id];
  if (test !== undefined) return unitTestNode(manifest, test);
  const other = manifest.exposures[id] ?? manifest.saved_queries[id];
  return other === undefined ? undefined : standIn(known(other));
}

function sourceStandIn(source: SourceNode): Node {
  const { database, schema, identifier, source_name, relation_name } = source;
  const place = { database, schema, alias: identifier, source_name, relation_name };
  return standIn({ ...known(source), ...place, config: { materialized: '' } });
}

function known(other: OtherNode | SourceNode): Parameters<typeof standIn>[0] {
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
