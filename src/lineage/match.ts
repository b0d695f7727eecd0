import { mergeColumns } from './column.js';
import type { Frame, Relation } from './frame.js';
import { inputOf } from './pivot.js';
import type { From } from './query.js';
import type { Ctes, Tracing } from './tracing.js';

/** The columns of MATCH_RECOGNIZE. */
export function matched(
  tracing: Tracing,
  { partition, measures, allRows }: Extract<From, { kind: 'match' }>,
  inside: Frame,
  ctes: Ctes,
): Omit<Relation, 'path'> {
  const group = partition.map(({ name, expression }) => tracing.evaluate(expression, inside, ctes, name));
  const rows = allRows ? inputOf(inside) : { columns: group, complete: true };
  const made = measures.map(({ name, expression }) =>
    mergeColumns(name, [tracing.evaluate(expression, inside, ctes)], allRows ? 'transformed' : 'aggregated'),
  );
  const columns = [...rows.columns, ...made];
  if (rows.complete) return { columns };
  return {
    columns,
    more: (name) =>
      mergeColumns(
        name,
        inside.relations.flatMap(({ more }) => more?.(name) ?? []),
      ),
  };
}
