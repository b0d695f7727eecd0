/** The scopes in which nodes are compiled and run: their context's members, joined to a session of the warehouse. */
import type { Adapter, Session } from '../../adapters/adapter.js';
import { isTruthy } from '../../jinja/index.js';
import { RunAdapter } from '../context/adapter-run.js';
import { baseMembers, type ContextOutput } from '../context/base.js';
import { ColumnValue } from '../context/column-value.js';
import { type ReferenceServices, readInput } from '../context/references.js';
import type { RelationValue } from '../context/relation-value.js';
import { ResponseValue } from '../context/response-value.js';
import { runMembers } from '../context/run-members.js';
import { type Members, NodeScope, PROVIDER_MEMBERS } from '../context/scopes.js';
import type { Node } from '../node.js';
import { renderPath } from '../relation.js';
import { originOf, type ParsedProject } from '../state.js';
import { callNamed } from './materializations.js';
import { commentedSession, type QueryComments } from './query-comment.js';
import type { RelationCache } from './relation-cache.js';
import type { RuntimeOptions } from './runtime-options.js';
import { checkColumnTypes, loadSeed, readSeed, type SeedFile, seedTableValue } from './seed-table.js';

export class NodeScopes {
  readonly #cache: RelationCache;
  readonly #comments: QueryComments;

  constructor(
    readonly parsed: ParsedProject,
    readonly adapter: Adapter,
    readonly options: RuntimeOptions,
    cache: RelationCache,
    comments: QueryComments,
  ) {
    this.#cache = cache;
    this.#comments = comments;
  }

  async existing(node: Node, session: Session): Promise<string | null> {
    const { database, schema, alias: identifier } = node;
    return (await this.#cache.get(session, { database, schema, identifier }))?.relation.type ?? null;
  }

  output(node: Node | null): ContextOutput {
    return {
      log: (message, level) => this.options.onLog(node, message, level),
      warn: (message) => this.options.onWarning(node, message),
    };
  }

  of(node: Node, session: Session, onEphemeral: (node: Node) => void, extra: Members = {}): NodeScope {
    const { parsed } = this;
    const output = this.output(node);
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
      submitPython: (code: string) =>
        this.#submitPython(
          node,
          this.commented(node, session, () => scope),
          code,
        ),
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

  /** Where the warehouse has no Python of its own, the run stage has. */
  async #submitPython(node: Node, session: Session, code: string): Promise<ResponseValue> {
    const procedure = this.adapter.pythonProcedure?.(node, code.trimStart());
    if (procedure === undefined) {
      const { rowsAffected } = await this.options.runPython(node, code.trimStart(), session);
      return new ResponseValue({
        _message: 'OK',
        ...(rowsAffected === undefined ? {} : { rows_affected: rowsAffected }),
      });
    }
    try {
      return ResponseValue.fromResult(await session.execute(procedure.statement, { fetch: false }));
    } finally {
      if (procedure.drop !== undefined) await session.execute(procedure.drop, { fetch: false });
    }
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
      session: this.commented(node, session, getScope),
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

  commented(node: Node, session: Session, scope: () => NodeScope): Session {
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
}
