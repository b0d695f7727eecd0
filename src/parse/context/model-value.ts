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

/** A node as `model` shows it. Made anew for each scope; each value when it is asked for, since parsing still changes nodes. */
export function modelValue(parsed: ParsedProject, node: Node): Dict {
  const more: Record<string, unknown> = {};
  if (typeof node.compiled_code === 'string') more.compiled_sql = node.compiled_code;
  if (node.resource_type === 'seed') more.root_path = node.root_path ?? parsed.project.root;
  return new LazyNode(Object.keys(more).length === 0 ? node : { ...node, ...more }, shown);
}

const shown = (value: unknown): unknown => (value === null ? undefined : withoutNulls(value));

/** A node as macros that name it see it: `modelValue`, each value made when it is asked for. */
export function namedNode(parsed: ParsedProject, node: Node): Dict {
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
