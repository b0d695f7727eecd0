import type { DependsOn } from '../parse/node.js';

/**
 * The fields that each kind of node has in manifest.json v12, in dbt's order. Whatever else a node carries inside
 * the engine stays out of the artifact.
 */
const PARSED =
  'database schema name resource_type package_name path original_file_path unique_id fqn alias checksum config tags ' +
  'description columns meta group docs patch_path build_path unrendered_config created_at relation_name raw_code doc_blocks';
const COMPILED =
  `${PARSED} language refs sources metrics functions depends_on compiled_path ` +
  'compiled compiled_code extra_ctes_injected extra_ctes contract';

const keys = (names: string): readonly string[] => names.split(' ');

const COMPILED_KEYS = keys(COMPILED);

const KEYS: Readonly<Record<string, readonly string[]>> = {
  model: keys(
    `${COMPILED} access constraints version latest_version deprecation_date defer_relation primary_key time_spine`,
  ),
  seed: keys(`${PARSED} root_path depends_on defer_relation`),
  snapshot: keys(`${COMPILED} defer_relation`),
  test: keys(`${COMPILED} column_name file_key_name attached_node test_metadata`),
  operation: keys(`${COMPILED} index`),
  source: keys(
    'database schema name resource_type package_name path original_file_path unique_id fqn source_name ' +
      'source_description loader identifier quoting loaded_at_field loaded_at_query freshness external description ' +
      'columns meta source_meta tags config patch_path unrendered_config relation_name created_at unrendered_database ' +
      'unrendered_schema doc_blocks',
  ),
  macro: keys(
    'name resource_type package_name path original_file_path unique_id macro_sql depends_on description meta docs ' +
      'config patch_path arguments created_at supported_languages',
  ),
  doc: keys('name resource_type package_name path original_file_path unique_id block_contents'),
  exposure: keys(
    'name resource_type package_name path original_file_path unique_id fqn type owner description label maturity meta ' +
      'tags config unrendered_config url depends_on refs sources metrics created_at',
  ),
  metric: keys(
    'name resource_type package_name path original_file_path unique_id fqn description label type type_params filter ' +
      'metadata time_granularity meta tags config unrendered_config sources depends_on refs metrics created_at group',
  ),
  group: keys('name resource_type package_name path original_file_path unique_id owner description config'),
  semantic_model: keys(
    'name resource_type package_name path original_file_path unique_id fqn model node_relation description label ' +
      'defaults entities measures dimensions metadata depends_on refs created_at config unrendered_config ' +
      'primary_entity group',
  ),
  saved_query: keys(
    'name resource_type package_name path original_file_path unique_id fqn query_params exports description label ' +
      'metadata config unrendered_config group depends_on created_at refs tags',
  ),
  unit_test: keys(
    'model given expect name resource_type package_name path original_file_path unique_id fqn description overrides ' +
      'depends_on config checksum schema created_at versions version',
  ),
};

/** The artifact's fields for a resource type. */
export function keysOf(resourceType: string): readonly string[] {
  return KEYS[resourceType] ?? COMPILED_KEYS;
}

/** Whether a node has nothing beyond these fields, and has them in this order. */
function isInOrder(node: object, fields: readonly string[]): boolean {
  let at = 0;
  for (const key in node) {
    while (fields[at] !== key) if (++at >= fields.length) return false;
    at++;
  }
  return true;
}

/** A node as it stands in the artifact: its fields that have a value (null counts), in dbt's order. The node itself where it is so. */
export function artifactNode(node: { readonly resource_type: string }): object {
  const fields = keysOf(node.resource_type);
  const from = node as unknown as Record<string, unknown>;
  // dbt's readers know SQL and Python alone; TypeScript models take the place of Python's.
  const languages = from.supported_languages;
  const renamed = Array.isArray(languages) && languages.includes('typescript');
  const isSeed = node.resource_type === 'seed';
  if (!isSeed && !renamed && isInOrder(node, fields)) return node;
  const out: Record<string, unknown> = {};
  for (const key of fields) if (from[key] !== undefined) out[key] = from[key];
  // A seed can depend on macros (of its hooks) only.
  if (isSeed) out.depends_on = { macros: dependsOn(from)?.macros ?? [] };
  if (renamed)
    out.supported_languages = [...new Set(languages.map((name) => (name === 'typescript' ? 'python' : name)))];
  return out;
}

const dependsOn = (from: Record<string, unknown>): DependsOn | undefined => from.depends_on as DependsOn | undefined;
