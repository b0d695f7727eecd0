/** The runtime: compiles and runs nodes of a parsed project on a warehouse. */
import type { Adapter, Session } from '../../adapters/adapter.js';
import { didYouMean, type Place, problem, UpsqlError } from '../../diagnostics/index.js';
import { Dict, fromJinja, isTruthy, type MacroTemplate, Template, Tuple, toJinja } from '../../jinja/index.js';
import { RunAdapter } from '../context/adapter-run.js';
import { baseMembers, type ContextOutput } from '../context/base.js';
import { ColumnValue } from '../context/column-value.js';
import { type EventWindow, type ReferenceServices, readInput } from '../context/references.js';
import type { RelationValue } from '../context/relation-value.js';
import { ResponseValue } from '../context/response-value.js';
import { mainResponse, runMembers } from '../context/run-members.js';
import { type Members, NodeScope, PROVIDER_MEMBERS } from '../context/scopes.js';
import { TableValue } from '../context/table-value.js';
import type { Node, SourceNode } from '../node.js';
import { relationName } from '../nodes/naming.js';
import { nodeRelation, renderPath, sourceRelation } from '../relation.js';
import type {
  AdapterResponse,
  HookResult,
  HowToMaterialize,
  MaterializationOutcome,
  Runtime,
  SourceAge,
  TestOutcome,
  UnitTestOutcome,
} from '../runtime.js';
import { originOf, type ParsedProject } from '../state.js';
import { runTestArguments } from '../test-arguments.js';
import { type CatalogRow, readCatalog } from './catalog.js';
import { injectCtes, rememberOwnCode } from './ephemeral.js';
import { sourceAge, sourceMembers } from './freshness.js';
import { inlineNode } from './inline-node.js';
import {
  alwaysIncremental,
  asBoolean,
  builtRelations,
  builtSchemas,
  callNamed,
  describeRelation,
  hooksOf,
  materializationOf,
} from './materializations.js';
import { commentedSession, QueryComments } from './query-comment.js';
import { RelationCache } from './relation-cache.js';
import { checkColumnTypes, loadSeed, readSeed, type SeedFile, seedTableValue } from './seed-table.js';
import { checkExpected, columnTypes, compileUnitTest, type UnitTestHost, unitTestRows } from './unit-tests/index.js';

/** What the run stage lends the runtime. */
export interface RuntimeOptions {
  /** unique_ids of the nodes that this command works on. */
  readonly selected: readonly string[];
  readonly empty: boolean;
  /** `--sample`: the span of time that inputs with an event_time are cut to. */
  readonly sample?: EventWindow | undefined;
  /** `--defer`: refs of what is not there read the state's relations (`defer_relation`). */
  readonly defer?: { readonly favorState: boolean } | undefined;
  /** `log()`, `print()` and warnings of a node's macros. */
  readonly onLog: (node: Node | null, message: string, level: 'info' | 'debug') => void;
  /** `place`: where it is not the node's own file. */
  readonly onWarning: (node: Node | null, message: string, place?: Place) => void;
  /** Gets each statement of a node's macros as it is sent. */
  readonly onStatement?: (node: Node, sql: string) => void;
  /** Writes compiled or run SQL and gives its path relative to the project. */
  readonly writeSql: (node: Node, folder: 'compiled' | 'run', sql: string) => string;
  /** Runs a TypeScript model and loads what it returns into `target`; `read` gives an input as it stands in SQL. */
  readonly runTypescript: (
    node: Node,
    target: RelationValue['relation'],
    session: Session,
    isIncremental: boolean,
    read: (input: Node | SourceNode) => Promise<string>,
  ) => Promise<{ rowsAffected: number }>;
}

export function createRuntime(parsed: ParsedProject, adapter: Adapter, options: RuntimeOptions): Runtime {
  return new ProjectRuntime(parsed, adapter, options);
}

class ProjectRuntime implements Runtime {
  readonly #cache: RelationCache;
  readonly #comments: QueryComments;
  readonly #compiling = new Map<Node, Promise<void>>();

  constructor(
    readonly parsed: ParsedProject,
    readonly adapter: Adapter,
    readonly options: RuntimeOptions,
  ) {
    this.#cache = new RelationCache(parsed, adapter);
    this.#comments = new QueryComments(parsed);
  }

  // Scopes

  #output(node: Node | null): ContextOutput {
    return {
      log: (message, level) => this.options.onLog(node, message, level),
      warn: (message) => this.options.onWarning(node, message),
    };
  }

  #scope(node: Node, session: Session, onEphemeral: (node: Node) => void, extra: Members = {}): NodeScope {
    const { parsed } = this;
    const output = this.#output(node);
    const print = (text: string) => output.log(text, 'info');
    let seed: SeedFile | undefined;
    const seedFile = () => {
      seed ??= this.#readSeed(node);
      return seed;
    };
    const services = {
      ...this.#references(session, onEphemeral),
      write: (sql: string) => {
        node.build_path = this.options.writeSql(node, 'run', sql);
      },
      seedTable: () => seedTableValue(seedFile()),
      print,
    };
    const adapter = () =>
      new RunAdapter(
        this.#adapterServices(node, session, seedFile, output, () => scope),
        () => scope,
      );
    const scope: NodeScope = new NodeScope(
      parsed,
      node.package_name,
      'async',
      [baseMembers(parsed), PROVIDER_MEMBERS, runMembers(services, node, () => scope), { adapter }, extra],
      output,
      node,
    );
    scope.refsAnswer = this.options.defer === undefined;
    return scope;
  }

  #references(session: Session, onEphemeral: (node: Node) => void): ReferenceServices {
    const { selected, empty, sample, defer } = this.options;
    const exists = async (node: Node): Promise<boolean> => (await this.existing(node, session)) !== null;
    const deferral = defer === undefined ? undefined : { favorState: defer.favorState, exists };
    return { parsed: this.parsed, selected, empty, sample, deferral, onEphemeral };
  }

  #adapterServices(
    node: Node,
    session: Session,
    seedFile: () => SeedFile,
    output: ContextOutput,
    getScope: () => NodeScope,
  ) {
    return {
      parsed: this.parsed,
      session: this.#commented(node, session, getScope),
      cache: this.#cache,
      getColumns: async (relation: Parameters<Adapter['getColumns']>[1]) =>
        (await this.adapter.getColumns(session, relation)).map((c) => ColumnValue.from(c, this.parsed.adapter.type)),
      warn: output.warn,
      print: (text: string) => output.log(text, 'info'),
      runTypescript: async (relation: RelationValue) => {
        const isIncremental = isTruthy(await callNamed(getScope(), 'is_incremental', []));
        const services = this.#references(session, () => undefined);
        const { rowsAffected } = await this.options.runTypescript(
          node,
          relation.relation,
          session,
          isIncremental,
          (input) => readInput(services, node, input),
        );
        return new ResponseValue({ _message: 'OK', rows_affected: rowsAffected });
      },
      loadSeed: (relation: RelationValue) =>
        loadSeed(session, renderPath(relation.relation), seedFile(), this.adapter.dialect),
      seedPath: () => originOf(this.parsed, node).file,
    };
  }

  #commented(node: Node, session: Session, scope: () => NodeScope): Session {
    const tell = (sql: string): void => this.options.onStatement?.(node, sql);
    return commentedSession(session, () => this.#comments.of(node, scope), tell);
  }

  #readSeed(node: Node): SeedFile {
    const types = Object.keys((node.config.column_types as Record<string, unknown> | undefined) ?? {});
    const { file } = originOf(this.parsed, node);
    const seed = readSeed(file, String(node.config.delimiter ?? ','), new Set(types));
    checkColumnTypes(seed, types, file);
    return this.options.empty ? { ...seed, rows: [] } : seed;
  }

  // Compiling

  compile(node: Node, session: Session): Promise<void> {
    if (node.compiled === true) return Promise.resolve();
    let running = this.#compiling.get(node);
    if (running === undefined) {
      running = this.#compile(node, session).finally(() => this.#compiling.delete(node));
      this.#compiling.set(node, running);
    }
    return running;
  }

  async #compile(node: Node, session: Session): Promise<void> {
    if (node.resource_type === 'unit_test') return compileUnitTest(this.#unitTestHost(), node, session);
    if (node.language !== 'sql') {
      node.compiled_code = node.raw_code;
      node.compiled = true;
      node.extra_ctes_injected = true;
      node.extra_ctes = [];
      node.compiled_path = this.options.writeSql(node, 'compiled', node.raw_code);
      return;
    }
    const ephemeral: Node[] = [];
    const scope = this.#scope(node, session, (n) => ephemeral.includes(n) || ephemeral.push(n));
    if (node.test_metadata !== undefined)
      scope.set('_dbt_generic_test_kwargs', await runTestArguments(this.parsed, node, scope));
    const sql = await this.#template(node).render(scope, { once: true });
    this.parsed.templates.delete(node.unique_id);
    for (const dependency of ephemeral) await this.compile(dependency, session);
    rememberOwnCode(node, sql);
    const { code, ctes } = injectCtes(sql, ephemeral);
    node.compiled_code = code;
    node.extra_ctes = ctes;
    node.extra_ctes_injected = true;
    node.compiled = true;
    // With --store-failures, which parsing does not look at.
    if (node.resource_type === 'test' && this.#storesFailures(node))
      node.relation_name ??= relationName(this.parsed, node);
    if (node.resource_type !== 'snapshot' && code !== '')
      node.compiled_path = this.options.writeSql(node, 'compiled', code);
  }

  #template(node: Node): Template {
    let template = this.parsed.templates.get(node.unique_id);
    if (template === undefined) {
      const origin = originOf(this.parsed, node);
      template = Template.parse({ text: node.raw_code, file: origin.file, line: origin.line });
      this.parsed.templates.set(node.unique_id, template);
    }
    return template;
  }

  async compileInline(sql: string, session: Session): Promise<string> {
    const node = inlineNode(this.parsed, sql, this.#output(null));
    await this.#compile(node, session);
    return node.compiled_code ?? '';
  }

  // Running

  async materialize(node: Node, session: Session, how: HowToMaterialize = {}): Promise<MaterializationOutcome> {
    const { parsed } = this;
    const macro = materializationOf(parsed, node, how.materialization);
    const scope = this.#scope(node, session, () => undefined);
    if (how.isIncremental === true) alwaysIncremental(parsed, node, scope);
    const value = await this.#callTemplate(parsed.macros.template(macro), scope);
    if (session.inTransaction) await session.commit();
    const relations = builtRelations(value);
    for (const relation of relations) this.#cache.added(relation.relation);
    const response: AdapterResponse = mainResponse(scope)?.response ?? { _message: 'OK' };
    return { relations: relations.map(describeRelation), response };
  }

  #callTemplate(template: MacroTemplate, scope: NodeScope): Promise<unknown> {
    return Promise.resolve(template.bind(scope, 'async').call({ positional: [], named: new Map() }));
  }

  schemaExists(database: string, schema: string, session: Session): Promise<boolean> {
    return this.#cache.schemaExists(session, database, schema);
  }

  async existing(node: Node, session: Session): Promise<string | null> {
    const { database, schema, alias: identifier } = node;
    return (await this.#cache.get(session, { database, schema, identifier }))?.relation.type ?? null;
  }

  async test(node: Node, session: Session): Promise<TestOutcome> {
    const macro = this.parsed.macros.findMaterialization('test');
    if (macro === undefined) throw new Error('the test materialization is missing');
    const scope = this.#scope(node, session, () => undefined);
    await this.#callTemplate(this.parsed.macros.template(macro), scope);
    if (session.inTransaction) await session.commit();
    const main = (await callNamed(scope, 'load_result', ['main'])) as Dict | null;
    const table = main instanceof Dict ? main.get('table') : undefined;
    const row = table instanceof TableValue ? table.data.rows[0] : undefined;
    if (!(table instanceof TableValue) || row === undefined)
      throw new Error("A data test's query must give one row with failures, should_warn and should_error.");
    const value = (name: string) => row[table.data.names.findIndex((n) => n.toLowerCase() === name)];
    const response = mainResponse(scope)?.response;
    return {
      failures: Number(fromJinja(value('failures') ?? 0) ?? 0),
      shouldWarn: asBoolean(value('should_warn')),
      shouldError: asBoolean(value('should_error')),
      ...(response === undefined ? {} : { response }),
    };
  }

  freshness(source: SourceNode, session: Session): Promise<SourceAge> {
    const node = inlineNode(this.parsed, '', this.#output(null));
    node.package_name = source.package_name;
    const scope = this.#scope(node, session, () => undefined, sourceMembers(this.parsed, source));
    return sourceAge(this.parsed, source, scope);
  }

  async unitTest(node: Node, session: Session): Promise<UnitTestOutcome> {
    const macro = this.parsed.macros.findMaterialization('unit');
    if (macro === undefined) throw new Error('the unit materialization is missing');
    const scope = this.#scope(node, session, () => undefined);
    try {
      await this.#callTemplate(this.parsed.macros.template(macro), scope);
    } catch (error) {
      if (session.inTransaction) await session.rollback();
      // A wrong name among the expected columns has a place that the statement's error does not know.
      await checkExpected(this.#unitTestHost(), node, session);
      throw error;
    }
    if (session.inTransaction) await session.commit();
    const main = await callNamed(scope, 'load_result', ['main']);
    const table = main instanceof Dict ? main.get('table') : undefined;
    if (!(table instanceof TableValue)) throw new Error("A unit test's statement must give a table.");
    const response = mainResponse(scope)?.response;
    return { ...unitTestRows(table), ...(response === undefined ? {} : { response }) };
  }

  #unitTestHost(): UnitTestHost {
    return {
      parsed: this.parsed,
      scope: (node, session, extra) => this.#scope(node, session, () => undefined, extra),
      template: (node) => this.#template(node),
      columns: async (relation, session) => {
        const found = await this.adapter.getColumns(session, relation);
        return found.length === 0
          ? undefined
          : columnTypes(found.map((c) => ColumnValue.from(c, this.parsed.adapter.type)));
      },
      write: (node, sql) => this.options.writeSql(node, 'compiled', sql),
      warn: (node, message, place) => this.options.onWarning(node, message, place),
    };
  }

  catalog(nodes: readonly (Node | SourceNode)[], session: Session): Promise<readonly CatalogRow[]> {
    const { parsed } = this;
    const { dialect, type } = parsed.adapter;
    const relations = nodes.map((node) =>
      node.resource_type === 'source'
        ? sourceRelation(node as SourceNode, dialect, type)
        : nodeRelation(node as Node, dialect, parsed.project.config.quoting),
    );
    const scope = this.#scope(inlineNode(parsed, '', this.#output(null)), session, () => undefined);
    return readCatalog(parsed, relations, scope);
  }

  async prepare(nodes: readonly Node[], session: Session): Promise<void> {
    const paths = nodes
      .filter((n) => ['model', 'seed', 'snapshot'].includes(n.resource_type) && n.config.materialized !== 'ephemeral')
      .concat(nodes.filter((n) => n.resource_type === 'test' && this.#storesFailures(n)))
      .map((n) => ({ database: n.database, schema: n.schema }));
    // A comment that can't be rendered is a fault of the project, told once and not for each node.
    const scope = () => this.#scope(inlineNode(this.parsed, '', this.#output(null)), session, () => undefined);
    await this.#comments.of(null, scope);
    await this.#cache.prepare(session, paths);
  }

  /** A test's own config goes before `--store-failures`, as in the macro should_store_failures. */
  #storesFailures(test: Node): boolean {
    return (test.config.store_failures ?? this.parsed.invocation.args.store_failures) === true;
  }

  // Hooks and operations

  hooks(kind: 'on-run-start' | 'on-run-end'): readonly Node[] {
    return hooksOf(this.parsed, kind);
  }

  async runHook(hook: Node, session: Session, results: readonly HookResult[]): Promise<void> {
    const built = builtSchemas(results);
    const scope = this.#scope(hook, session, () => undefined, {
      results: () => toJinja(results),
      schemas: () => [...new Set(built.map(([, schema]) => schema))],
      database_schemas: () => built.map((pair) => new Tuple(pair)),
    });
    const sql = (await this.#template(hook).render(scope)).trim();
    if (sql === '') return;
    hook.compiled = true;
    hook.compiled_code = sql;
    hook.compiled_path = this.options.writeSql(hook, 'compiled', sql);
    await this.#commented(hook, session, () => scope).execute(sql);
  }

  async callMacro(name: string, args: Readonly<Record<string, unknown>>, session: Session): Promise<unknown> {
    const { parsed } = this;
    const root = parsed.project.config.name;
    const [packageName, own] = name.includes('.') ? (name.split('.', 2) as [string, string]) : [null, name];
    const macro = packageName === null ? parsed.macros.find(own, root) : parsed.macros.findIn(packageName, own);
    if (macro === undefined) {
      const hint = didYouMean(own, parsed.macros.visibleNames(root));
      throw new UpsqlError(
        problem('unknown-macro', `There is no macro '${name}'.`, hint === undefined ? {} : { hint }),
        2,
      );
    }
    const node = inlineNode(parsed, '', this.#output(null));
    node.resource_type = 'operation';
    const scope = this.#scope(node, session, () => undefined);
    const named = new Map(Object.entries(args).map(([key, value]) => [key, toJinja(value)]));
    const value = await parsed.macros.template(macro).bind(scope, 'async').call({ positional: [], named });
    if (session.inTransaction) await session.commit();
    return fromJinja(value);
  }
}
