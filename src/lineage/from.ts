/** The relations of a FROM clause, joined. */
import { mergeColumns, type TracedColumn, unknownColumn } from './column.js';
import { columnOf, type Frame, type Relation, same } from './frame.js';
import { matched } from './match.js';
import { pivoted, unpivoted } from './pivot.js';
import { type Alias, columnNamed, type From } from './query.js';
import { type Ctes, type Output, renamed, type Tracing } from './tracing.js';

export function buildFrom(tracing: Tracing, from: From, ctes: Ctes, outer: Frame | null): Frame {
  switch (from.kind) {
    case 'table': {
      const [only, ...more] = from.name;
      const cte = only !== undefined && more.length === 0 ? ctes.get(only.toLowerCase()) : undefined;
      if (cte === undefined) return frame([tracing.relation(from.name, from.alias)], outer);
      return frame([relationOf(cte, from.alias ?? { name: only ?? '', columns: [] })], outer);
    }
    case 'derived':
      return frame([relationOf(tracing.query(from.query, ctes, outer), from.alias)], outer);
    case 'function': {
      const column = mergeColumns(
        null,
        from.arguments.map((argument) => tracing.evaluate(argument, frame([], outer), ctes)),
        'transformed',
      );
      return frame([functionRelation(column, from.columns, from.alias)], outer);
    }
    case 'pivot': {
      const inside = buildFrom(tracing, from.from, ctes, outer);
      return frame([shaped(pivoted(tracing, from, inside, ctes), from.alias)], outer);
    }
    case 'unpivot': {
      const inside = buildFrom(tracing, from.from, ctes, outer);
      return frame([shaped(unpivoted(tracing, from, inside, ctes), from.alias)], outer);
    }
    case 'match': {
      const inside = buildFrom(tracing, from.from, ctes, outer);
      for (const expression of from.uses) tracing.evaluate(expression, inside, ctes);
      return frame([shaped(matched(tracing, from, inside, ctes), from.alias)], outer);
    }
    case 'reshaped': {
      const inside = from.from === null ? frame([], outer) : buildFrom(tracing, from.from, ctes, outer);
      for (const expression of from.uses) tracing.evaluate(expression, inside, ctes);
      const more = (name: string) => unknownColumn(name, 'what the relation is made of is not followed');
      return frame([{ path: pathOf(from.alias), columns: [], more }], outer);
    }
    case 'join': {
      const left = buildFrom(tracing, from.left, ctes, outer);
      // A relation on the right may name those on its left (lateral).
      const right = buildFrom(tracing, from.right, ctes, { ...left, outer });
      const joined = join(left, right, from, outer);
      for (const expression of from.on) tracing.evaluate(expression, joined, ctes);
      for (const name of joined.using) {
        tracing.evaluate(columnNamed(name), left, ctes);
        tracing.evaluate(columnNamed(name), right, ctes);
      }
      // Of semi and anti joins only the left side goes on.
      return from.how === 'semi' ? { ...left, outer } : joined;
    }
  }
}

function frame(relations: readonly Relation[], outer: Frame | null): Frame {
  return { relations, merged: new Map(), hidden: new Map(), aliases: new Map(), outer };
}

const pathOf = (alias: Alias | null): readonly string[] => (alias === null ? [] : [alias.name]);

function shaped({ columns, more }: Omit<Relation, 'path'>, alias: Alias | null): Relation {
  return { path: pathOf(alias), columns: renamed(columns, alias), more };
}

const hidden = (name: string): TracedColumn => unknownColumn(name, 'a star hides where it comes from');

function relationOf(output: Output, alias: Alias | null): Relation {
  return {
    path: pathOf(alias),
    columns: renamed(output.columns, alias),
    more: output.complete ? undefined : (output.more ?? hidden),
  };
}

/** A table function's columns all depend on its arguments; which there are is known only where they are named. */
function functionRelation(column: TracedColumn, own: readonly string[], alias: Alias | null): Relation {
  const given = alias?.columns ?? [];
  const names = own.length > given.length ? [...given, ...own.slice(given.length)] : given;
  const more = (name: string): TracedColumn => ({ ...column, name });
  return { path: pathOf(alias), columns: names.map(more), more: names.length > 0 ? undefined : more };
}

function join(
  left: Frame,
  right: Frame,
  { using, how }: Extract<From, { kind: 'join' }>,
  outer: Frame | null,
): Frame & { readonly using: readonly string[] } {
  const names = using === 'natural' ? sharedNames(left, right) : using;
  const merged = new Map([...left.merged, ...right.merged]);
  const hidden = new Map([...left.hidden, ...right.hidden]);
  for (const name of names) {
    const a = columnIn(left, name);
    const b = columnIn(right, name);
    const parts = how === 'right' ? [b] : how === 'full' ? [a, b] : [a];
    merged.set(name.toLowerCase(), mergeColumns(name, parts, how === 'full' ? 'transformed' : 'none'));
    for (const relation of right.relations) {
      const before = hidden.get(relation) ?? new Set<string>();
      hidden.set(relation, new Set([...before, name.toLowerCase()]));
    }
  }
  return {
    relations: [...left.relations, ...right.relations],
    merged,
    hidden,
    aliases: new Map(),
    outer,
    using: names,
  };
}

function columnIn(side: Frame, name: string): TracedColumn {
  const merged = side.merged.get(name.toLowerCase());
  if (merged !== undefined) return merged;
  const found = side.relations.flatMap((relation) => columnOf(relation, name) ?? []);
  const [first] = found;
  if (first !== undefined) return first;
  const open = side.relations.filter((relation) => relation.more !== undefined);
  const [only] = open;
  if (only?.more !== undefined && open.length === 1) return only.more(name);
  return unknownColumn(name, `${name} is joined on, but not known`);
}

function sharedNames(left: Frame, right: Frame): readonly string[] {
  const names = right.relations.flatMap(({ columns }) => columns.flatMap(({ name }) => name ?? []));
  return names.filter((name) =>
    left.relations.some(({ columns }) => columns.some((column) => same(column.name, name))),
  );
}
