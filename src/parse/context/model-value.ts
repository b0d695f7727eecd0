/** `model`, `graph` and their like: manifest data as template values. */
import { Dict, toJinja } from '../../jinja/index.js';
import type { Node } from '../node.js';
import type { ParsedProject } from '../state.js';

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

/** `graph`: the manifest by kind and unique_id. */
export function graphValue(parsed: ParsedProject): Dict {
  return new Dict(
    GRAPH_PARTS.map((part) => [
      part,
      new Dict(Object.entries(parsed.manifest[part]).map(([id, node]) => [id, toJinja(withoutNulls(node))])),
    ]),
  );
}
