import type { Manifest, Node, OtherNode, SourceNode } from '../../parse/node.js';
import type { Reading } from '../engine.js';
import { toPythonJson } from '../exact-json.js';
import { type SelectionOptions, selectIds } from '../selection.js';

export type ListOutput = 'selector' | 'name' | 'path' | 'json';

export interface ListOptions extends SelectionOptions {
  /** Form of a line; default `selector`, the text that selects exactly that node. */
  readonly output?: ListOutput;
  /** For `json`: which keys, `config.materialized` for one inside. */
  readonly outputKeys?: readonly string[];
}

type Listed = Node | SourceNode | OtherNode;

const LISTED = [
  'model',
  'snapshot',
  'seed',
  'test',
  'source',
  'exposure',
  'metric',
  'saved_query',
  'semantic_model',
  'unit_test',
];
const JSON_KEYS = new Set([
  'name',
  'resource_type',
  'package_name',
  'original_file_path',
  'unique_id',
  'alias',
  'source_name',
  'config',
  'tags',
  'depends_on',
]);

/** One line a selected node, sorted by unique_id, as `dbt ls` prints them. */
export async function list(engine: Reading, options: ListOptions = {}): Promise<readonly string[]> {
  const ids = selectIds(engine, LISTED, options, ['analysis']);
  const nodes = ids.map((id) => lookUp(engine.manifest, id)).filter((node) => node !== undefined);
  const output = options.output ?? 'selector';
  if (output === 'name') return nodes.map(nameOf);
  if (output === 'path') return nodes.map((node) => node.original_file_path);
  if (output === 'selector') return nodes.map(selectorOf);
  return nodes.map((node) => toPythonJson(pick(node, options.outputKeys)));
}

function lookUp(manifest: Manifest, id: string): Listed | undefined {
  return (
    manifest.nodes[id] ??
    manifest.sources[id] ??
    manifest.exposures[id] ??
    manifest.metrics[id] ??
    manifest.semantic_models[id] ??
    manifest.unit_tests[id] ??
    manifest.saved_queries[id]
  );
}

const versioned = (node: Listed): string => {
  const { version } = node as { version?: unknown };
  if (node.resource_type === 'unit_test' && typeof version !== 'object' && version !== undefined)
    return `${node.name}_v${String(version)}`;
  return version === undefined || version === null ? node.name : `${node.name}.v${String(version)}`;
};
const isSource = (node: Listed): node is SourceNode => node.resource_type === 'source';

function nameOf(node: Listed): string {
  if (isSource(node)) return `${node.source_name}.${node.name}`;
  return node.resource_type === 'unit_test' ? node.name : versioned(node);
}

/** Kinds that are selected by a method of their own; the others by their fqn. */
const METHODS = new Set(['exposure', 'metric', 'saved_query', 'semantic_model', 'unit_test']);

function selectorOf(node: Listed): string {
  if (isSource(node)) return `source:${node.package_name}.${node.source_name}.${node.name}`;
  if (METHODS.has(node.resource_type)) return `${node.resource_type}:${node.package_name}.${versioned(node)}`;
  return (node.fqn ?? [node.package_name, node.name]).join('.');
}

function pick(node: Listed, keys: readonly string[] | undefined): Record<string, unknown> {
  const from = node as unknown as Record<string, unknown>;
  const out: Record<string, unknown> = {};
  // Without a wish, in the order that they have in the manifest.
  for (const key of keys ?? Object.keys(from).filter((each) => JSON_KEYS.has(each))) {
    const value = key.includes('.') ? inside(from, key) : from[key];
    if (value !== undefined) out[key] = value;
  }
  if (node.resource_type === 'seed' && 'depends_on' in out) out.depends_on = { macros: node.depends_on?.macros ?? [] };
  return out;
}

/** The value at a dotted path; undefined (left out) when it is absent or null, as dbt has it. */
function inside(from: Record<string, unknown>, path: string): unknown {
  let value: unknown = from;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value ?? undefined;
}
