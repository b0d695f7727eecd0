/**
 * How a column comes from its sources: their value under the same name, under another name, changed (also by a window
 * function), summed up over rows; or from no column at all (a constant, row_number()).
 */
export type LineageKind = 'passthrough' | 'renamed' | 'transformed' | 'aggregated' | 'generated';

/** A column of a relation: `relation` is a unique_id, or the dotted name of a relation that is no node. */
export interface ColumnId {
  readonly relation: string;
  readonly column: string;
}

/** A column while its query is traced. */
export interface TracedColumn {
  /** Null where the warehouse makes up a name. */
  readonly name: string | null;
  readonly sources: ReadonlyMap<string, ColumnId>;
  /** What was done to the sources on the way here. */
  readonly change: 'none' | 'transformed' | 'aggregated';
  /** Why some sources may be missing; undefined when all are known. */
  readonly unknown?: string | undefined;
}

export function columnKey({ relation, column }: ColumnId): string {
  return `${relation}\n${column.toLowerCase()}`;
}

export function sourceColumn(name: string, id: ColumnId): TracedColumn {
  return { name, sources: new Map([[columnKey(id), id]]), change: 'none' };
}

export function unknownColumn(name: string | null, why: string): TracedColumn {
  return { name, sources: new Map(), change: 'transformed', unknown: why };
}

const ORDER = ['none', 'transformed', 'aggregated'] as const;

/** A column made of several, changed at least so far. */
export function mergeColumns(
  name: string | null,
  parts: readonly TracedColumn[],
  least: TracedColumn['change'] = 'none',
): TracedColumn {
  const sources = new Map<string, ColumnId>();
  let change = least;
  let unknown: string | undefined;
  for (const part of parts) {
    for (const [key, id] of part.sources) sources.set(key, id);
    if (ORDER.indexOf(part.change) > ORDER.indexOf(change)) change = part.change;
    unknown ??= part.unknown;
  }
  return unknown === undefined ? { name, sources, change } : { name, sources, change, unknown };
}

export function kindOf(column: TracedColumn): LineageKind {
  if (column.change === 'aggregated') return 'aggregated';
  if (column.sources.size === 0) return column.unknown === undefined ? 'generated' : 'transformed';
  if (column.change === 'transformed') return 'transformed';
  const same = [...column.sources.values()].every(
    (source) => source.column.toLowerCase() === column.name?.toLowerCase(),
  );
  return same ? 'passthrough' : 'renamed';
}
