/** What the runtime asks of materializations and hooks, and how it reads what they give. */
import { didYouMean, problem, UpsqlError } from '../../diagnostics/index.js';
import { Dict, isTruthy } from '../../jinja/index.js';
import { RelationValue } from '../context/relation-value.js';
import type { NodeScope } from '../context/scopes.js';
import type { MacroNode, Node } from '../node.js';
import { renderPath } from '../relation.js';
import type { BuiltRelation, HookResult } from '../runtime.js';
import { originOf, type ParsedProject } from '../state.js';

/** The macro of a node's materialization, or of `other` in its place. Throws UpsqlError when it can't build the node. */
export function materializationOf(parsed: ParsedProject, node: Node, other?: string): MacroNode {
  const { materialized } = node.config;
  const macro = parsed.macros.findMaterialization(other ?? materialized);
  const place = { file: originOf(parsed, node).file, line: 1, column: 1 };
  if (macro === undefined) {
    const known = parsed.macros.materializations();
    const hint = didYouMean(materialized, known) ?? `Known: ${known.join(', ')}.`;
    const message = `There is no materialization '${materialized}' for ${parsed.adapter.type}.`;
    throw new UpsqlError(problem('unknown-materialization', message, { place, hint }), 1);
  }
  const languages = macro.supported_languages;
  if (other === undefined && languages !== null && !languages.includes(node.language)) {
    const hint = `It builds ${languages.join(', ')}. Python and TypeScript models can be a table or incremental.`;
    const message = `The materialization '${materialized}' can't build ${node.language} models.`;
    throw new UpsqlError(problem('unsupported-language', message, { place, hint }), 1);
  }
  return macro;
}

/** The statements of a kind of hook, packages' before the project's own, each in the order of its file. */
export function hooksOf({ project, manifest }: ParsedProject, kind: 'on-run-start' | 'on-run-end'): readonly Node[] {
  const order = new Map(project.packages.map((p, i) => [p.name, p.isRoot ? project.packages.length : i]));
  const place = (node: Node): number => order.get(node.package_name) ?? 0;
  return Object.values(manifest.nodes)
    .filter((node) => node.resource_type === 'operation' && node.tags.includes(kind))
    .sort((a, b) => place(a) - place(b) || Number(a.index ?? 0) - Number(b.index ?? 0));
}

/** A batch after the first one adds to the table, whatever the flags say. */
export function alwaysIncremental(parsed: ParsedProject, node: Node, scope: NodeScope): void {
  for (const [name, value] of [
    ['is_incremental', true],
    ['should_full_refresh', false],
  ] as const) {
    const macro = parsed.macros.find(name, node.package_name);
    if (macro !== undefined) scope.override(macro, value);
  }
}

export async function callNamed(scope: NodeScope, name: string, positional: readonly unknown[]): Promise<unknown> {
  const found = scope.lookup(name) as
    | { call?: (args: { positional: readonly unknown[]; named: ReadonlyMap<string, unknown> }) => unknown }
    | undefined;
  return await found?.call?.({ positional, named: new Map() });
}

export function asBoolean(value: unknown): boolean {
  return typeof value === 'string' ? value.toLowerCase() === 'true' : isTruthy(value ?? null);
}

export function builtRelations(value: unknown): RelationValue[] {
  const list = value instanceof Dict ? value.get('relations') : undefined;
  return Array.isArray(list) ? list.filter((r): r is RelationValue => r instanceof RelationValue) : [];
}

export function describeRelation({ relation }: RelationValue): BuiltRelation {
  const { database, schema, identifier, type } = relation;
  return { database, schema, identifier, type, rendered: renderPath(relation) };
}

const NOT_BUILT = new Set(['error', 'fail', 'skipped']);

/** Database and schema of everything that was built, each pair once. */
export function builtSchemas(results: readonly HookResult[]): (readonly [string | null, string | null])[] {
  const pairs = new Map<string, readonly [string | null, string | null]>();
  for (const { status, node } of results) {
    if (node.relation_name === null || NOT_BUILT.has(status)) continue;
    pairs.set(JSON.stringify([node.database, node.schema]), [node.database, node.schema]);
  }
  return [...pairs.values()];
}
