/** The columns of PIVOT and UNPIVOT in a FROM clause. */
import { mergeColumns, type TracedColumn } from './column.js';
import { columnOf, type Frame, type Relation, same } from './frame.js';
import type { From } from './query.js';
import type { Ctes, Output, Tracing } from './tracing.js';

/** Columns of the relations below, in order, and whether these are all. */
function inputOf({ relations, hidden }: Frame): Output {
  const columns = relations.flatMap((relation) =>
    relation.columns.filter(({ name }) => !hidden.get(relation)?.has(name?.toLowerCase() ?? '')),
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
  const on = tracing.evaluate(pivot.on, inside, ctes);
  const taken = [pivot.on, ...pivot.aggregates.map(({ expression }) => expression)].flatMap(({ references }) =>
    references.map((reference) => reference.at(-1)),
  );
  const input = inputOf(inside);
  const group = input.columns.filter(({ name }) => !taken.some((one) => same(one, name)));
  const sums = pivot.aggregates.map(({ name, expression }) => ({
    name,
    column: mergeColumns(null, [tracing.evaluate(expression, inside, ctes), on], 'aggregated'),
  }));
  const one = sums.length === 1;
  const made = (pivot.values ?? []).flatMap((value) =>
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
  if (pivot.values !== null && input.complete) return { columns: [...group, ...made] };
  const more = (name: string): TracedColumn => {
    const below = input.complete ? [] : inside.relations.flatMap((relation) => relation.more?.(name) ?? []);
    if (below.length === 0) return { ...any, name };
    return { ...mergeColumns(name, [any, ...below], 'aggregated'), unknown: 'it may be pivoted or passed on' };
  };
  return { columns: [...group, ...made], more };
}

/** What is not unpivoted stays; the names are made of nothing, the values of all columns that were unpivoted. */
export function unpivoted(
  { value, name, columns: listed }: Extract<From, { kind: 'unpivot' }>,
  inside: Frame,
): Omit<Relation, 'path'> {
  const input = inputOf(inside);
  const isListed = (column: TracedColumn): boolean => listed.some((one) => same(one, column.name));
  const parts = listed.flatMap(
    (one) =>
      input.columns.find((column) => same(one, column.name)) ??
      inside.relations.flatMap((relation) => columnOf(relation, one) ?? relation.more?.(one) ?? []),
  );
  const columns = [
    ...input.columns.filter((column) => !isListed(column)),
    { name, sources: new Map(), change: 'none' as const },
    mergeColumns(value, parts, 'transformed'),
  ];
  if (input.complete) return { columns };
  return {
    columns,
    more: (wanted) =>
      mergeColumns(
        wanted,
        inside.relations.flatMap(({ more }) => more?.(wanted) ?? []),
      ),
  };
}
