import type { Adapter, RelationName, Session } from '../../adapters/adapter.js';
import { toProgramName } from '../../adapters/names.js';
import { propertyKey, typescriptType } from './type-text.js';

export interface TypesOptions {
  readonly session: Session;
  readonly adapter: Pick<Adapter, 'dialect' | 'getColumns'>;
  /** The name in TypeScript (`orders`, `raw.events`), and where the relation is. */
  readonly relations: readonly {
    readonly name: string;
    readonly relation: RelationName;
    /** Columns that are known to hold no null, besides those with a constraint: by a not_null test, say. */
    readonly notNull?: readonly string[];
  }[];
}

const HEADER = `// Made by \`upsql generate types\` from the tables of the target. Changes are lost when it runs again.
//
// Numbers of every SQL type are \`number\`: a decimal is the nearest double, an integer beyond 2^53 comes as a bigint.
// Dates, times and timestamps are strings, as the warehouse prints them. A column may be null unless a constraint or a
// not_null test says otherwise.
`;

/** `fct_orders` and `raw.events` as names of interfaces: `FctOrders`, `RawEvents`. */
function interfaceName(name: string, taken: Set<string>): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const joined = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('') || 'Table';
  const base = /^\d/.test(joined) ? `T${joined}` : joined;
  let unique = base;
  for (let n = 2; taken.has(unique); n++) unique = `${base}${n}`;
  taken.add(unique);
  return unique;
}

/** `database.schema.table.column`, lower case. */
function placeOf(database: string | null, schema: string | null, table: string | null, column: string): string {
  return [database ?? '', schema ?? '', table ?? '', column].join('.').toLowerCase();
}

/** The places of all columns that a constraint keeps from being null; one statement, on Snowflake one a database. */
async function constrained({ session, adapter, relations }: TypesOptions): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  // DuckDB has one information_schema for all of its databases.
  const own = adapter.dialect.fold === 'upper';
  for (const database of new Set(relations.map(({ relation }) => (own ? relation.database : null)))) {
    const here = relations.filter(({ relation }) => !own || relation.database === database);
    const schemas = new Set(here.map(({ relation }) => (relation.schema ?? '').toLowerCase()));
    const list = [...schemas].map((schema) => `'${schema.replaceAll("'", "''")}'`).join(', ');
    const { rows } = await session.execute(
      `select ${own ? 'lower(table_catalog)' : "''"}, lower(table_schema), lower(table_name), lower(column_name) ` +
        `from ${database === null ? '' : `${asName(database)}.`}information_schema.columns ` +
        `where is_nullable = 'NO' and lower(table_schema) in (${list})`,
    );
    for (const row of rows) found.add(row.join('.'));
  }
  return found;
}

function asName(database: string): string {
  return /^[A-Za-z_][\w$]*$/.test(database) ? database : `"${database.replaceAll('"', '""')}"`;
}

/**
 * TypeScript source with an interface for each relation and a `Database` for Kysely and `ModelContext<Database>`, both
 * by name in alphabetical order; columns in the table's order. A relation that does not exist is left out, with a
 * comment that says so.
 */
export async function generateTypes(options: TypesOptions): Promise<string> {
  const { session, adapter } = options;
  const fixed = await constrained(options);
  const relations = [...options.relations].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const taken = new Set(['Database']);
  const interfaces: string[] = [];
  const tables: string[] = [];
  for (const { name, relation, notNull = [] } of relations) {
    const columns = await adapter.getColumns(session, relation);
    if (columns.length === 0) {
      interfaces.push(
        `// '${name.replaceAll(/\s+/g, ' ')}' is not in the target yet: build it, then generate the types again.\n`,
      );
      continue;
    }
    const tested = new Set(notNull.map((column) => column.toLowerCase()));
    const fields = columns.map((column) => {
      const own = column.name.toLowerCase();
      const place = placeOf(
        adapter.dialect.fold === 'upper' ? relation.database : null,
        relation.schema,
        relation.identifier,
        own,
      );
      const nullable = !tested.has(own) && !fixed.has(place);
      const key = propertyKey(toProgramName(adapter.dialect, column.name));
      return `  ${key}: ${typescriptType(column.dataType)}${nullable ? ' | null' : ''};\n`;
    });
    const called = interfaceName(name, taken);
    interfaces.push(`export interface ${called} {\n${fields.join('')}}\n`);
    tables.push(`  ${propertyKey(name)}: ${called};\n`);
  }
  return `${HEADER}\n${[...interfaces, `export interface Database {\n${tables.join('')}}\n`].join('\n')}`;
}
