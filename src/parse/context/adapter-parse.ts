/** `adapter` while parsing: what needs a connection gives the empty answer that dbt gives, the rest works. */
import { didYouMean } from '../../diagnostics/index.js';
import {
  type CallArguments,
  HostFunction,
  HostObject,
  hostFunction,
  isTruthy,
  str,
  Tuple,
  toJinja,
} from '../../jinja/index.js';
import type { ParsedProject } from '../state.js';
import { ColumnFactory } from './column-value.js';
import { dispatchFunction } from './dispatch.js';
import { RelationFactory } from './relation-value.js';
import type { NodeScope } from './scopes.js';
import { TableValue } from './table-value.js';

const LISTS = new Set([
  'get_columns_in_relation',
  'get_missing_columns',
  'get_column_schema_from_query',
  'list_relations',
  'list_relations_without_caching',
  'list_schemas',
  'get_columns_in_table',
  'get_columns_in_query',
]);
const NOTHING = new Set([
  'get_relation',
  'load_relation',
  'drop_relation',
  'truncate_relation',
  'rename_relation',
  'create_schema',
  'drop_schema',
  'expand_target_column_types',
  'valid_snapshot_target',
  'assert_valid_snapshot_target_given_strategy',
  'get_incremental_strategy_macro',
  'get_hard_deletes_behavior',
  'commit',
  'cache_added',
  'cache_dropped',
  'cache_renamed',
]);
const FALSE = new Set(['check_schema_exists', 'already_exists']);

/** Methods of `adapter` that need no connection, in both phases. Undefined for others. */
export function offlineMethod(parsed: ParsedProject, name: string, getScope: () => NodeScope): unknown {
  const { dialect, type } = parsed.adapter;
  const q = dialect.quoteCharacter;
  switch (name) {
    case 'type':
      return hostFunction(name, [], () => type);
    case 'dispatch':
      return dispatchFunction(getScope);
    case 'Relation':
      return new RelationFactory(dialect, parsed.project.config.quoting);
    case 'Column':
      return new ColumnFactory();
    case 'quote':
      return hostFunction(name, ['identifier'], (id: unknown) => `${q}${str(id)}${q}`);
    case 'quote_as_configured':
      return hostFunction(name, ['identifier', 'quote_key'], (id: unknown, key: unknown) => {
        const part = str(key) as 'database' | 'schema' | 'identifier';
        const quoted = parsed.project.config.quoting[part] ?? dialect.quoting[part] ?? true;
        return quoted ? `${q}${str(id)}${q}` : str(id);
      });
    case 'quote_seed_column':
      return hostFunction(name, ['column', ['quote_config', null]], (column: unknown, quote: unknown) =>
        quote === null || isTruthy(quote) ? `${q}${str(column)}${q}` : str(column),
      );
    case 'valid_incremental_strategies':
      return hostFunction(name, [], () => [...dialect.incrementalStrategies]);
    case 'is_motherduck':
    case 'disable_transactions':
      return hostFunction(name, [], () => false);
    case 'is_ducklake':
    case 'use_ducklake_table_workarounds':
      return hostFunction(name, ['relation'], () => false);
    case 'escape_sql_string':
      return hostFunction(name, ['value'], (value: unknown) => str(value).replaceAll("'", "''"));
    case 'get_catalog_integration':
      return hostFunction(name, ['name'], (named: unknown) => catalogValue(parsed, str(named)));
    case 'supports':
      return hostFunction(name, ['capability'], () => false);
    default:
      return undefined;
  }
}

/** A catalog of catalogs.yml as macros see it. Throws for one that is not there. */
function catalogValue({ project: { catalogs } }: ParsedProject, name: string): unknown {
  const found = catalogs?.get(name.toUpperCase());
  if (found === undefined) {
    const names = [...(catalogs?.values() ?? [])].map((one) => one.name);
    const there = names.length === 0 ? 'There is no catalogs.yml that names any.' : `There are: ${names.join(', ')}.`;
    throw new Error(`There is no catalog '${name}' (config catalog_name). ${didYouMean(name, names) ?? there}`);
  }
  return toJinja({
    name: found.name,
    catalog_type: found.catalogType,
    catalog_name: found.catalogName,
    external_volume: found.externalVolume,
    adapter_properties: found.properties,
  });
}

class ParseAdapter extends HostObject {
  constructor(
    readonly parsed: ParsedProject,
    readonly getScope: () => NodeScope,
  ) {
    super();
  }

  override get typeName(): string {
    return 'adapter';
  }

  override getAttribute(name: string): unknown {
    const always = offlineMethod(this.parsed, name, this.getScope);
    if (always !== undefined) return always;
    const gives = (value: () => unknown) => new HostFunction(name, (_args: CallArguments) => value());
    if (LISTS.has(name)) return gives(() => []);
    if (NOTHING.has(name)) return gives(() => null);
    if (FALSE.has(name)) return gives(() => false);
    if (name === 'execute') return gives(() => new Tuple(['', TableValue.empty()]));
    if (name === 'add_query') return gives(() => new Tuple([null, null]));
    return undefined;
  }
}

export function adapterParseValue(parsed: ParsedProject, getScope: () => NodeScope): HostObject {
  return new ParseAdapter(parsed, getScope);
}
