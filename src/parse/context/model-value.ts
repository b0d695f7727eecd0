/** `model`, `graph` and their like: manifest data as template values. */
import { Dict, toJinja } from '../../jinja/index.js';
import type { Node } from '../node.js';
import type { ParsedProject } from '../state.js';
import { LazyNode } from './lazy-node.js';

/** Keys of a node that templates see only when they hold something (dbt omits nulls). */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value))
    if (item !== null && item !== undefined) out[key] = withoutNulls(item);
  return out;
}

/** A node as `model` shows it. Made anew at each call, since parsing still changes nodes. */
export function modelValue(parsed: ParsedProject, node: Node): Dict {
  const plain = withoutNulls(node) as Record<string, unknown>;
  if (typeof plain.compiled_code === 'string') plain.compiled_sql = plain.compiled_code;
  if (node.resource_type === 'seed') plain.root_path = node.root_path ?? parsed.project.root;
  return toJinja(plain) as Dict;
}

/** A node as macros that name it see it: `modelValue`, each value made when it is asked for. */
export function namedNode(parsed: ParsedProject, node: Node): Dict {
  const shown = (value: unknown) => (value === null ? undefined : withoutNulls(value));
  if (node.resource_type !== 'seed') return new LazyNode(node, shown);
  return new LazyNode({ ...node, root_path: node.root_path ?? parsed.project.root }, shown);
}

const GRAPH_PARTS = [
  'nodes',
  'sources',
  'exposures',
  'metrics',
  'groups',
  'semantic_models',
  'saved_queries',
  'functions',
] as const;

const GRAPHS = new WeakMap<ParsedProject, Dict>();

/** `graph`: the manifest by kind and unique_id as it stood after parsing, made once and shared by all nodes. */
export function graphValue(parsed: ParsedProject): Dict {
  let graph = GRAPHS.get(parsed);
  if (graph === undefined) {
    graph = new Dict(
      GRAPH_PARTS.map((part) => [
        part,
        new Dict(Object.entries(parsed.manifest[part]).map(([id, node]) => [id, toJinja(node)])),
      ]),
    );
    GRAPHS.set(parsed, graph);
  }
  return graph;
}
