/** What tracing a query and tracing its FROM clause share. */
import type { TracedColumn } from './column.js';
import type { Frame, Relation } from './frame.js';
import type { Alias, Expression, Query } from './query.js';

export interface Output {
  readonly columns: readonly TracedColumn[];
  /** False where a star gave columns that are not known; `columns` are then some of them. */
  readonly complete: boolean;
  /** Of what is not complete, a column that is not among `columns`, where only one relation can have it. */
  readonly more?: ((name: string) => TracedColumn) | undefined;
}

export type Ctes = ReadonlyMap<string, Output>;

/** What tracing shares from the outermost query to the innermost. */
export interface Tracing {
  relation(name: readonly string[], alias: Alias | null): Relation;
  query(query: Query, ctes: Ctes, outer: Frame | null): Output;
  evaluate(expression: Expression, frame: Frame, ctes: Ctes, name?: string | null): TracedColumn;
}

/** `as t (a, b)` gives the first columns other names. */
export function renamed(columns: readonly TracedColumn[], alias: Alias | null): readonly TracedColumn[] {
  if (alias === null || alias.columns.length === 0) return columns;
  return columns.map((column, i) => ({ ...column, name: alias.columns[i] ?? column.name }));
}
