/**
 * What the engine asks of a warehouse. Stages before `run` know this file and no adapter.
 */
import type { Diagnostic } from '../diagnostics/index.js';

/** A value as a driver hands it over, exact: DECIMAL, DATE, TIME and TIMESTAMP come as their text, big integers as bigint. */
export type SqlValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly SqlValue[]
  | { readonly [field: string]: SqlValue };

export interface ResultColumn {
  readonly name: string;
  /** The warehouse's own type name, as it would stand in a cast: `DECIMAL(18,2)`, `TIMESTAMP_NTZ`. */
  readonly type: string;
}

export interface QueryResult {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly SqlValue[])[];
  /** Rows changed by DML or made by a `create table as`; undefined where the warehouse does not say. */
  readonly rowsAffected?: number;
  /** The first word(s) of the answer as dbt prints it: `OK`, `SELECT`, `INSERT 0 5`. */
  readonly message: string;
  readonly queryId?: string;
}

/** One column of a result as a typed array where the type allows it; null in a number column is NaN. */
export type ColumnData = Float64Array | readonly SqlValue[];

export interface ColumnarResult {
  readonly length: number;
  readonly columns: ReadonlyMap<string, ColumnData>;
  readonly types: readonly ResultColumn[];
}

export type RelationType = 'table' | 'view' | 'cte' | 'materialized_view' | 'external' | 'dynamic_table';

/** A place for a relation. Parts are as the user wrote them, unquoted. */
export interface RelationName {
  readonly database: string | null;
  readonly schema: string | null;
  readonly identifier: string | null;
}

export interface RelationInfo extends RelationName {
  readonly type: RelationType;
}

/** A column of a table: `data_type` is the full type text, `dtype` the bare name. */
export interface ColumnInfo {
  readonly name: string;
  readonly dataType: string;
}

/** What differs between warehouses in the text of SQL and is not a macro. */
export interface Dialect {
  readonly quoteCharacter: string;
  /** Unquoted names become this case. */
  readonly fold: 'lower' | 'upper';
  /** Which parts of a relation are quoted when a project does not say. */
  readonly quoting: { readonly database: boolean; readonly schema: boolean; readonly identifier: boolean };
  /** Type names for seed columns by inferred kind (dbt's `convert_*_type`). */
  readonly seedTypes: Readonly<Record<'text' | 'integer' | 'number' | 'boolean' | 'datetime' | 'date', string>>;
  readonly incrementalStrategies: readonly string[];
  readonly maxIdentifierLength: number;
  /** A backslash in a string literal escapes what follows it. Default false. */
  readonly backslashEscapes?: boolean;
  /** DDL commits by itself. Then macros open no transaction but in their SQL, around the statements that need one. */
  readonly ddlCommits?: boolean;
  /** `create table a clone b` copies no rows. */
  readonly clonesTables?: boolean;
  /** A view that is replaced keeps its grants only with `copy grants`. */
  readonly copiesGrants?: boolean;
}

/** A load of rows into a table that is to be made; `columns` fixes names, order and SQL types. */
export interface BulkLoad {
  readonly table: RelationName;
  readonly columns: readonly ResultColumn[];
  /** Column-wise data, all of the same length. */
  readonly data: readonly ColumnData[];
  readonly length: number;
}

/** A value for a placeholder; a Date is a timestamp in UTC. */
export type Parameter = SqlValue | Date;

export interface QueryOptions {
  /** False when the caller reads no rows; then `rows` is empty. */
  readonly fetch?: boolean;
  /** At most so many rows. */
  readonly limit?: number;
  /** Values for the `?` or `$1` placeholders of a single statement. */
  readonly parameters?: readonly Parameter[];
}

export interface RowBatch {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly SqlValue[])[];
}

/** A function of numbers that SQL may call while this process holds the warehouse. */
export interface NumbersFunction {
  readonly name: string;
  /** Number of arguments, all doubles. */
  readonly width: number;
  /** Writes the results of `rows` rows to `out`; `column(j)` has argument j, null as NaN, and is not to be changed. */
  evaluate(column: (index: number) => Float64Array, rows: number, out: Float64Array): void;
}

/** One connection. Statements on it run one after another; sessions run side by side. */
export interface Session {
  readonly name: string;
  /** Runs one or more statements and gives the last one's result. Throws `DatabaseError`. */
  execute(sql: string, options?: QueryOptions): Promise<QueryResult>;
  /** Runs a query and gives typed columns, without row objects. */
  columns(sql: string): Promise<ColumnarResult>;
  /** Rows in batches, for results that need not fit in memory. */
  stream(sql: string, options?: Pick<QueryOptions, 'parameters'>): AsyncIterable<RowBatch>;
  /** Creates the table and fills it, in one transaction; `comment` stands behind statements that a history keeps. */
  load(load: BulkLoad, comment?: string): Promise<void>;
  /**
   * Adds rows of texts, which the columns' types read, to a table that is there, by a file. Absent where batches of
   * literals are the faster way.
   */
  readonly append?:
    | ((table: string, rows: readonly (readonly (string | null)[])[], comment?: string) => Promise<void>)
    | undefined;
  /** Makes a function for all sessions until the adapter closes; only warehouses within this process can. */
  defineFunction?(definition: NumbersFunction): Promise<void>;
  begin(): Promise<void>;
  commit(): Promise<void>;
  /** Gives up the open transaction, if any; never throws. */
  rollback(): Promise<void>;
  readonly inTransaction: boolean;
  cancel(): void;
  close(): Promise<void>;
}

/** A Python model as SQL: the statement(s) that run it, and what takes away again what they leave. */
export interface PythonProcedure {
  readonly statement: string;
  readonly drop?: string;
}

/** What a warehouse looks at to run a Python model. */
export interface PythonJob {
  readonly name: string;
  readonly database: string | null;
  readonly schema: string | null;
  readonly alias: string;
  readonly config: { readonly [key: string]: unknown };
}

export interface Adapter {
  /** `duckdb`, `snowflake`: the prefix of dispatched macros and `target.type`. */
  readonly type: string;
  readonly dialect: Dialect;
  /** Warnings about the profile: settings that this adapter ignores. */
  readonly diagnostics: readonly Diagnostic[];
  /** The names that `target.database`, `target.schema` default to. */
  readonly database: string;
  readonly schema: string;
  /**
   * Opens the warehouse (files, log-in, extensions, settings). Called once, before the first session. With `create` false
   * no database file or folder is made: where there is none, all else is opened, to be tested.
   */
  open(options?: { readonly create?: boolean }): Promise<void>;
  session(name: string): Promise<Session>;
  listSchemas(session: Session, database: string): Promise<readonly string[]>;
  listRelations(session: Session, database: string, schema: string): Promise<readonly RelationInfo[]>;
  /** Columns in order; empty when the relation is absent. */
  getColumns(session: Session, relation: RelationName): Promise<readonly ColumnInfo[]>;
  /** Who may read a relation, as the statements' `to ...`; left out where the warehouse has no grants. */
  listReaders?(session: Session, relation: RelationInfo): Promise<readonly string[]>;
  createSchema(session: Session, database: string, schema: string): Promise<void>;
  dropSchema(session: Session, database: string, schema: string): Promise<void>;
  /** A Python model for a warehouse that runs Python; left out where it has to run beside the warehouse. */
  pythonProcedure?(model: PythonJob, code: string): PythonProcedure;
  /** Writes a query's result to a file, atomically; gives the number of rows. */
  exportQuery(session: Session, sql: string, file: string, format: 'csv' | 'parquet' | 'json'): Promise<number>;
  /** Facts for `upsql debug`, without secrets: path or account, version. */
  describe(): Promise<ReadonlyArray<readonly [string, string]>>;
  close(): Promise<void>;
}

/** A statement that failed: the warehouse's message, and where it says the fault is (0-based offset into `sql`). */
export class DatabaseError extends Error {
  readonly sql: string;
  readonly offset: number | undefined;
  readonly kind: 'syntax' | 'missing' | 'constraint' | 'conflict' | 'io' | 'interrupted' | 'other';

  constructor(message: string, sql: string, kind: DatabaseError['kind'] = 'other', offset?: number) {
    super(message);
    this.name = 'DatabaseError';
    this.sql = sql;
    this.kind = kind;
    this.offset = offset;
  }
}
