/** Where a node's relation goes: `generate_database_name`, `generate_schema_name`, `generate_alias_name`, then its full name. */
import { fromJinja, toJinja } from '../../jinja/index.js';
import { namedNode } from '../context/model-value.js';
import { nameScope } from '../context/scopes.js';
import type { MacroNode, Node } from '../node.js';
import { nodeRelation, renderPath } from '../relation.js';
import type { ParsedProject } from '../state.js';

/** What a `generate_*_name` macro gives for a node. */
export function generatedName(parsed: ParsedProject, node: Node, component: Component, custom: unknown): string | null {
  const macro = parsed.macros.findGenerator(`generate_${component}_name`, node.package_name);
  if (macro === undefined) return typeof custom === 'string' ? custom : null;
  const simple = custom === null || custom === undefined || typeof custom === 'string';
  const known = simple && parsed.macros.isInternal(macro.package_name) ? ownNames(parsed, component) : undefined;
  if (known === undefined) return calledName(parsed, node, macro, custom);
  if (component === 'alias' && !custom && (node.version ?? null) === null) return node.name.trim();
  // The engine's own macros look at nothing else.
  const key =
    component === 'alias'
      ? JSON.stringify([custom, node.name, String(node.version)])
      : typeof custom === 'string'
        ? custom
        : '\0none';
  const before = known.get(key);
  if (before !== undefined) return before;
  const name = calledName(parsed, node, macro, custom);
  known.set(key, name);
  return name;
}

type Component = 'database' | 'schema' | 'alias';

const NAMES = new WeakMap<ParsedProject, Map<Component, Map<string, string | null> | undefined>>();

/** Names that the engine's own macro gave; undefined where a project's macro takes a part of its work by dispatch. */
function ownNames(parsed: ParsedProject, component: Component): Map<string, string | null> | undefined {
  let tables = NAMES.get(parsed);
  if (tables === undefined) {
    tables = new Map();
    NAMES.set(parsed, tables);
  }
  if (!tables.has(component)) {
    const suffix = `__generate_${component}_name`;
    const names = parsed.project.packages.flatMap((owner) => [...parsed.macros.names(owner.name)]);
    tables.set(component, names.some((name) => name.endsWith(suffix)) ? undefined : new Map());
  }
  return tables.get(component);
}

function calledName(parsed: ParsedProject, node: Node, macro: MacroNode, custom: unknown): string | null {
  const scope = nameScope(parsed, macro.package_name);
  const call = parsed.macros.template(macro).bind(scope, 'sync');
  const value = fromJinja(
    call.call({ positional: [toJinja(custom ?? null), namedNode(parsed, node)], named: new Map() }),
  );
  return typeof value === 'string' ? value.trim() : value === null || value === undefined ? null : String(value);
}

/** Ephemeral models, analyses, operations and tests that keep no rows have no relation in the warehouse. */
function isRelational(node: Node): boolean {
  if (node.resource_type === 'test') return node.config.store_failures === true;
  if (node.resource_type === 'model') return node.config.materialized !== 'ephemeral';
  return node.resource_type === 'seed' || node.resource_type === 'snapshot';
}

/** Sets database, schema, alias and relation_name from the node's config. */
export function setRelationNames(parsed: ParsedProject, node: Node): void {
  node.database = generatedName(parsed, node, 'database', node.config.database);
  node.schema = generatedName(parsed, node, 'schema', node.config.schema);
  node.alias = generatedName(parsed, node, 'alias', node.config.alias) ?? node.name;
  if (node.resource_type === 'snapshot') {
    if (typeof node.config.target_database === 'string' && node.config.target_database !== '')
      node.database = node.config.target_database;
    if (typeof node.config.target_schema === 'string' && node.config.target_schema !== '')
      node.schema = node.config.target_schema;
  }
  node.relation_name = isRelational(node) ? relationName(parsed, node) : null;
}

/** The node's relation as it stands in SQL. */
export function relationName(parsed: ParsedProject, node: Node): string {
  return renderPath(nodeRelation(node, parsed.adapter.dialect, parsed.project.config.quoting));
}
