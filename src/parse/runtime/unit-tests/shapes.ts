/** The columns that fixtures need: of the real relation, else of what the model's query gives, else as its YAML says. */
import type { Session } from '../../../adapters/adapter.js';
import { type HostFunction, type HostObject, iterate, str } from '../../../jinja/index.js';
import { ColumnValue } from '../../context/column-value.js';
import { refArguments, sourceArguments } from '../../context/parse-members.js';
import type { DeferRelation } from '../../context/references.js';
import { RelationValue } from '../../context/relation-value.js';
import { Resolver } from '../../context/run-members.js';
import { findRef, findSource } from '../../lookup.js';
import type { Node, SourceNode } from '../../node.js';
import { createRelation, nodeRelation, type Relation, sourceRelation } from '../../relation.js';
import { injectCteTexts } from '../ephemeral.js';
import type { UnitTestHost } from './host.js';

/** By lower-case name: the SQL type, and the name as it is quoted. */
export type ColumnTypes = ReadonlyMap<string, { readonly type: string; readonly quoted: string }>;

export type Shape =
  | { readonly kind: 'relation' | 'query' | 'declared'; readonly columns: ColumnTypes }
  /** `reason` continues the sentence that the relation is not there. */
  | { readonly kind: 'unknown'; readonly reason: string };

export interface Shapes {
  of(node: Node | SourceNode): Promise<Shape>;
  /** The columns that a query gives. Throws what the warehouse says of it. */
  ofQuery(sql: string): Promise<ColumnTypes>;
}

/** Columns as `ColumnTypes`. */
export function columnTypes(columns: Iterable<ColumnValue>): ColumnTypes {
  return new Map(
    [...columns].map((column) => [
      column.name.toLowerCase(),
      { type: column.dataType, quoted: str(column.getAttribute('quoted')) },
    ]),
  );
}

export const isSource = (node: Node | SourceNode): node is SourceNode => node.resource_type === 'source';

/** Each node's columns are found out once; `asking` is the node on whose behalf the warehouse is asked. */
export function createShapes(host: UnitTestHost, asking: Node, session: Session): Shapes {
  const { parsed } = host;
  const { dialect, type } = parsed.adapter;
  const known = new Map<string, Promise<Shape>>();

  const of = (node: Node | SourceNode): Promise<Shape> => {
    let shape = known.get(node.unique_id);
    if (shape === undefined) {
      shape = find(node);
      known.set(node.unique_id, shape);
    }
    return shape;
  };

  const relationOf = (node: Node | SourceNode): Relation =>
    isSource(node) ? sourceRelation(node, dialect, type) : nodeRelation(node, dialect, parsed.project.config.quoting);

  /** With `--defer`, what is not built here has the columns that it has in the state's environment. */
  const deferredRelation = (node: Node): Relation | undefined => {
    const found = node.defer_relation as DeferRelation | undefined;
    if (found === undefined || found === null) return undefined;
    const { database, schema, alias } = found;
    return nodeRelation({ ...node, database, schema, alias }, dialect, parsed.project.config.quoting);
  };

  const find = async (node: Node | SourceNode): Promise<Shape> => {
    const relation = relationOf(node);
    if (relation.external === null && (isSource(node) || node.config.materialized !== 'ephemeral')) {
      const columns = await host.columns(relation, session);
      if (columns !== undefined) return { kind: 'relation', columns };
    }
    const elsewhere = isSource(node) ? undefined : deferredRelation(node);
    const deferred = elsewhere === undefined ? undefined : await host.columns(elsewhere, session);
    if (deferred !== undefined) return { kind: 'query', columns: deferred };
    let reason = '';
    try {
      const columns = await queryColumns(node, relation);
      if (columns !== undefined) return { kind: 'query', columns };
    } catch (error) {
      const said = error instanceof Error ? error.message.trim().split('\n', 1)[0] : String(error);
      reason = `, and a query for them failed (${said})`;
    }
    const declared = declaredTypes(node, dialect.quoteCharacter);
    return declared === undefined ? { kind: 'unknown', reason } : { kind: 'declared', columns: declared };
  };

  /** Of a model's own query, or of the files that a source reads; undefined where there is no query to ask. */
  const queryColumns = async (node: Node | SourceNode, relation: Relation): Promise<ColumnTypes | undefined> => {
    if (!isSource(node)) return node.resource_type === 'model' && node.language === 'sql' ? ofModel(node) : undefined;
    return relation.external === null ? undefined : ofQuery(`select * from ${relation.external}`);
  };

  /** The model's query over empty stand-ins for those of its parents that are no relations. */
  const ofModel = async (node: Node): Promise<ColumnTypes> => {
    const ctes: { id: string; sql: string; name: string }[] = [];
    for (const id of node.depends_on.nodes) {
      const parent = parsed.manifest.nodes[id] ?? parsed.manifest.sources[id];
      if (parent === undefined) continue;
      const shape = await of(parent);
      if (shape.kind === 'relation') continue;
      if (shape.kind === 'unknown') throw new Error(`the columns of '${parent.name}' are not known either`);
      const columns = [...shape.columns.values()].map((c) => `cast(null as ${c.type}) as ${c.quoted}`).join(', ');
      const name = `__dbt__cte__shape_${ctes.length + 1}`;
      ctes.push({ id, name, sql: ` ${name} as (\nselect ${columns} where false\n)` });
    }
    const read = (target: Node | SourceNode): RelationValue => {
      const cte = ctes.find((one) => one.id === target.unique_id);
      if (cte === undefined) return new RelationValue(relationOf(target));
      const plain = { database: false, schema: false, identifier: false };
      return new RelationValue(createRelation({ identifier: cte.name, type: 'cte' }, dialect, plain));
    };
    const root = parsed.project.config.name;
    const scope = host.scope(node, session, {
      ref: () =>
        new Resolver('ref', (args) => {
          const ref = refArguments(args);
          const found = findRef(parsed.lookup, ref, root, node.package_name);
          if (found.kind !== 'found') throw new Error(`ref('${ref.name}') does not exist`);
          return read(found.node);
        }),
      source: () =>
        new Resolver('source', (args) => {
          const [name, table] = sourceArguments(args);
          const found = findSource(parsed.lookup, name, table, root, node.package_name);
          if (found.kind !== 'found') throw new Error(`source('${name}', '${table}') does not exist`);
          return read(found.node);
        }),
    });
    const sql = await host.template(node).render(scope);
    return ofQuery(injectCteTexts(sql, ctes));
  };

  const ofQuery = async (sql: string): Promise<ColumnTypes> => {
    const adapter = host.scope(asking, session, {}).lookup('adapter') as HostObject;
    const ask = adapter.getAttribute('get_column_schema_from_query') as HostFunction;
    const columns = await ask.call({ positional: [sql], named: new Map() });
    return columnTypes([...iterate(columns)].filter((column) => column instanceof ColumnValue));
  };

  return { of, ofQuery };
}

/** The columns that YAML gives, when each has a type. */
function declaredTypes(node: Node | SourceNode, quote: string): ColumnTypes | undefined {
  const columns = Object.values(node.columns);
  if (columns.length === 0 || columns.some((column) => column.data_type === null)) return undefined;
  return new Map(
    columns.map((column) => [
      column.name.toLowerCase(),
      { type: str(column.data_type), quoted: column.quote === false ? column.name : `${quote}${column.name}${quote}` },
    ]),
  );
}
