import type { Manifest, Node } from '../../../src/parse/node.js';

/** A model node of package `shop`, with what a test gives on top. */
export function nodeOf(name: string, more: Partial<Node> = {}): Node {
  const type = more.resource_type ?? 'model';
  return {
    resource_type: type,
    unique_id: `${type}.shop.${name}`,
    name,
    package_name: 'shop',
    path: `${name}.sql`,
    original_file_path: `models/${name}.sql`,
    fqn: ['shop', name],
    alias: name,
    checksum: { name: 'sha256', checksum: '' },
    database: 'db',
    schema: 'main',
    config: {
      enabled: true,
      alias: null,
      schema: null,
      database: null,
      tags: [],
      meta: {},
      materialized: type === 'model' ? 'view' : type,
    },
    unrendered_config: {},
    tags: [],
    description: '',
    columns: {},
    meta: {},
    group: null,
    docs: { show: true, node_color: null },
    patch_path: null,
    build_path: null,
    created_at: 0,
    relation_name: `"db"."main"."${name}"`,
    raw_code: '',
    language: 'sql',
    refs: [],
    sources: [],
    metrics: [],
    functions: [],
    depends_on: { macros: [], nodes: [] },
    compiled_path: null,
    doc_blocks: [],
    ...more,
  };
}

export function manifestOf(nodes: readonly Node[]): Manifest {
  return {
    metadata: {
      dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v12.json',
      dbt_version: '1.11.0',
      generated_at: '2026-01-01T00:00:00.000Z',
      invocation_id: '00000000-0000-4000-8000-000000000000',
      invocation_started_at: '2026-01-01T00:00:00.000Z',
      env: {},
      project_name: 'shop',
      project_id: '0',
      user_id: null,
      send_anonymous_usage_stats: false,
      adapter_type: 'duckdb',
      quoting: { database: true, schema: true, identifier: true, column: null },
      run_started_at: '2026-01-01T00:00:00.000Z',
    },
    nodes: Object.fromEntries(nodes.map((node) => [node.unique_id, node])),
    sources: {},
    macros: {},
    docs: {},
    exposures: {},
    metrics: {},
    groups: {},
    selectors: {},
    disabled: {},
    parent_map: {},
    child_map: {},
    group_map: {},
    saved_queries: {},
    semantic_models: {},
    unit_tests: {},
    functions: {},
  };
}

/** Models whose `depends_on` is given by name: `{ b: ['a'] }`. */
export function chain(edges: Readonly<Record<string, readonly string[]>>, more: Partial<Node> = {}): Node[] {
  return Object.entries(edges).map(([name, parents]) =>
    nodeOf(name, { ...more, depends_on: { macros: [], nodes: parents.map((parent) => `model.shop.${parent}`) } }),
  );
}
