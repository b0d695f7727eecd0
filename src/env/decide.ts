/** What an environment does about each node. Nothing is asked of the warehouse here. */
import type { Graph } from '../graph/index.js';
import type { Manifest, Node } from '../parse/node.js';
import type { Parts } from '../plan/fingerprint.js';
import { hash, isBuilt } from '../plan/fingerprint.js';
import type { Place } from './names.js';
import { type Production, type Version, versionId } from './state.js';

/** `production`: it is what production has; `version`: it is built already; `build`: it has to be built. */
export interface Decision {
  readonly action: 'production' | 'version' | 'build';
  /** The key that its content is kept under. */
  readonly key: string;
  /** It stays in its environment: a copy of a history, and what is built from that. */
  readonly preview: boolean;
  /** What it begins as a copy of: production's history. */
  readonly copyOf: Place | null;
  /** Where its content is or will be. */
  readonly place: Place;
}

export interface DecideOptions {
  readonly manifest: Manifest;
  readonly graph: Graph;
  readonly parts: ReadonlyMap<string, Parts>;
  readonly environment: string;
  readonly production: Production;
  readonly versions: ReadonlyMap<string, Version>;
  /** Whether a relation is there. */
  readonly exists: (place: Place) => boolean;
  readonly versionPlace: (node: Node, key: string) => Place;
}

/** Whether a node has a relation of its own that environments deal with. */
export function hasRelation(node: Node | undefined): node is Node {
  return node !== undefined && isBuilt(node) && node.config.materialized !== 'ephemeral';
}

/** What has been collected over time and can't be computed again. */
function isHistory(node: Node): boolean {
  if (node.resource_type === 'snapshot') return true;
  return node.config.materialized === 'incremental' && node.config.full_refresh === false;
}

/** A decision for each model, seed and snapshot with a relation, in the order of the graph. */
export function decide(options: DecideOptions): ReadonlyMap<string, Decision> {
  const { manifest, graph, parts, environment, production, versions, exists, versionPlace } = options;
  const decisions = new Map<string, Decision>();
  for (const id of graph.order) {
    const node = manifest.nodes[id];
    const part = parts.get(id);
    if (!hasRelation(node) || part === undefined) continue;
    const there = production.nodes[id];
    const present = there !== undefined && exists(there.place);
    if (present && there.key === part.version) {
      const { place } = there;
      decisions.set(id, { action: 'production', key: part.version, preview: false, copyOf: null, place });
      continue;
    }
    const copyOf = present && isHistory(node) ? there.place : null;
    const preview = copyOf !== null || inputsOf(id, manifest, graph).some((input) => decisions.get(input)?.preview);
    const key = preview ? hash(`${part.version} ${environment}`) : part.version;
    const built = versions.get(versionId(id, key));
    const place = built?.place ?? versionPlace(node, key);
    const action = built !== undefined && exists(built.place) ? 'version' : 'build';
    decisions.set(id, { action, key, preview, copyOf, place });
  }
  return decisions;
}

/** The relations that a node reads, those of ephemeral models in between included. */
export function inputsOf(id: string, manifest: Manifest, graph: Graph): readonly string[] {
  const inputs = new Set<string>();
  const open = [...(graph.parents.get(id) ?? [])];
  const seen = new Set<string>();
  for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
    if (seen.has(parent)) continue;
    seen.add(parent);
    if (hasRelation(manifest.nodes[parent])) inputs.add(parent);
    else if (manifest.nodes[parent] !== undefined) open.push(...(graph.parents.get(parent) ?? []));
  }
  return [...inputs];
}

/**
 * What has to be built for `wanted` ids: those of them that are to be built, and whatever they read that is to be built too.
 * Ephemeral models are passed through.
 */
export function toBuild(
  wanted: Iterable<string>,
  decisions: ReadonlyMap<string, Decision>,
  graph: Graph,
): ReadonlySet<string> {
  const builds = new Set<string>();
  const seen = new Set<string>();
  const open = [...wanted];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const decision = decisions.get(id);
    if (decision !== undefined && decision.action !== 'build') continue;
    if (decision !== undefined) builds.add(id);
    open.push(...(graph.parents.get(id) ?? []));
  }
  return builds;
}
