/**
 * What column lineage needs of a query, whatever parser read it. Names are as written, without their quotes; they are
 * compared without regard to case.
 */

/** A column as an expression names it: `[column]`, `[table, column]`, also with fields behind. */
export type Reference = readonly string[];

export interface Expression {
  readonly references: readonly Reference[];
  /** Names that may be columns or something else (`a.f()`: a schema, or a column that a function is called on). */
  readonly perhaps?: readonly Reference[];
  /** `f(*)` with every column as an argument, `f(*columns(…))`. */
  readonly stars?: readonly Star[];
  /** Scalar subqueries and those of IN and EXISTS. */
  readonly subqueries: readonly Query[];
  /** It is nothing but its one reference. */
  readonly plain: boolean;
  /** It has an aggregate function that is no window function. */
  readonly aggregates: boolean;
}

/** A question about a column's name. */
export type NameTest =
  /** `exact` keeps apart upper and lower case; a `regexp` is looked for anywhere, a `full` one is the whole name. */
  | { readonly kind: 'like' | 'glob' | 'regexp' | 'full'; readonly pattern: string; readonly exact: boolean }
  | { readonly kind: 'one'; readonly names: readonly string[]; readonly exact: boolean }
  | { readonly kind: 'starts' | 'ends' | 'contains'; readonly text: string }
  | { readonly kind: 'not'; readonly test: NameTest }
  | { readonly kind: 'all' | 'any'; readonly tests: readonly NameTest[] }
  /** The test is about the name in that case. */
  | { readonly kind: 'lower' | 'upper'; readonly test: NameTest };

export interface Star {
  readonly kind: 'star';
  /** `t.*`; null for `*`. */
  readonly of: Reference | null;
  readonly exclude: readonly string[];
  readonly replace: readonly { readonly name: string; readonly expression: Expression }[];
  readonly rename: readonly { readonly from: string; readonly to: string }[];
  /** `* like '…'`: of the columns, those whose names pass. */
  readonly only?: NameTest;
}

export type Item =
  | Star
  | { readonly kind: 'expression'; readonly name: string | null; readonly expression: Expression }
  /** `columns(...)`: the whole item, or inside of an expression, which then stands for one of each column. */
  | ColumnsCall
  /** `struct.*`, `unnest(struct)` and their like: which columns they give is not told, but what these are made of. */
  | { readonly kind: 'some'; readonly of: Expression | null };

export interface ColumnsCall {
  readonly kind: 'columns';
  readonly star: Star;
  /** A regular expression that a column's name has to have a match of; null for all. */
  readonly pattern: string | null;
  /** The alias, in which `\\0` stands for what the pattern has found, `\\1` for its first group. */
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
  | {
      readonly kind: 'function';
      readonly arguments: readonly Expression[];
      /** The columns that it gives where they are told by its name; else empty. */
      readonly columns: readonly string[];
      readonly alias: Alias | null;
    }
  | {
      readonly kind: 'pivot';
      readonly from: From;
      readonly aggregates: readonly { readonly name: string | null; readonly expression: Expression }[];
      /**
       * What its values make columns, and the names of these, before those of others and of aggregates are added; null where
       * only the data tells.
       */
      readonly on: readonly { readonly expression: Expression; readonly values: readonly string[] | null }[];
      /** The columns that stay; null for all that are not used otherwise. */
      readonly groups: readonly string[] | null;
      readonly alias: Alias | null;
    }
  | {
      readonly kind: 'unpivot';
      readonly from: From;
      /** The columns that get the values, and the one that gets the names of those they come from. */
      readonly values: readonly string[];
      readonly name: string;
      /** The columns of each new row, as many as there are values; of a star, one a row. */
      readonly entries: readonly (readonly string[] | Star)[];
      readonly alias: Alias | null;
    }
  /** MATCH_RECOGNIZE: one row a match has the columns of the partition and the measures; else all columns and the measures. */
  | {
      readonly kind: 'match';
      readonly from: From;
      readonly partition: readonly { readonly name: string | null; readonly expression: Expression }[];
      readonly measures: readonly { readonly name: string | null; readonly expression: Expression }[];
      readonly allRows: boolean;
      readonly uses: readonly Expression[];
      readonly alias: Alias | null;
    }
  /** A relation made of another in a way that is not followed column by column. */
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
  | {
      readonly kind: 'values';
      readonly rows: readonly (readonly Expression[])[];
      /** The first column is `column1` or `col0`, as the warehouse has it. */
      readonly nameOf: (index: number) => string;
    }
  | { readonly kind: 'query'; readonly query: Query };

export interface Query {
  readonly ctes: readonly { readonly alias: Alias; readonly query: Query }[];
  readonly recursive: boolean;
  readonly body: Body;
  readonly orderBy: readonly Expression[];
}

/** An expression that is a column. */
export const columnNamed = (name: string): Expression => ({
  references: [[name]],
  subqueries: [],
  plain: true,
  aggregates: false,
});

/** Reads a SELECT; throws an error that says what it did not understand. */
export interface QueryReader {
  readonly name: string;
  read(sql: string): Promise<Query>;
}
