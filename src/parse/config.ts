/**
 * Node configs: dbt's defaults by resource type, and how the levels merge (dbt_project.yml, then properties YAML, then the
 * `config()` call; the root project's dbt_project.yml has the last word over packages).
 */
import type { ConfigSection, Package, Project, YamlMap, YamlValue } from '../project/project.js';
import type { NodeConfig } from './node.js';
import { isMap, listOf } from './shape.js';

export type ConfigMap = Record<string, unknown>;
export type ConfiguredType =
  | 'model'
  | 'seed'
  | 'snapshot'
  | 'test'
  | 'analysis'
  | 'source'
  | 'exposure'
  | 'unit_test'
  | 'metric'
  | 'semantic_model'
  | 'saved_query'
  | 'operation';

const SECTION: Readonly<Record<ConfiguredType, ConfigSection>> = {
  model: 'models',
  analysis: 'models',
  operation: 'models',
  seed: 'seeds',
  snapshot: 'snapshots',
  test: 'tests',
  source: 'sources',
  exposure: 'exposures',
  unit_test: 'unit-tests',
  metric: 'metrics',
  semantic_model: 'semantic-models',
  saved_query: 'saved-queries',
};

function common(schema: string | null): ConfigMap {
  return {
    enabled: true,
    alias: null,
    schema,
    database: null,
    tags: [],
    meta: {},
    group: null,
    static_analysis: null,
  };
}

function nodeDefaults(materialized: string): ConfigMap {
  return {
    ...common(null),
    materialized,
    incremental_strategy: null,
    batch_size: null,
    lookback: 1,
    begin: null,
    persist_docs: {},
    'post-hook': [],
    'pre-hook': [],
    quoting: {},
    column_types: {},
    full_refresh: null,
    unique_key: null,
    on_schema_change: 'ignore',
    on_configuration_change: 'apply',
    grants: {},
    packages: [],
    docs: { show: true, node_color: null },
    contract: { enforced: false, alias_types: true },
    event_time: null,
    concurrent_batches: null,
  };
}

interface Defaults {
  readonly config: Readonly<ConfigMap>;
  /** Keys whose defaults are lists or maps, which no two nodes may share. */
  readonly nested: readonly string[];
  /** The keys that have a rule by which they merge; the others are replaced. */
  readonly rules: ReadonlySet<string>;
}

const DEFAULTS = new Map<ConfiguredType, Defaults>();

function defaultsOf(type: ConfiguredType): Defaults {
  let known = DEFAULTS.get(type);
  if (known === undefined) {
    const config = makeDefaults(type);
    const nested = Object.keys(config).filter((key) => typeof config[key] === 'object' && config[key] !== null);
    known = { config, nested, rules: new Set(RULES_OF[type] ?? Object.keys(config)) };
    DEFAULTS.set(type, known);
  }
  return known;
}

/** The config of a node for which nothing is set. A new object each time. */
export function defaultConfig(type: ConfiguredType): ConfigMap {
  const { config, nested } = defaultsOf(type);
  // One spread of one object is what V8 copies in a single step.
  const copy = { ...config };
  for (const key of nested) copy[key] = fresh(copy[key]);
  return copy;
}

function fresh(value: unknown): unknown {
  if (Array.isArray(value)) return [];
  if (!isMap(value)) return value;
  const copy = { ...value };
  for (const key in copy) if (typeof copy[key] === 'object') copy[key] = fresh(copy[key]);
  return copy;
}

function makeDefaults(type: ConfiguredType): ConfigMap {
  switch (type) {
    case 'model':
      return { ...nodeDefaults('view'), access: 'protected', freshness: null };
    case 'analysis':
    case 'operation':
      return nodeDefaults('view');
    case 'seed':
      return { ...nodeDefaults('seed'), delimiter: ',', quote_columns: null };
    case 'snapshot':
      return {
        ...nodeDefaults('snapshot'),
        strategy: null,
        target_schema: null,
        target_database: null,
        updated_at: null,
        check_cols: null,
        snapshot_meta_column_names: {
          dbt_valid_to: null,
          dbt_valid_from: null,
          dbt_scd_id: null,
          dbt_updated_at: null,
          dbt_is_deleted: null,
        },
        dbt_valid_to_current: null,
      };
    case 'test':
      return {
        ...common('dbt_test__audit'),
        materialized: 'test',
        severity: 'ERROR',
        store_failures: null,
        store_failures_as: null,
        where: null,
        limit: null,
        fail_calc: 'count(*)',
        warn_if: '!= 0',
        error_if: '!= 0',
      };
    case 'source': {
      const never = { count: null, period: null };
      return {
        enabled: true,
        event_time: null,
        freshness: { warn_after: { ...never }, error_after: { ...never }, filter: null },
        loaded_at_field: null,
        loaded_at_query: null,
        meta: {},
        tags: [],
        static_analysis: null,
      };
    }
    case 'exposure':
      return { enabled: true, tags: [], meta: {} };
    case 'unit_test':
      return { tags: [], meta: {}, enabled: true, static_analysis: null };
    case 'metric':
    case 'semantic_model':
      return { enabled: true, group: null, meta: {} };
    case 'saved_query':
      return { enabled: true, group: null, meta: {}, export_as: null, schema: null, cache: { enabled: false } };
  }
}

const APPENDED = new Set(['tags', 'packages', 'pre-hook', 'post-hook']);
const UPDATED = new Set(['quoting', 'column_types', 'meta', 'docs', 'contract', 'snapshot_meta_column_names']);

/** A hook as the manifest holds it, from its text, a `{sql, transaction}` map, or such a map as JSON text. */
function hook(value: unknown): ConfigMap {
  let raw: unknown = value;
  if (typeof value === 'string') {
    raw = { sql: value };
    if (value.trimStart().startsWith('{')) {
      try {
        const parsed: unknown = JSON.parse(value);
        if (isMap(parsed) && 'sql' in parsed) raw = parsed;
      } catch {
        // not JSON: Jinja, which also starts with a brace
      }
    }
  }
  const map = isMap(raw) ? raw : { sql: String(raw) };
  return { sql: map.sql ?? '', transaction: map.transaction ?? true, index: map.index ?? null };
}

function mergedGrants(before: unknown, update: ConfigMap): ConfigMap {
  const out: ConfigMap = {};
  for (const [key, value] of Object.entries(isMap(before) ? before : {})) out[key] = listOf(value);
  for (const [key, value] of Object.entries(update)) {
    const name = key.replace(/^\++/, '');
    out[name] = key.startsWith('+') && name in out ? [...listOf(out[name]), ...listOf(value)] : listOf(value);
  }
  return out;
}

/** Keys that are appended or updated where that is not so for all keys of a type that are so for others. */
const RULES_OF: Partial<Record<ConfiguredType, readonly string[]>> = { exposure: [], source: ['meta'] };

/** One level laid over the others, by each key's own rule: append, update, or replace. Changes neither argument. */
export function mergeConfig(base: ConfigMap, update: ConfigMap): ConfigMap {
  return layOver({ ...base }, update);
}

/**
 * `mergeConfig` into `out`, whose lists and maps stay as they are.
 * @param rules the keys that have a rule; the others are replaced
 */
function layOver(out: ConfigMap, update: ConfigMap, rules?: ReadonlySet<string>): ConfigMap {
  for (const written in update) {
    const value = update[written];
    const key = written === 'pre_hook' ? 'pre-hook' : written === 'post_hook' ? 'post-hook' : written.trim();
    const before = out[key];
    if (rules?.has(key) === false) out[key] = value;
    else if (APPENDED.has(key)) {
      const added = value === null ? [] : listOf(value);
      out[key] = [...(before === undefined || before === null ? [] : listOf(before)), ...added];
    } else if (UPDATED.has(key) && isMap(before) && isMap(value)) out[key] = { ...before, ...value };
    else if (key === 'grants' && isMap(value)) out[key] = mergedGrants(before, value);
    else out[key] = value;
  }
  return out;
}

/** What one level of dbt_project.yml sets itself, by level; undefined where that is nothing. */
const OWN_OF_LEVEL = new WeakMap<YamlMap, ConfigMap | undefined>();

function ownOfLevel(level: YamlMap): ConfigMap | undefined {
  if (OWN_OF_LEVEL.has(level)) return OWN_OF_LEVEL.get(level);
  const found: ConfigMap = {};
  for (const [key, value] of Object.entries(level)) {
    if (key.startsWith('+')) found[key.slice(1).trim()] = value;
    else if (!isMap(value)) found[key] = value;
  }
  const own = Object.keys(found).length === 0 ? undefined : found;
  OWN_OF_LEVEL.set(level, own);
  return own;
}

/** Adds what dbt_project.yml sets for a node, one map a level of its fqn that sets something, outermost first. */
function addProjectLevels(list: ConfigMap[], tree: YamlMap | undefined, fqn: readonly string[]): void {
  let level: YamlMap | undefined = tree;
  for (let depth = 0; level !== undefined; depth++) {
    const own = ownOfLevel(level);
    if (own !== undefined) list.push(own);
    const name = fqn[depth];
    const next: YamlValue | undefined = name !== undefined && Object.hasOwn(level, name) ? level[name] : undefined;
    level = isMap(next) ? (next as YamlMap) : undefined;
  }
}

export interface ConfigRequest {
  readonly type: ConfiguredType;
  readonly fqn: readonly string[];
  readonly packageName: string;
  /** From `config()` in the file. */
  readonly call: ConfigMap;
  /** From properties YAML. */
  readonly patch?: ConfigMap;
}

/** A date as the moment at which it begins; anything else as it is. */
const momentText = (value: unknown): unknown =>
  typeof value !== 'string'
    ? value
    : value.replace(/^(\d{4}-\d\d-\d\d)$/, '$1T00:00:00').replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)/, '$1T$2');

function finish(type: ConfiguredType, config: ConfigMap): NodeConfig {
  for (const key of ['pre-hook', 'post-hook']) {
    if (key in config) config[key] = listOf(config[key] ?? []).map(hook);
  }
  if (config.materialized === 'incremental' && config.incremental_strategy === 'microbatch')
    config.begin = momentText(config.begin);
  if (typeof config.static_analysis === 'boolean') config.static_analysis = config.static_analysis ? 'on' : 'off';
  if (type === 'test') {
    const as = config.store_failures_as;
    if (as === null || as === undefined) {
      config.store_failures_as =
        config.store_failures === true ? 'table' : config.store_failures === false ? 'ephemeral' : null;
    } else config.store_failures = as !== 'ephemeral';
  }
  if (isMap(config.docs)) config.docs = { show: config.docs.show ?? true, node_color: config.docs.node_color ?? null };
  return config as unknown as NodeConfig;
}

function ownPackage(project: Project, name: string): Package | undefined {
  return project.packages.find((p) => p.name === name);
}

function layers(
  project: Project,
  request: ConfigRequest,
  pick: (p: Package) => Readonly<Partial<Record<ConfigSection, YamlMap>>>,
) {
  const section = SECTION[request.type];
  const own = ownPackage(project, request.packageName);
  const list: ConfigMap[] = [];
  if (own !== undefined) addProjectLevels(list, pick(own)[section], request.fqn);
  if (request.patch !== undefined) list.push(request.patch);
  list.push(request.call);
  const root = project.packages[0];
  if (own !== undefined && root !== undefined && !own.isRoot) {
    addProjectLevels(list, pick(root)[section], request.fqn);
  }
  return list;
}

const NO_LEVELS: Partial<Record<ConfigSection, YamlMap>> = {};

/** The config of a node from all levels. */
export function resolveConfig(project: Project, request: ConfigRequest): NodeConfig {
  const config = defaultConfig(request.type);
  const { rules } = defaultsOf(request.type);
  for (const layer of layers(project, request, (p) => p.config.configs)) layOver(config, layer, rules);
  return finish(request.type, config);
}

/** What was set for a node and by which words, without defaults: the manifest's `unrendered_config`. */
export function unrenderedConfig(project: Project, request: ConfigRequest): ConfigMap {
  // dbt looks these two up under names that no project file has.
  const levels = request.type === 'semantic_model' || request.type === 'saved_query' ? NO_LEVELS : undefined;
  return Object.assign({}, ...layers(project, request, (p) => levels ?? p.config.unrenderedConfigs)) as ConfigMap;
}
