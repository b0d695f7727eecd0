/** Where a node's relation goes: `generate_database_name`, `generate_schema_name`, `generate_alias_name`, then its full name. */
import { fromJinja, toJinja } from '../../jinja/index.js';
import { namedNode } from '../context/model-value.js';
import { nameScope } from '../context/scopes.js';
import type { Node } from '../node.js';
import { nodeRelation, renderPath } from '../relation.js';
import type { ParsedProject } from '../state.js';

/** What a `generate_*_name` macro gives for a node. */
export function generatedName(
  parsed: ParsedProject,
  node: Node,
  component: 'database' | 'schema' | 'alias',
  custom: unknown,
): string | null {
  const macro = parsed.macros.findGenerator(`generate_${component}_name`, node.package_name);
  if (macro === undefined) return typeof custom === 'string' ? custom : null;
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
