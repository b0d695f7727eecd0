/** The columns of PIVOT and UNPIVOT. */
import { mergeColumns, type TracedColumn } from './column.js';
import { columnOf, type Frame, type Relation, same } from './frame.js';
import { columnNamed, type From } from './query.js';
import { expandStar } from './star.js';
import type { Ctes, Output, Tracing } from './tracing.js';

/** Columns of the relations below, in order, and whether these are all. */
export function inputOf({ relations, hidden, merged }: Frame): Output {
  const columns = relations.flatMap((relation) =>
    relation.columns
      .filter(({ name }) => !hidden.get(relation)?.has(name?.toLowerCase() ?? ''))
      .map((column) => merged.get(column.name?.toLowerCase() ?? '') ?? column),
  );
  return { columns, complete: relations.every(({ more }) => more === undefined) };
}

/**
 * What is neither pivoted nor summed up stays, as the rows' group; each value of the pivoted column has a column for every
 * aggregate. Where only the data tells which values there are, any other column is made of the aggregates.
 */
export function pivoted(
  tracing: Tracing,
  pivot: Extract<From, { kind: 'pivot' }>,
  inside: Frame,
  ctes: Ctes,
): Omit<Relation, 'path'> {
  const on = pivot.on.map(({ expression }) => tracing.evaluate(expression, inside, ctes));
  const taken = [...pivot.on, ...pivot.aggregates].flatMap(({ expression: { references } }) =>
    references.map((reference) => reference.at(-1)),
  );
  const input = inputOf(inside);
  const group =
    pivot.groups?.map((name) => tracing.evaluate(columnNamed(name), inside, ctes, name)) ??
    input.columns.filter(({ name }) => !taken.some((one) => same(one, name)));
  const sums = pivot.aggregates.map(({ name, expression }) => ({
    name,
    column: mergeColumns(null, [tracing.evaluate(expression, inside, ctes), ...on], 'aggregated'),
  }));
  const one = sums.length === 1;
  const values = combinations(pivot.on.map(({ values }) => values));
  const made = (values ?? []).flatMap((value) =>
    sums.map(({ name, column }): TracedColumn => {
      if (name !== null) return { ...column, name: `${value}_${name}` };
      // Of several aggregates without a name the warehouse makes one up.
      return { ...column, name: one ? value : null };
    }),
  );
  const any = mergeColumns(
    null,
    sums.map(({ column }) => column),
    'aggregated',
  );
  const groupKnown = pivot.groups !== null || input.complete;
  if (values !== null && groupKnown) return { columns: [...group, ...made] };
  const more = (name: string): TracedColumn => {
    const below = groupKnown ? [] : inside.relations.flatMap((relation) => relation.more?.(name) ?? []);
    if (below.length === 0) return { ...any, name };
    return { ...mergeColumns(name, [any, ...below], 'aggregated'), unknown: 'it may be pivoted or passed on' };
  };
  return { columns: [...group, ...made], more };
}

/** Names for every value of the first with every one of the next; null where some are not known. */
function combinations(lists: readonly (readonly string[] | null)[]): readonly string[] | null {
  let names: readonly string[] | null = null;
  for (const list of lists) {
    if (list === null) return null;
    names = names === null ? list : names.flatMap((name) => list.map((value) => `${name}_${value}`));
  }
  return names;
}

/** What is not unpivoted stays; the names are made of nothing, the values of all columns that were unpivoted. */
export function unpivoted(
  tracing: Tracing,
  { values, name, entries }: Extract<From, { kind: 'unpivot' }>,
  inside: Frame,
  ctes: Ctes,
): Omit<Relation, 'path'> {
  const input = inputOf(inside);
  const listed = new Set<string>();
  const parts: TracedColumn[][] = values.map(() => []);
  let open = false;
  for (const entry of entries) {
    if ('kind' in entry) {
      const found = expandStar(tracing, entry, inside, ctes);
      open ||= !found.complete;
      for (const column of found.columns) listed.add(column.name?.toLowerCase() ?? '');
      parts[0]?.push(...found.columns);
      continue;
    }
    for (const [i, one] of entry.entries()) {
      listed.add(one.toLowerCase());
      tracing.evaluate(columnNamed(one), inside, ctes);
      const known = input.columns.find((column) => same(one, column.name));
      const found = inside.relations.flatMap((relation) => columnOf(relation, one) ?? relation.more?.(one) ?? []);
      parts[i]?.push(...(known === undefined ? found : [known]));
    }
  }
  const stay = input.columns.filter((column) => !listed.has(column.name?.toLowerCase() ?? ''));
  // As DuckDB does where the name is taken.
  const free = (wanted: string): string =>
    stay.some((column) => same(column.name, wanted)) ? free(`${wanted}_1`) : wanted;
  const columns: readonly TracedColumn[] = [
    ...stay,
    { name: free(name), sources: new Map(), change: 'none' },
    ...values.map((value, i) => mergeColumns(free(value), parts[i] ?? [], 'transformed')),
  ];
  const why = 'a star hides which columns are unpivoted';
  if (input.complete) return { columns };
  return {
    columns: open ? columns.map((column) => ({ ...column, unknown: column.unknown ?? why })) : columns,
    more: (wanted) =>
      mergeColumns(
        wanted,
        inside.relations.flatMap(({ more }) => more?.(wanted) ?? []),
      ),
  };
}
