import type { ColumnInfo } from '../adapters/adapter.js';
import type { ColumnId, NodeLineage } from '../lineage/index.js';

export interface ColumnChange {
  readonly name: string;
  readonly change: 'added' | 'removed' | 'renamed' | 'type';
  /** The type as built; null of an added column. */
  readonly before: string | null;
  /** The type to be; null of a removed column, or where it is not known. */
  readonly after: string | null;
  /** Of a renamed column, which comes from the same as the one that is gone: its new name. */
  readonly to?: string;
}

/** Columns to be, with types where they are known. */
export interface NextColumns {
  readonly columns: readonly { readonly name: string; readonly type: string | null }[];
  /** False when there may be more of them. */
  readonly complete: boolean;
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/**
 * What changes between a relation as built and as it is to be. Lineage before and after tells renamed columns from new ones;
 * `follow` gives the name that a column upstream gets by its own change.
 */
export function columnChanges(
  built: readonly ColumnInfo[],
  next: NextColumns,
  before: NodeLineage | undefined,
  after: NodeLineage | undefined,
  follow: (id: ColumnId) => string,
): readonly ColumnChange[] {
  const added = next.columns.filter(({ name }) => !built.some((column) => same(column.name, name)));
  const removed = next.complete
    ? built.filter(({ name }) => !next.columns.some((column) => same(column.name, name)))
    : [];
  const changes: ColumnChange[] = [];
  const taken = new Set<string>();
  for (const { name, dataType } of removed) {
    const origin = originOf(before, name, follow);
    const matches =
      origin === undefined
        ? []
        : added.filter((column) => originOf(after, column.name, ({ column: now }) => now) === origin);
    const [to, ...more] = matches.filter((column) => !taken.has(column.name));
    if (to === undefined || more.length > 0) changes.push({ name, change: 'removed', before: dataType, after: null });
    else {
      taken.add(to.name);
      changes.push({ name, change: 'renamed', before: dataType, after: to.type, to: to.name });
    }
  }
  for (const { name, type } of added)
    if (!taken.has(name)) changes.push({ name, change: 'added', before: null, after: type });
  for (const { name, type } of next.columns) {
    const old = built.find((column) => same(column.name, name));
    if (old !== undefined && type !== null && !same(old.dataType, type))
      changes.push({ name, change: 'type', before: old.dataType, after: type });
  }
  return changes;
}

/** What a column is made of, to recognise it under another name; undefined where that says nothing. */
function originOf(
  lineage: NodeLineage | undefined,
  name: string,
  follow: (id: ColumnId) => string,
): string | undefined {
  const column = lineage?.columns.find((known) => same(known.name, name));
  const [source, ...more] = column?.sources ?? [];
  if (column === undefined || column.unknown !== undefined || source === undefined || more.length > 0) return undefined;
  const passed = column.kind === 'renamed' || column.kind === 'passthrough';
  return passed ? `${source.relation} ${follow(source).toLowerCase()}` : undefined;
}
