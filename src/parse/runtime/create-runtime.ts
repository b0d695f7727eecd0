/** The runtime: compiles and runs nodes of a parsed project on a warehouse. */
import type { Adapter, Session } from '../../adapters/adapter.js';
import { didYouMean, problem, UpsqlError } from '../../diagnostics/index.js';
import { Dict, fromJinja, type MacroTemplate, Template, Tuple, toJinja } from '../../jinja/index.js';
import { ColumnValue } from '../context/column-value.js';
import { mainResponse } from '../context/run-members.js';
import type { NodeScope } from '../context/scopes.js';
import { TableValue } from '../context/table-value.js';
import type { Node, SourceNode } from '../node.js';
import { relationName } from '../nodes/naming.js';
import { nodeRelation, sourceRelation } from '../relation.js';
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
import { NodeScopes } from './node-scopes.js';
import { pythonCode, refuseEphemeral } from './python-code.js';
import { commentedSession, QueryComments } from './query-comment.js';
import { RelationCache } from './relation-cache.js';
import type { RuntimeOptions } from './runtime-options.js';
import { checkExpected, columnTypes, compileUnitTest, type UnitTestHost, unitTestRows } from './unit-tests/index.js';

export function createRuntime(parsed: ParsedProject, adapter: Adapter, options: RuntimeOptions): Runtime {
  return new ProjectRuntime(parsed, adapter, options);
}

class ProjectRuntime implements Runtime {
  readonly #cache: RelationCache;
  readonly #comments: QueryComments;
  readonly #scopes: NodeScopes;
  readonly #compiling = new Map<Node, Promise<void>>();

  constructor(
    readonly parsed: ParsedProject,
    readonly adapter: Adapter,
    readonly options: RuntimeOptions,
  ) {
    this.#cache = new RelationCache(parsed, adapter);
    this.#comments = new QueryComments(parsed);
    this.#scopes = new NodeScopes(parsed, adapter, options, this.#cache, this.#comments);
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
      const code =
        node.language === 'python'
          ? await pythonCode(node, this.#scopes.of(node, session, refuseEphemeral(this.parsed, node)))
          : node.raw_code;
      node.compiled_code = code;
      node.compiled = true;
      node.extra_ctes_injected = true;
      node.extra_ctes = [];
      node.compiled_path = this.options.writeSql(node, 'compiled', code);
      return;
    }
    const ephemeral: Node[] = [];
    const scope = this.#scopes.of(node, session, (n) => ephemeral.includes(n) || ephemeral.push(n));
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
    const node = inlineNode(this.parsed, sql, this.#scopes.output(null));
    await this.#compile(node, session);
    return node.compiled_code ?? '';
  }

  // Running

  async materialize(node: Node, session: Session, how: HowToMaterialize = {}): Promise<MaterializationOutcome> {
    const { parsed } = this;
    const macro = materializationOf(parsed, node, how.materialization);
    const scope = this.#scopes.of(node, session, () => undefined);
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

  existing(node: Node, session: Session): Promise<string | null> {
    return this.#scopes.existing(node, session);
  }

  async test(node: Node, session: Session): Promise<TestOutcome> {
    const macro = this.parsed.macros.findMaterialization('test');
    if (macro === undefined) throw new Error('the test materialization is missing');
    const scope = this.#scopes.of(node, session, () => undefined);
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
    const node = inlineNode(this.parsed, '', this.#scopes.output(null));
    node.package_name = source.package_name;
    const scope = this.#scopes.of(node, session, () => undefined, sourceMembers(this.parsed, source));
    return sourceAge(this.parsed, source, scope);
  }

  async unitTest(node: Node, session: Session): Promise<UnitTestOutcome> {
    const macro = this.parsed.macros.findMaterialization('unit');
    if (macro === undefined) throw new Error('the unit materialization is missing');
    const scope = this.#scopes.of(node, session, () => undefined);
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
      scope: (node, session, extra) => this.#scopes.of(node, session, () => undefined, extra),
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
    const scope = this.#scopes.of(inlineNode(parsed, '', this.#scopes.output(null)), session, () => undefined);
    return readCatalog(parsed, relations, scope);
  }

  async prepare(nodes: readonly Node[], session: Session): Promise<void> {
    const paths = nodes
      .filter((n) => ['model', 'seed', 'snapshot'].includes(n.resource_type) && n.config.materialized !== 'ephemeral')
      .concat(nodes.filter((n) => n.resource_type === 'test' && this.#storesFailures(n)))
      .map((n) => ({ database: n.database, schema: n.schema }));
    // A comment that can't be rendered is a fault of the project, told once and not for each node.
    await this.#masterComment(session);
    await this.#cache.prepare(session, paths);
  }

  commented(session: Session, type: string = this.adapter.type): Session {
    const comments = type === this.adapter.type ? this.#comments : new QueryComments(this.parsed, type);
    return commentedSession(
      session,
      () => this.#masterComment(session, comments),
      () => {},
    );
  }

  /** The comment of statements that serve no node. */
  #masterComment(session: Session, comments = this.#comments) {
    const scope = () =>
      this.#scopes.of(inlineNode(this.parsed, '', this.#scopes.output(null)), session, () => undefined);
    return comments.of(null, scope);
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
    const scope = this.#scopes.of(hook, session, () => undefined, {
      results: () => toJinja(results),
      schemas: () => [...new Set(built.map(([, schema]) => schema))],
      database_schemas: () => built.map((pair) => new Tuple(pair)),
    });
    const sql = (await this.#template(hook).render(scope)).trim();
    if (sql === '') return;
    hook.compiled = true;
    hook.compiled_code = sql;
    hook.compiled_path = this.options.writeSql(hook, 'compiled', sql);
    await this.#scopes.commented(hook, session, () => scope).execute(sql);
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
    const node = inlineNode(parsed, '', this.#scopes.output(null));
    node.resource_type = 'operation';
    const scope = this.#scopes.of(node, session, () => undefined);
    const named = new Map(Object.entries(args).map(([key, value]) => [key, toJinja(value)]));
    const value = await parsed.macros.template(macro).bind(scope, 'async').call({ positional: [], named });
    if (session.inTransaction) await session.commit();
    return fromJinja(value);
  }
}
