/** The columns that `*` and `columns(…)` stand for. */
import { mergeColumns, type TracedColumn, unknownColumn } from './column.js';
import { type Frame, type Relation, relationNamed, same } from './frame.js';
import { passes, regularExpression } from './name-test.js';
import type { ColumnsCall, Reference, Star } from './query.js';
import type { Ctes, Output, Tracing } from './tracing.js';

export function expandStar(tracing: Tracing, star: Star, frame: Frame, ctes: Ctes): Output {
  const one = star.of === null ? undefined : relationNamed(star.of, frame);
  if (star.of !== null && one === undefined) return fieldsOf(tracing, star.of, frame, ctes);
  const relations = star.of === null ? frame.relations : one === undefined ? [] : [one];
  const columns: TracedColumn[] = [];
  let told = true;
  for (const relation of relations) {
    const hidden = star.of === null ? frame.hidden.get(relation) : undefined;
    for (const column of relation.columns) {
      const name = column.name?.toLowerCase() ?? '';
      if (hidden?.has(name) || star.exclude.some((excluded) => same(excluded, name))) continue;
      if (star.only !== undefined) {
        const passed = passes(star.only, column.name ?? '');
        told &&= passed !== undefined;
        if (passed !== true) continue;
      }
      const replaced = star.replace.find((item) => same(item.name, name));
      const merged = star.of === null ? frame.merged.get(name) : undefined;
      const value =
        replaced === undefined ? (merged ?? column) : tracing.evaluate(replaced.expression, frame, ctes, column.name);
      const to = star.rename.find((item) => same(item.from, name))?.to;
      columns.push({ ...value, name: to ?? column.name });
    }
  }
  const open = relations.filter((relation) => relation.more !== undefined);
  return {
    columns,
    complete: told && open.length === 0,
    more: told && open.length === 1 ? passedOn(star, open[0]) : undefined,
  };
}

/** `struct.*`: which fields there are is not told. */
function fieldsOf(tracing: Tracing, name: Reference, frame: Frame, ctes: Ctes): Output {
  const struct = tracing.evaluate({ references: [name], subqueries: [], plain: false, aggregates: false }, frame, ctes);
  return { columns: [], complete: false, more: (field) => ({ ...struct, name: field }) };
}

/** A column that a star hands on of the one relation whose columns are not all known, under its name behind the star. */
function passedOn(star: Star, relation: Relation | undefined): Output['more'] {
  const more = relation?.more;
  if (more === undefined) return undefined;
  return (name) => {
    const from = star.rename.find(({ to }) => same(to, name))?.from ?? name;
    const gone = star.exclude.some((one) => same(one, from)) || star.rename.some((one) => same(one.from, name));
    const out = star.only !== undefined && passes(star.only, from) !== true;
    if (gone || out || star.replace.some((one) => same(one.name, from)))
      return unknownColumn(name, `${name} is no column that the star hands on as it is`);
    return { ...more(from), name };
  };
}

/** A column for each that the call stands for, under its name even where something is done to it. */
export function columnsCall(tracing: Tracing, call: ColumnsCall, frame: Frame, ctes: Ctes): Output {
  const all = expandStar(tracing, call.star, frame, ctes);
  const pattern = call.pattern === null ? null : regularExpression(call.pattern);
  if (pattern === undefined) return { columns: [], complete: false };
  const around = tracing.evaluate(call.around, frame, ctes);
  const columns = all.columns.flatMap((column) => {
    const match = pattern === null ? [column.name ?? ''] : pattern.exec(column.name ?? '');
    if (match === null || column.name === null) return [];
    const name = call.alias?.replace(/\\(\d)/g, (_, group) => match[Number(group)] ?? '') ?? column.name;
    if (call.plain) return { ...column, name };
    return mergeColumns(name, [column, around], call.around.aggregates ? 'aggregated' : 'transformed');
  });
  return { columns, complete: all.complete };
}
