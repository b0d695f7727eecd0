/**
 * Types for TypeScript models (`models/**\/*.ts`), imported as `upsql/model`.
 *
 * @example
 * import type { ModelContext, ModelResult } from 'upsql/model';
 *
 * export const config = { materialized: 'table', refs: ['orders'] };
 *
 * export default async function model({ columns }: ModelContext): Promise<ModelResult> {
 *   const orders = await columns('orders');
 *   return { columns: { id: orders.columns.id, double: orders.columns.amount.map((x) => 2 * x) } };
 * }
 */
import type { Kysely } from 'kysely';

/** What `export const config` may hold. It is read from the source text, so it has to be a literal. */
export interface ModelConfig {
  readonly materialized?: 'table' | 'incremental';
  /** Models, seeds and snapshots that the function reads, by name (`package.name` for another package's). */
  readonly refs?: readonly string[];
  /** Sources that it reads, as `source.table`. */
  readonly sources?: readonly string[];
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** A database's tables: name to row type. `upsql generate types` writes one for your project. */
// biome-ignore lint/suspicious/noExplicitAny: the open default until a project generates its own types
export type AnyDatabase = Record<string, Record<string, any>>;

export type ColumnsOf<Row> = {
  readonly [K in keyof Row]: number extends Row[K] ? Float64Array : readonly Row[K][];
};

export interface Columns<Row> {
  readonly length: number;
  /** Number columns are Float64Array with NaN for null; others are arrays. */
  readonly columns: ColumnsOf<Row>;
}

export interface ModelContext<DB = AnyDatabase> {
  /** All rows of a declared ref or source, as objects. */
  rows<T extends keyof DB & string>(name: T): Promise<DB[T][]>;
  /** The same, column by column: what large inputs want. */
  columns<T extends keyof DB & string>(name: T): Promise<Columns<DB[T]>>;
  /** Query builder over the target; table names are the names of declared refs and sources. */
  readonly db: Kysely<DB>;
  /** The project's variable, with a default when it is not set. */
  vars<T = unknown>(name: string, fallback?: T): T;
  readonly config: ModelConfig;
  readonly target: { readonly name: string; readonly type: string; readonly schema: string; readonly database: string };
  /** True when an incremental model's table exists and no full refresh was asked for. */
  readonly isIncremental: boolean;
  /** A line in upsql's output, under the model's name. */
  log(message: string): void;
}

export type CellValue = null | boolean | number | bigint | string | Date;

export type ModelResult =
  | readonly Readonly<Record<string, CellValue>>[]
  | {
      readonly columns: Readonly<Record<string, ArrayLike<CellValue>>>;
      /** SQL types of columns; others are inferred from their values. */
      readonly types?: Readonly<Record<string, string>>;
    };
