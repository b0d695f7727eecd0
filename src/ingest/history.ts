/** The table that remembers which files were loaded into the tables of its schema. */
import type { Adapter, Session } from '../adapters/adapter.js';
import { quoteName } from '../adapters/names.js';
import type { Ingest } from './declaration.js';

export interface HistoryEntry {
  readonly file: string;
  readonly bytes: number;
  readonly hash: string;
  readonly rows: number;
  readonly errors: number;
  readonly status: 'loaded' | 'partially_loaded';
}

export interface History {
  /** `create table if not exists`. */
  readonly create: string;
  /** Hashes that were loaded, by file. */
  read(session: Session): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /** The statement that remembers files. */
  insert(entries: readonly HistoryEntry[]): string;
  /** The statement that forgets the table's files. */
  readonly forget: string;
}

export const HISTORY_TABLE = 'upsql_load_history';
const COLUMNS = [
  ['table_name', 'varchar'],
  ['file', 'varchar'],
  ['bytes', 'bigint'],
  ['sha256', 'varchar'],
  ['row_count', 'bigint'],
  ['error_count', 'bigint'],
  ['status', 'varchar'],
  ['loaded_at', 'timestamp'],
] as const;

/** The history of one table. */
export function historyOf({ source }: Ingest, { dialect }: Pick<Adapter, 'dialect'>): History {
  const text = (value: string): string => {
    const escaped = dialect.backslashEscapes === true ? value.replaceAll('\\', '\\\\') : value;
    return `'${escaped.replaceAll("'", "''")}'`;
  };
  const table = tableName({ ...source, identifier: HISTORY_TABLE }, dialect);
  const own = text(source.identifier);
  return {
    create: `create table if not exists ${table} (${COLUMNS.map(([name, type]) => `${name} ${type}`).join(', ')})`,
    forget: `delete from ${table} where table_name = ${own}`,
    async read(session) {
      const { rows } = await session.execute(`select file, sha256 from ${table} where table_name = ${own}`);
      const known = new Map<string, Set<string>>();
      for (const [file, hash] of rows) {
        const name = String(file);
        known.set(name, (known.get(name) ?? new Set()).add(String(hash)));
      }
      return known;
    },
    insert(entries) {
      const values = entries.map(
        ({ file, bytes, hash, rows, errors, status }) =>
          `select ${own}, ${text(file)}, ${bytes}, ${text(hash)}, ${rows}, ${errors}, ${text(status)}, cast(current_timestamp as timestamp)`,
      );
      return `insert into ${table} (${COLUMNS.map(([name]) => name).join(', ')})\n${values.join('\nunion all ')}`;
    },
  };
}

/** A table of a source as it stands in SQL. */
export function tableName(
  { database, schema, identifier }: { database: string | null; schema: string | null; identifier: string },
  dialect: Adapter['dialect'],
): string {
  return [database, schema, identifier]
    .filter((part) => part !== null)
    .map((part) => quoteName(dialect, part))
    .join('.');
}

/** The table itself, made when it is missing. */
export function createTable({ source, columns }: Ingest, dialect: Adapter['dialect']): string {
  const list = columns.map(({ name, type }) => `${quoteName(dialect, name)} ${type}`).join(', ');
  return `create table if not exists ${tableName(source, dialect)} (${list})`;
}
