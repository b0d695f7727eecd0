import type { Node, SourceNode } from '../parse/node.js';
import type { CatalogRow } from '../parse/runtime/catalog.js';

/** A relation as catalog.json v1 has it. */
export interface CatalogTable {
  readonly metadata: {
    readonly type: string;
    readonly schema: string;
    readonly name: string;
    readonly database: string | null;
    readonly comment: string | null;
    readonly owner: string | null;
  };
  /** By name, in the table's order. */
  readonly columns: Record<string, CatalogColumn>;
  readonly stats: Record<string, CatalogStat>;
}

export interface CatalogColumn {
  readonly type: string;
  /** From 1. */
  readonly index: number;
  readonly name: string;
  readonly comment: string | null;
}

export interface CatalogStat {
  readonly id: string;
  readonly label: string;
  readonly value: unknown;
  readonly include: boolean;
  readonly description: string | null;
}

/** What the warehouse has of a project, by unique_id. */
export interface Catalog {
  readonly nodes: Readonly<Record<string, CatalogTable>>;
  readonly sources: Readonly<Record<string, CatalogTable>>;
  /** What could not be read. */
  readonly errors: readonly string[];
}

const text = (value: unknown): string | null => (value === null || value === undefined ? null : String(value));

/** The rows of a catalog query put together to tables, by their lower-case path. */
export function catalogTables(rows: readonly CatalogRow[]): Map<string, CatalogTable> {
  const tables = new Map<string, CatalogTable>();
  for (const found of rows) {
    const row = Object.fromEntries(Object.entries(found).map(([name, value]) => [name.toLowerCase(), value]));
    const key = pathKey(row.table_database, row.table_schema, row.table_name);
    let table = tables.get(key);
    if (table === undefined) {
      table = {
        metadata: {
          type: String(row.table_type),
          schema: String(row.table_schema),
          name: String(row.table_name),
          database: text(row.table_database),
          comment: text(row.table_comment),
          owner: text(row.table_owner),
        },
        columns: {},
        stats: statsOf(row),
      };
      tables.set(key, table);
    }
    const name = String(row.column_name);
    const type = String(row.column_type);
    table.columns[name] = { type, index: Number(row.column_index), name, comment: text(row.column_comment) };
  }
  return tables;
}

/** `stats:row_count:value` and its like, as warehouses' macros name what they know of a table. */
function statsOf(row: Readonly<Record<string, unknown>>): Record<string, CatalogStat> {
  const stats: Record<string, CatalogStat> = {};
  for (const key of Object.keys(row)) {
    const id = /^stats:(.+):label$/.exec(key)?.[1];
    if (id === undefined) continue;
    const part = (name: string): unknown => row[`stats:${id}:${name}`];
    if (part('include') !== true) continue;
    stats[id] = {
      id,
      label: String(part('label')),
      value: part('value') ?? null,
      include: true,
      description: text(part('description')),
    };
  }
  stats.has_stats = {
    id: 'has_stats',
    label: 'Has Stats?',
    value: Object.keys(stats).length > 0,
    include: false,
    description: 'Whether the warehouse gives figures on this table',
  };
  return stats;
}

/** A relation's place, for comparison: warehouses fold the case of names. */
export function pathKey(database: unknown, schema: unknown, name: unknown): string {
  return [database, schema, name].map((part) => String(part ?? '').toLowerCase()).join('\u0000');
}

/** The place of what a node or source stands for. */
export function placeOf(node: Node | SourceNode): string {
  const name = node.resource_type === 'source' ? (node as SourceNode).identifier : (node as Node).alias;
  return pathKey(node.database, node.schema, name);
}
