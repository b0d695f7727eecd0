/** An empty manifest with its metadata. */
import { DBT_VERSION, type Project } from '../project/index.js';
import { md5 } from './hash.js';
import type { Manifest } from './node.js';
import type { AdapterFacts, Invocation } from './state.js';

const PREFIX = 'DBT_ENV_CUSTOM_ENV_';

export function emptyManifest(project: Project, adapter: AdapterFacts, invocation: Invocation): Manifest {
  const env = Object.entries(project.env).filter(([key, value]) => key.startsWith(PREFIX) && value !== undefined);
  return {
    metadata: {
      dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v12.json',
      dbt_version: DBT_VERSION,
      generated_at: new Date().toISOString(),
      invocation_id: invocation.id,
      invocation_started_at: invocation.startedAt.toISOString(),
      env: Object.fromEntries(env.map(([key, value]) => [key.slice(PREFIX.length), value ?? ''])),
      project_name: project.config.name,
      project_id: md5(project.config.name),
      user_id: null,
      send_anonymous_usage_stats: false,
      adapter_type: adapter.type,
      quoting: {
        database: project.config.quoting.database ?? adapter.dialect.quoting.database,
        schema: project.config.quoting.schema ?? adapter.dialect.quoting.schema,
        identifier: project.config.quoting.identifier ?? adapter.dialect.quoting.identifier,
        column: null,
      },
      run_started_at: invocation.startedAt.toISOString(),
    },
    nodes: {},
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
