import type {
  DatabaseIntrospector,
  DatabaseMetadata,
  DatabaseMetadataOptions,
  SchemaMetadata,
  TableMetadata,
} from 'kysely';
import type { Dialect, Session } from '../adapter.js';
import { toProgramName } from '../names.js';

interface Table extends TableMetadata {
  columns: TableMetadata['columns'];
}

/** Kysely's view of the catalog, from information_schema of the current database. */
export class SessionIntrospector implements DatabaseIntrospector {
  readonly #session: Session;
  readonly #dialect: Dialect;

  constructor(session: Session, dialect: Dialect) {
    this.#session = session;
    this.#dialect = dialect;
  }

  async getSchemas(): Promise<SchemaMetadata[]> {
    const { rows } = await this.#session.execute('select schema_name from information_schema.schemata');
    return rows.map(([name]) => ({ name: toProgramName(this.#dialect, String(name)) }));
  }

  async getTables(_options?: DatabaseMetadataOptions): Promise<TableMetadata[]> {
    const { rows } = await this.#session.execute(
      'select c.table_schema, c.table_name, t.table_type, c.column_name, c.data_type, c.is_nullable, c.column_default ' +
        'from information_schema.columns c join information_schema.tables t ' +
        'on t.table_catalog = c.table_catalog and t.table_schema = c.table_schema and t.table_name = c.table_name ' +
        "where c.table_catalog = current_database() and lower(c.table_schema) <> 'information_schema' order by 1, 2, c.ordinal_position",
    );
    const tables = new Map<string, Table>();
    for (const [schema, name, type, column, dataType, nullable, fallback] of rows) {
      const key = JSON.stringify([schema, name]);
      let table = tables.get(key);
      if (table === undefined) {
        const inSchema = toProgramName(this.#dialect, String(schema));
        const called = toProgramName(this.#dialect, String(name));
        table = { name: called, schema: inSchema, isView: String(type).includes('VIEW'), columns: [] };
        tables.set(key, table);
      }
      table.columns.push({
        name: toProgramName(this.#dialect, String(column)),
        dataType: String(dataType),
        isNullable: nullable === 'YES',
        isAutoIncrementing: false,
        hasDefaultValue: fallback !== null,
      });
    }
    return [...tables.values()];
  }

  async getMetadata(options?: DatabaseMetadataOptions): Promise<DatabaseMetadata> {
    return { tables: await this.getTables(options) };
  }
}
