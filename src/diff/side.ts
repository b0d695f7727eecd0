/** The two sides of a comparison: where each one's relations are, and whether one query can read both. */
import type { Adapter, ColumnInfo, Dialect, RelationName, Session } from '../adapters/adapter.js';
import type { Manifest, Node } from '../parse/node.js';

export interface Side {
  /** As the user named it. */
  readonly label: string;
  readonly adapter: Adapter;
  readonly session: Session;
  /** Where a node's relation is on this side; undefined when the side does not have the node. */
  readonly place: (id: string) => RelationName | undefined;
}

/** The relation of each node of a manifest; `change` moves it elsewhere. */
export function placesOf(
  manifest: Manifest,
  change: (name: RelationName) => RelationName = (name) => name,
): (id: string) => RelationName | undefined {
  return (id) => {
    const node: Node | undefined = manifest.nodes[id];
    if (node === undefined || node.relation_name === null) return undefined;
    return change({ database: node.database, schema: node.schema, identifier: node.alias });
  };
}

/** A relation on a side with its columns; undefined when it is not there. */
export interface Found {
  readonly name: RelationName;
  readonly sql: string;
  readonly columns: readonly ColumnInfo[];
}

export async function findRelation(side: Side, id: string): Promise<Found | undefined> {
  const name = side.place(id);
  if (name === undefined) return undefined;
  const columns = await side.adapter.getColumns(side.session, name);
  return columns.length === 0 ? undefined : { name, sql: relationSql(side.adapter.dialect, name), columns };
}

/** A relation as it stands in SQL: parts are quoted where the warehouse's own quoting is on. */
export function relationSql(dialect: Dialect, name: RelationName): string {
  return (['database', 'schema', 'identifier'] as const)
    .flatMap((part) => {
      const text = name[part];
      if (text === null) return [];
      return dialect.quoting[part] ? quoted(dialect, text) : text;
    })
    .join('.');
}

export function quoted({ quoteCharacter: q }: Dialect, name: string): string {
  return `${q}${name.replaceAll(q, q + q)}${q}`;
}
