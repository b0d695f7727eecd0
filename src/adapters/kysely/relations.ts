import {
  AliasNode,
  type CommonTableExpressionNameNode,
  type FromNode,
  IdentifierNode,
  type JoinNode,
  type KyselyPlugin,
  type OperationNode,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type QueryId,
  type QueryResult,
  RawNode,
  type ReferenceNode,
  SchemableIdentifierNode,
  TableNode,
  type UnknownRow,
} from 'kysely';

/** `orders`, `raw.events`: the name that a query gave a table. */
function nameOf(node: TableNode): string {
  const { schema, identifier } = node.table;
  return schema === undefined ? identifier.name : `${schema.name}.${identifier.name}`;
}

/** The names of all common table expressions within a query. */
function collectCtes(node: unknown, into: Set<string>): void {
  if (typeof node !== 'object' || node === null) return;
  if ((node as OperationNode).kind === 'CommonTableExpressionNameNode')
    into.add((node as CommonTableExpressionNameNode).table.table.identifier.name);
  for (const child of Object.values(node)) collectCtes(child, into);
}

class RelationTransformer extends OperationNodeTransformer {
  readonly #relations: ReadonlyMap<string, string>;
  readonly #unknown: (name: string) => Error;
  readonly #ctes: ReadonlySet<string>;

  constructor(relations: ReadonlyMap<string, string>, unknown: (name: string) => Error, ctes: ReadonlySet<string>) {
    super();
    this.#relations = relations;
    this.#unknown = unknown;
    this.#ctes = ctes;
  }

  /** A table that is read from: its relation under its own name, so that `orders.id` goes on to mean what it says. */
  #resolve(node: OperationNode): OperationNode {
    if (AliasNode.is(node) && TableNode.is(node.node)) {
      const relation = this.#relationOf(node.node);
      return relation === undefined ? node : AliasNode.create(relation, node.alias);
    }
    if (!TableNode.is(node)) return node;
    const relation = this.#relationOf(node);
    return relation === undefined
      ? node
      : AliasNode.create(relation, IdentifierNode.create(node.table.identifier.name));
  }

  #relationOf(node: TableNode): RawNode | undefined {
    const name = nameOf(node);
    if (node.table.schema === undefined && this.#ctes.has(name)) return undefined;
    const relation = this.#relations.get(name);
    if (relation === undefined) throw this.#unknown(name);
    return RawNode.createWithSql(relation);
  }

  protected override transformFrom(node: FromNode, queryId?: QueryId): FromNode {
    const { froms, ...rest } = super.transformFrom(node, queryId);
    return { ...rest, froms: froms.map((from) => this.#resolve(from)) };
  }

  protected override transformJoin(node: JoinNode, queryId?: QueryId): JoinNode {
    const { table, ...rest } = super.transformJoin(node, queryId);
    return { ...rest, table: this.#resolve(table) };
  }

  /** `raw.events.user_id` is a column of what stands in `from` as `events`. */
  protected override transformReference(node: ReferenceNode, queryId?: QueryId): ReferenceNode {
    const { table, ...rest } = super.transformReference(node, queryId);
    if (table === undefined) return rest;
    const { identifier } = table.table;
    return { ...rest, table: { ...table, table: SchemableIdentifierNode.create(identifier.name) } };
  }
}

/**
 * Reads the table names of queries as names of refs and sources: `selectFrom('orders')` selects from the relation that
 * `relations` has under `orders`. A name that is neither there nor a CTE throws what `unknown` makes of it.
 */
export class RelationsPlugin implements KyselyPlugin {
  readonly #relations: ReadonlyMap<string, string>;
  readonly #unknown: (name: string) => Error;

  constructor(relations: ReadonlyMap<string, string>, unknown: (name: string) => Error) {
    this.#relations = relations;
    this.#unknown = unknown;
  }

  transformQuery(args: PluginTransformQueryArgs): PluginTransformQueryArgs['node'] {
    const ctes = new Set<string>();
    collectCtes(args.node, ctes);
    return new RelationTransformer(this.#relations, this.#unknown, ctes).transformNode(args.node, args.queryId);
  }

  async transformResult(args: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return args.result;
  }
}
