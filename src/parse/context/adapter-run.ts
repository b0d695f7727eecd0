/** `adapter` while a node runs: statements on the node's session, relations from the run's cache, DDL by macros. */
import type { Session } from '../../adapters/adapter.js';
import { didYouMean } from '../../diagnostics/index.js';
import {
  Dict,
  HostFunction,
  HostObject,
  hostFunction,
  isTruthy,
  str,
  Tuple,
  toJinja,
  Undefined,
} from '../../jinja/index.js';
import { renderPath } from '../relation.js';
import type { RelationCache } from '../runtime/relation-cache.js';
import type { ParsedProject } from '../state.js';
import { offlineMethod } from './adapter-parse.js';
import { ColumnValue } from './column-value.js';
import { columnConstraints, foreignKeyTarget, modelConstraintTexts } from './constraints.js';
import { RelationValue, relationOf } from './relation-value.js';
import { ResponseValue } from './response-value.js';
import type { NodeScope } from './scopes.js';
import { TableValue } from './table-value.js';

/** What a node's run gives its `adapter` object. */
export interface AdapterServices {
  readonly parsed: ParsedProject;
  readonly session: Session;
  readonly cache: RelationCache;
  readonly getColumns: (relation: {
    database: string | null;
    schema: string | null;
    identifier: string | null;
  }) => Promise<readonly ColumnValue[]>;
  readonly warn: (message: string) => void;
  readonly print: (text: string) => void;
  /** Runs the TypeScript model that the scope belongs to and loads its rows into the relation. */
  readonly runTypescript: (relation: RelationValue) => Promise<ResponseValue>;
  /** Loads a seed's rows into the relation. */
  readonly loadSeed: (relation: RelationValue) => Promise<string>;
  readonly seedPath: (model: unknown) => string;
}

const textOrNull = (value: unknown): string | null =>
  value === null || value instanceof Undefined ? null : str(value);

/** Calls a macro of the scope by name. */
async function callMacro(scope: NodeScope, name: string, positional: readonly unknown[]): Promise<unknown> {
  const macro = scope.lookup(name);
  if (!(macro instanceof HostFunction)) throw new Error(`There is no macro '${name}'.`);
  return macro.call({ positional, named: new Map() });
}

export class RunAdapter extends HostObject {
  constructor(
    readonly services: AdapterServices,
    readonly getScope: () => NodeScope,
  ) {
    super();
  }

  override get typeName(): string {
    return 'adapter';
  }

  /** Opens a transaction where DDL can stand in one. */
  async #begin(): Promise<void> {
    const { session, parsed } = this.services;
    if (parsed.adapter.dialect.ddlCommits !== true && !session.inTransaction) await session.begin();
  }

  async #execute(sql: unknown, autoBegin: unknown, fetch: unknown, limit: unknown): Promise<Tuple> {
    const { session } = this.services;
    if (isTruthy(autoBegin)) await this.#begin();
    const fetched = isTruthy(fetch);
    const result = await session.execute(str(sql), { fetch: fetched, ...(typeof limit === 'number' ? { limit } : {}) });
    const table = fetched ? TableValue.fromResult(result) : TableValue.empty();
    table.onPrint = this.services.print;
    return new Tuple([ResponseValue.fromResult(result), table]);
  }

  async #columnNames(relation: unknown): Promise<string[]> {
    return (await this.services.getColumns(relationOf(relation, 'adapter'))).map((c) => c.name);
  }

  async #missingColumns(from: unknown, to: unknown): Promise<ColumnValue[]> {
    const present = new Set(await this.#columnNames(to));
    return (await this.services.getColumns(relationOf(from, 'get_missing_columns'))).filter(
      (c) => !present.has(c.name),
    );
  }

  async #expandTypes(from: unknown, to: unknown): Promise<null> {
    const current = new Map(
      (await this.services.getColumns(relationOf(to, 'expand_target_column_types'))).map((c) => [c.name, c]),
    );
    for (const wanted of await this.services.getColumns(relationOf(from, 'expand_target_column_types'))) {
      const known = current.get(wanted.name);
      if (known?.canExpandTo(wanted))
        await callMacro(this.getScope(), 'alter_column_type', [to, wanted.name, wanted.dataType]);
    }
    return null;
  }

  async #querySchema(sql: unknown): Promise<ColumnValue[]> {
    const result = await this.services.session.execute(str(sql), { fetch: true, limit: 0 });
    return result.columns.map((c) => new ColumnValue(c.name, c.type));
  }

  async #snapshotTarget(relation: unknown, names: unknown, strategy: unknown): Promise<null> {
    const present = new Set((await this.#columnNames(relation)).map((n) => n.toLowerCase()));
    const wanted = ['dbt_scd_id', 'dbt_valid_from', 'dbt_valid_to'];
    if (strategy instanceof Dict && str(strategy.get('hard_deletes') ?? '') === 'new_record')
      wanted.push('dbt_is_deleted');
    const named = wanted.map((key) => (names instanceof Dict ? (textOrNull(names.get(key) ?? null) ?? key) : key));
    const missing = named.filter((n) => !present.has(n.toLowerCase()));
    if (missing.length > 0)
      throw new Error(
        `Snapshot target is missing configured columns: ${missing.join(', ')}. ` +
          'Name them as they are in snapshot_meta_column_names; a table that no snapshot made has to be renamed or dropped.',
      );
    return null;
  }

  #strategyMacro(given: unknown): unknown {
    const strategy = textOrNull(given) ?? 'default';
    const { dialect, type } = this.services.parsed.adapter;
    const builtin = ['append', 'delete+insert', 'merge', 'insert_overwrite', 'microbatch'];
    if (builtin.includes(strategy) && !dialect.incrementalStrategies.includes(strategy)) {
      throw new Error(
        `The incremental strategy '${strategy}' does not exist on ${type}. Possible: ${dialect.incrementalStrategies.join(', ')}.`,
      );
    }
    const macro = this.getScope().lookup(`get_incremental_${strategy.replaceAll('+', '_')}_sql`);
    if (macro instanceof HostFunction) return macro;
    const near = didYouMean(strategy, dialect.incrementalStrategies);
    throw new Error(
      `No macro builds the incremental strategy '${strategy}'. ${near ?? `Possible: ${dialect.incrementalStrategies.join(', ')}; or write get_incremental_${strategy}_sql.`}`,
    );
  }

  readonly #foreignKey = (to: string): string =>
    foreignKeyTarget(this.services.parsed, this.getScope().packageName, to);

  #hardDeletes(config: unknown): Promise<unknown> | string {
    const get = (key: string): unknown =>
      config instanceof HostObject
        ? (config.getAttribute('get') as HostFunction).call({ positional: [key], named: new Map() })
        : config instanceof Dict
          ? (config.get(key) ?? null)
          : null;
    const legacy = get('invalidate_hard_deletes');
    const chosen = textOrNull(get('hard_deletes'));
    if (legacy !== null && chosen !== null)
      throw new Error('Set either hard_deletes or invalidate_hard_deletes on a snapshot, not both.');
    if (isTruthy(legacy) || chosen === 'invalidate') return 'invalidate';
    if (chosen === 'new_record') return 'new_record';
    if (chosen === null || chosen === 'ignore') return 'ignore';
    throw new Error(`hard_deletes is '${chosen}'; it can be ignore, invalidate or new_record.`);
  }

  #seedType(table: unknown, index: unknown): string {
    const { seedTypes } = this.services.parsed.adapter.dialect;
    const kind = table instanceof TableValue ? (table.data.types[Number(index)] ?? 'text') : 'text';
    return seedTypes[kind as keyof typeof seedTypes] ?? seedTypes.text;
  }

  override getAttribute(name: string): unknown {
    const always = offlineMethod(this.services.parsed, name, this.getScope);
    if (always !== undefined) return always;
    const { session, cache } = this.services;
    switch (name) {
      case 'execute':
        return hostFunction(
          name,
          ['sql', ['auto_begin', false], ['fetch', false], ['limit', null]],
          (sql: unknown, begin: unknown, fetch: unknown, limit: unknown) => this.#execute(sql, begin, fetch, limit),
        );
      case 'add_query':
        return hostFunction(name, ['sql', ['auto_begin', true], '**kwargs'], (sql: unknown, begin: unknown) =>
          this.#execute(sql, begin, false, null),
        );
      case 'commit':
        return hostFunction(name, [], async () => {
          if (session.inTransaction) await session.commit();
          return '';
        });
      case 'ensure_transaction':
        return hostFunction(name, [], async () => {
          await this.#begin();
          return null;
        });
      case 'get_relation':
      case 'load_relation':
        return hostFunction(
          name,
          [
            ['database', null],
            ['schema', null],
            ['identifier', null],
          ],
          async (database: unknown, schema: unknown, identifier: unknown) =>
            database instanceof RelationValue
              ? cache.get(session, database.relation)
              : cache.get(session, {
                  database: textOrNull(database),
                  schema: textOrNull(schema),
                  identifier: textOrNull(identifier),
                }),
        );
      case 'list_relations':
        return hostFunction(name, ['database', 'schema'], (database: unknown, schema: unknown) =>
          cache.list(session, textOrNull(database), textOrNull(schema)),
        );
      case 'list_relations_without_caching':
        return hostFunction(name, ['schema_relation'], (relation: unknown) => {
          const { database, schema } = relationOf(relation, name);
          return cache.list(session, database, schema, true);
        });
      case 'check_schema_exists':
        return hostFunction(name, ['database', 'schema'], (database: unknown, schema: unknown) =>
          cache.schemaExists(session, textOrNull(database), textOrNull(schema)),
        );
      case 'list_schemas':
        return hostFunction(name, ['database'], (database: unknown) => cache.schemas(session, textOrNull(database)));
      case 'already_exists':
        return hostFunction(
          name,
          ['schema', 'name'],
          async (schema: unknown, id: unknown) =>
            (await cache.get(session, { database: null, schema: textOrNull(schema), identifier: textOrNull(id) })) !==
            null,
        );
      case 'get_columns_in_relation':
        return hostFunction(name, ['relation'], async (relation: unknown) => [
          ...(await this.services.getColumns(relationOf(relation, name))),
        ]);
      case 'get_missing_columns':
        return hostFunction(name, ['from_relation', 'to_relation'], (from: unknown, to: unknown) =>
          this.#missingColumns(from, to),
        );
      case 'expand_target_column_types':
        return hostFunction(name, ['from_relation', 'to_relation'], (from: unknown, to: unknown) =>
          this.#expandTypes(from, to),
        );
      case 'get_column_schema_from_query':
        return hostFunction(name, ['sql'], (sql: unknown) => this.#querySchema(sql));
      case 'create_schema':
        return hostFunction(name, ['relation'], async (relation: unknown) => {
          await callMacro(this.getScope(), 'create_schema', [relation]);
          cache.schemaAdded(relationOf(relation, name));
          return null;
        });
      case 'drop_schema':
        return hostFunction(name, ['relation'], async (relation: unknown) => {
          await callMacro(this.getScope(), 'drop_schema', [relation]);
          cache.schemaDropped(relationOf(relation, name));
          return null;
        });
      case 'drop_relation':
        return hostFunction(name, ['relation'], async (relation: unknown) => {
          const dropped = relationOf(relation, name);
          if (dropped.type === null)
            throw new Error(
              `Tried to drop ${renderPath(dropped)}, whose type (table or view) is not known. Get it with adapter.get_relation first.`,
            );
          await callMacro(this.getScope(), 'drop_relation', [relation]);
          cache.dropped(dropped);
          return null;
        });
      case 'rename_relation':
        return hostFunction(name, ['from_relation', 'to_relation'], async (from: unknown, to: unknown) => {
          await callMacro(this.getScope(), 'rename_relation', [from, to]);
          cache.renamed(relationOf(from, name), relationOf(to, name));
          return null;
        });
      case 'truncate_relation':
        return hostFunction(name, ['relation'], async (relation: unknown) => {
          await callMacro(this.getScope(), 'truncate_relation', [relation]);
          return null;
        });
      case 'cache_added':
        return hostFunction(name, ['relation'], (relation: unknown) => {
          cache.added(relationOf(relation, name));
          return '';
        });
      case 'cache_dropped':
        return hostFunction(name, ['relation'], (relation: unknown) => {
          cache.dropped(relationOf(relation, name));
          return '';
        });
      case 'cache_renamed':
        return hostFunction(name, ['from_relation', 'to_relation'], (from: unknown, to: unknown) => {
          cache.renamed(relationOf(from, name), relationOf(to, name));
          return '';
        });
      case 'valid_snapshot_target':
        return hostFunction(name, ['relation', ['column_names', null]], (relation: unknown, names: unknown) =>
          this.#snapshotTarget(relation, names, null),
        );
      case 'assert_valid_snapshot_target_given_strategy':
        return hostFunction(
          name,
          ['relation', 'column_names', 'strategy'],
          (relation: unknown, names: unknown, strategy: unknown) => this.#snapshotTarget(relation, names, strategy),
        );
      case 'get_incremental_strategy_macro':
        return hostFunction(name, ['model_context', 'strategy'], (_context: unknown, strategy: unknown) =>
          this.#strategyMacro(strategy),
        );
      case 'get_hard_deletes_behavior':
        return hostFunction(name, ['config'], (config: unknown) => this.#hardDeletes(config));
      case 'convert_type':
        return hostFunction(name, ['agate_table', 'col_idx'], (table: unknown, index: unknown) =>
          this.#seedType(table, index),
        );
      case 'render_raw_columns_constraints':
        return hostFunction(name, ['raw_columns'], (columns: unknown) =>
          columnConstraints(columns, this.services.parsed.adapter.dialect.quoteCharacter, this.#foreignKey),
        );
      case 'render_raw_model_constraints':
        return hostFunction(name, ['raw_constraints'], (constraints: unknown) =>
          modelConstraintTexts(constraints, this.#foreignKey),
        );
      case 'standardize_grants_dict':
        return hostFunction(name, ['grants_table'], (table: unknown) => grantsOf(table));
      case 'parse_index':
        return hostFunction(name, ['raw_index'], (index: unknown) => index);
      case 'warn_once':
        return hostFunction(name, ['msg'], (message: unknown) => {
          this.services.warn(str(message));
          return '';
        });
      case 'get_seed_file_path':
        return hostFunction(name, ['model'], (model: unknown) => this.services.seedPath(model));
      case 'load_seed_rows':
        return hostFunction(name, ['relation'], (relation: unknown) =>
          this.services.loadSeed(relation as RelationValue),
        );
      case 'run_typescript_model':
        return hostFunction(name, ['relation'], (relation: unknown) =>
          this.services.runTypescript(relation as RelationValue),
        );
      default:
        return undefined;
    }
  }
}

/** {privilege: [grantees]} of what `show grants` gives, under the names of Postgres or those of Snowflake (roles alone). */
function grantsOf(table: unknown): unknown {
  const grants: Record<string, unknown[]> = {};
  if (!(table instanceof TableValue)) return toJinja(grants);
  const names = table.data.names.map((name) => name.toLowerCase());
  const cell = (row: readonly unknown[], ...among: string[]): unknown =>
    row[names.findIndex((name) => among.includes(name))];
  for (const row of table.data.rows) {
    const key = str(cell(row, 'privilege_type', 'privilege'));
    const to = cell(row, 'granted_to');
    if (key === 'OWNERSHIP' || (to !== undefined && str(to) !== 'ROLE')) continue;
    grants[key] = [...(grants[key] ?? []), cell(row, 'grantee', 'grantee_name')];
  }
  return toJinja(grants);
}
