import type { ColumnInfo, RelationInfo, RelationName, RelationType, Session } from '../adapter.js';
import { DatabaseError } from '../adapter.js';
import { quoteLiteral, renderRelation } from './dialect.js';

function same(column: string, name: string): string {
  return `lower(${column}) = ${quoteLiteral(name.toLowerCase())}`;
}

function texts(rows: readonly (readonly unknown[])[]): string[] {
  return rows.map((row) => String(row[0]));
}

export async function listSchemas(session: Session, database: string): Promise<readonly string[]> {
  const sql = `select schema_name from duckdb_schemas() where ${same('database_name', database)} order by schema_name`;
  return texts((await session.execute(sql)).rows);
}

const TYPES: Readonly<Record<string, RelationType>> = {
  'BASE TABLE': 'table',
  'LOCAL TEMPORARY': 'table',
  VIEW: 'view',
};

export async function listRelations(session: Session, database: string, schema: string): Promise<RelationInfo[]> {
  const { rows } = await session.execute(
    'select table_catalog, table_schema, table_name, table_type from system.information_schema.tables ' +
      `where ${same('table_catalog', database)} and ${same('table_schema', schema)} order by table_name`,
  );
  return rows.map(([catalog, inSchema, name, type]) => ({
    database: String(catalog),
    schema: String(inSchema),
    identifier: String(name),
    type: TYPES[String(type)] ?? 'external',
  }));
}

/** By `describe`, which binds this one relation only: a scan of all columns is slow with large attached catalogs. */
export async function getColumns(session: Session, relation: RelationName): Promise<readonly ColumnInfo[]> {
  try {
    const { rows } = await session.execute(`describe ${renderRelation(relation)}`);
    return rows.map(([name, type]) => ({ name: String(name), dataType: String(type) }));
  } catch (error) {
    if (error instanceof DatabaseError && /does not exist/.test(error.message)) return [];
    throw error;
  }
}
