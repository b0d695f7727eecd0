/**
 * Nodes as they stand in manifest.json (schema v12): field names are the artifact's, so that writing it is a copy.
 */
export type ResourceType =
  | 'model'
  | 'seed'
  | 'snapshot'
  | 'test'
  | 'analysis'
  | 'operation'
  | 'source'
  | 'exposure'
  | 'metric'
  | 'semantic_model'
  | 'saved_query'
  | 'unit_test'
  | 'macro'
  | 'group'
  | 'doc'
  | 'sql_operation'
  | 'rpc';

export interface FileHash {
  readonly name: 'sha256' | 'none' | 'path';
  readonly checksum: string;
}

export interface ColumnSpec {
  name: string;
  description: string;
  meta: Record<string, unknown>;
  data_type: string | null;
  constraints: unknown[];
  quote: boolean | null;
  config: { meta: Record<string, unknown>; tags: string[] };
  tags: string[];
  granularity: string | null;
  doc_blocks: string[];
  [extra: string]: unknown;
}

export interface DependsOn {
  macros: string[];
  nodes: string[];
}
export interface RefArgs {
  name: string;
  package: string | null;
  version: string | number | null;
}

/** A node's config: the known keys typed, whatever else the user set beside them. */
export interface NodeConfig {
  enabled: boolean;
  alias: string | null;
  schema: string | null;
  database: string | null;
  tags: string[];
  meta: Record<string, unknown>;
  materialized: string;
  [key: string]: unknown;
}

/** Model, seed, snapshot, test (generic and singular), analysis, operation. */
export interface Node {
  resource_type: ResourceType;
  unique_id: string;
  name: string;
  package_name: string;
  /** Relative to the package's root. */
  path: string;
  original_file_path: string;
  fqn: string[];
  alias: string;
  checksum: FileHash;
  database: string | null;
  schema: string | null;
  config: NodeConfig;
  unrendered_config: Record<string, unknown>;
  tags: string[];
  description: string;
  columns: Record<string, ColumnSpec>;
  meta: Record<string, unknown>;
  group: string | null;
  docs: { show: boolean; node_color: string | null };
  patch_path: string | null;
  build_path: string | null;
  created_at: number;
  relation_name: string | null;
  raw_code: string;
  language: string;
  refs: RefArgs[];
  sources: [string, string][];
  metrics: string[][];
  functions: unknown[];
  depends_on: DependsOn;
  compiled_path: string | null;
  compiled?: boolean;
  compiled_code?: string;
  extra_ctes_injected?: boolean;
  extra_ctes?: { id: string; sql: string }[];
  doc_blocks: string[];
  /** Models. */
  access?: string;
  version?: string | number | null;
  latest_version?: string | number | null;
  contract?: { enforced: boolean; alias_types: boolean; checksum: string | null };
  constraints?: unknown[];
  deprecation_date?: string | null;
  primary_key?: string[];
  time_spine?: unknown;
  /** Seeds. */
  root_path?: string | null;
  /** Generic tests. */
  test_metadata?: { name: string; kwargs: Record<string, unknown>; namespace: string | null };
  column_name?: string | null;
  file_key_name?: string | null;
  attached_node?: string | null;
  [extra: string]: unknown;
}

export interface SourceNode {
  resource_type: 'source';
  unique_id: string;
  name: string;
  source_name: string;
  source_description: string;
  loader: string;
  identifier: string;
  database: string | null;
  schema: string | null;
  package_name: string;
  path: string;
  original_file_path: string;
  fqn: string[];
  quoting: Record<string, unknown>;
  loaded_at_field: string | null;
  loaded_at_query: string | null;
  freshness: unknown;
  external: unknown;
  description: string;
  columns: Record<string, ColumnSpec>;
  meta: Record<string, unknown>;
  source_meta: Record<string, unknown>;
  tags: string[];
  config: Record<string, unknown> & { enabled: boolean };
  patch_path: string | null;
  unrendered_config: Record<string, unknown>;
  relation_name: string | null;
  created_at: number;
  doc_blocks: string[];
  [extra: string]: unknown;
}

export interface MacroNode {
  resource_type: 'macro';
  unique_id: string;
  name: string;
  package_name: string;
  path: string;
  original_file_path: string;
  macro_sql: string;
  depends_on: { macros: string[] };
  description: string;
  meta: Record<string, unknown>;
  docs: { show: boolean; node_color: string | null };
  config: { meta: Record<string, unknown>; docs: { show: boolean; node_color: string | null } };
  patch_path: string | null;
  arguments: unknown[];
  created_at: number;
  supported_languages: string[] | null;
  /** 1-based line of the block's first character in its file; not written to the artifact. */
  line: number;
}

export interface DocNode {
  resource_type: 'doc';
  unique_id: string;
  name: string;
  package_name: string;
  path: string;
  original_file_path: string;
  block_contents: string;
}

/** Exposures, metrics, groups, semantic models, saved queries, unit tests: kept as read, with what selection needs. */
export interface OtherNode {
  resource_type: ResourceType;
  unique_id: string;
  name: string;
  package_name: string;
  path: string;
  original_file_path: string;
  fqn?: string[];
  tags?: string[];
  config?: Record<string, unknown>;
  depends_on?: DependsOn;
  [extra: string]: unknown;
}

export interface ManifestMetadata {
  dbt_schema_version: string;
  dbt_version: string;
  generated_at: string;
  invocation_id: string;
  invocation_started_at: string;
  env: Record<string, string>;
  project_name: string;
  project_id: string;
  user_id: string | null;
  send_anonymous_usage_stats: boolean;
  adapter_type: string;
  quoting: Record<string, boolean | null>;
  run_started_at: string;
}

/** The whole project after parsing. Keys are unique_ids. */
export interface Manifest {
  metadata: ManifestMetadata;
  nodes: Record<string, Node>;
  sources: Record<string, SourceNode>;
  macros: Record<string, MacroNode>;
  docs: Record<string, DocNode>;
  exposures: Record<string, OtherNode>;
  metrics: Record<string, OtherNode>;
  groups: Record<string, OtherNode>;
  selectors: Record<string, unknown>;
  disabled: Record<string, (Node | SourceNode | OtherNode)[]>;
  parent_map: Record<string, string[]>;
  child_map: Record<string, string[]>;
  group_map: Record<string, string[]>;
  saved_queries: Record<string, OtherNode>;
  semantic_models: Record<string, OtherNode>;
  unit_tests: Record<string, OtherNode>;
  functions: Record<string, OtherNode>;
}
