/**
 * What column lineage needs of a query, whatever parser read it. Names are as written, without their quotes; they are
 * compared without regard to case.
 */

/** A column as an expression names it: `[column]`, `[table, column]`, also with fields behind. */
export type Reference = readonly string[];

export interface Expression {
  readonly references: readonly Reference[];
  /** Scalar subqueries and those of IN and EXISTS. */
  readonly subqueries: readonly Query[];
  /** It is nothing but its one reference. */
  readonly plain: boolean;
  /** It has an aggregate function that is no window function. */
  readonly aggregates: boolean;
}

export interface Star {
  readonly kind: 'star';
  /** `t.*`; null for `*`. */
  readonly of: Reference | null;
  readonly exclude: readonly string[];
  readonly replace: readonly { readonly name: string; readonly expression: Expression }[];
  readonly rename: readonly { readonly from: string; readonly to: string }[];
}

export type Item =
  | Star
  | { readonly kind: 'expression'; readonly name: string | null; readonly expression: Expression }
  /** `columns(...)`: the whole item, or inside of an expression, which then stands for one of each column. */
  | ColumnsCall
  /** `(struct).*`, `columns(lambda)` and their like: which columns they give is not told. */
  | { readonly kind: 'some' };

export interface ColumnsCall {
  readonly kind: 'columns';
  readonly star: Star;
  /** A regular expression that a column's name has to have a match of; null for all. */
  readonly pattern: string | null;
  /** The alias, in which `\\0` stands for the column's name. */
  readonly alias: string | null;
  /** Nothing is done to the columns. */
  readonly plain: boolean;
  /** The expression around the call; its other references count for every column. */
  readonly around: Expression;
}

export interface Alias {
  readonly name: string;
  /** `as t (a, b)`. */
  readonly columns: readonly string[];
}

export type From =
  | { readonly kind: 'table'; readonly name: readonly string[]; readonly alias: Alias | null }
  | { readonly kind: 'derived'; readonly query: Query; readonly alias: Alias | null }
  | { readonly kind: 'function'; readonly arguments: readonly Expression[]; readonly alias: Alias | null }
  | {
      readonly kind: 'pivot';
      readonly from: From;
      readonly aggregates: readonly { readonly name: string | null; readonly expression: Expression }[];
      /** The column whose values become columns. */
      readonly on: Expression;
      /** The new columns' names, before those of aggregates are added; null where only the data tells. */
      readonly values: readonly string[] | null;
      readonly alias: Alias | null;
    }
  | {
      readonly kind: 'unpivot';
      readonly from: From;
      /** The column that gets the values, and the one that gets the names of those they come from. */
      readonly value: string;
      readonly name: string;
      readonly columns: readonly string[];
      readonly alias: Alias | null;
    }
  /** A relation made of another in a way that is not followed column by column (match_recognize). */
  | {
      readonly kind: 'reshaped';
      readonly from: From | null;
      readonly uses: readonly Expression[];
      readonly alias: Alias | null;
    }
  | {
      readonly kind: 'join';
      readonly left: From;
      readonly right: From;
      readonly how: 'inner' | 'right' | 'full' | 'semi';
      readonly using: readonly string[] | 'natural';
      readonly on: readonly Expression[];
    };

export interface Select {
  readonly kind: 'select';
  readonly items: readonly Item[];
  readonly from: From | null;
  /** Where, group by, having, qualify, distinct on, window definitions. */
  readonly uses: readonly Expression[];
}

export type Body =
  | Select
  | {
      readonly kind: 'set';
      readonly operator: 'union' | 'other';
      readonly byName: boolean;
      readonly left: Body;
      readonly right: Body;
    }
  | { readonly kind: 'values'; readonly rows: readonly (readonly Expression[])[] }
  | { readonly kind: 'query'; readonly query: Query };

export interface Query {
  readonly ctes: readonly { readonly alias: Alias; readonly query: Query }[];
  readonly recursive: boolean;
  readonly body: Body;
  readonly orderBy: readonly Expression[];
}

/** Reads a SELECT; throws an error that says what it did not understand. */
export interface QueryReader {
  readonly name: string;
  read(sql: string): Query;
}
