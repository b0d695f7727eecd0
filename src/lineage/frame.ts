/** What names mean inside one SELECT: its relations, columns joined by USING, aliases, and the query around it. */
import { mergeColumns, type TracedColumn, unknownColumn } from './column.js';
import type { Reference } from './query.js';

export interface Relation {
  /** What its columns may be qualified with: the alias, or the parts of the table's name. */
  readonly path: readonly string[];
  readonly columns: readonly TracedColumn[];
  /** Undefined when `columns` are all; else gives a column that is not among them. */
  readonly more?: ((name: string) => TracedColumn) | undefined;
}

export interface Frame {
  readonly relations: readonly Relation[];
  /** Columns that USING makes of two. */
  readonly merged: ReadonlyMap<string, TracedColumn>;
  /** Columns of a relation that `*` leaves out, since USING gives them once. */
  readonly hidden: ReadonlyMap<Relation, ReadonlySet<string>>;
  /** Columns of the select list, which its other parts may name. */
  readonly aliases: Map<string, TracedColumn>;
  readonly outer: Frame | null;
}

export const same = (a: string | null | undefined, b: string | null | undefined): boolean =>
  a?.toLowerCase() === b?.toLowerCase();

/** The column of that name, or in that place (`$1`) of a relation whose columns are all known. */
export function columnOf(relation: Relation, name: string): TracedColumn | undefined {
  const found = relation.columns.find((column) => same(column.name, name));
  const place = found === undefined && relation.more === undefined ? /^\$(\d+)$/.exec(name)?.[1] : undefined;
  return place === undefined ? found : relation.columns[Number(place) - 1];
}

/** The column that a reference means, or an unknown one that says why. */
export function resolve(reference: Reference, frame: Frame): TracedColumn {
  for (let at: Frame | null = frame; at !== null; at = at.outer) {
    const found = reference.length === 1 ? bare(reference[0] ?? '', at) : qualified(reference, at);
    if (found !== undefined) return found;
  }
  if (PSEUDO.test(reference.at(-1) ?? ''))
    return { name: reference.at(-1) ?? null, sources: new Map(), change: 'none' };
  return unknownColumn(reference.at(-1) ?? null, `${reference.join('.')} is no column that is known here`);
}

/** What rows have without being columns: of CONNECT BY, of files in a stage, of DuckDB's tables. */
const PSEUDO = /^(level|connect_by_is(leaf|cycle)|metadata\$\w+|rowid)$/i;

/** Whether a name is sure to be a column, here or in a query around. */
export function isColumn([name]: Reference, frame: Frame): boolean {
  for (let at: Frame | null = frame; at !== null; at = at.outer)
    if (name !== undefined && at.relations.some((relation) => columnOf(relation, name) !== undefined)) return true;
  return false;
}

function bare(name: string, frame: Frame): TracedColumn | undefined {
  const merged = frame.merged.get(name.toLowerCase());
  if (merged !== undefined) return merged;
  const found = frame.relations.flatMap((relation) => columnOf(relation, name) ?? []);
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  if (first !== undefined) {
    const all = mergeColumns(name, found);
    return { ...all, unknown: all.unknown ?? `${name} stands in several relations` };
  }
  const alias = frame.aliases.get(name.toLowerCase());
  const open = frame.relations.flatMap(({ more }) => more?.(name) ?? []);
  const [only] = open;
  // Of all that are in view only one has columns that are not known: the name can be no other's.
  if (only !== undefined && open.length === 1 && (alias === undefined || sameSources(alias, only))) return only;
  if (only !== undefined)
    return unknownColumn(name, `${name} may be of several relations whose columns are not all known`);
  if (alias !== undefined) return alias;
  const whole = frame.relations.find((relation) => same(relation.path.at(-1), name));
  return whole === undefined ? undefined : wholeRow(name, whole);
}

function sameSources(a: TracedColumn, b: TracedColumn): boolean {
  return a.sources.size === b.sources.size && [...a.sources.keys()].every((key) => b.sources.has(key));
}

function wholeRow(name: string, relation: Relation): TracedColumn {
  const row = mergeColumns(name, relation.columns, 'transformed');
  return relation.more === undefined
    ? row
    : { ...row, unknown: row.unknown ?? `the columns of ${name} are not all known` };
}

/** `t.column`, `schema.t.column`, with fields behind; or a field of a column. */
function qualified(reference: Reference, frame: Frame): TracedColumn | undefined {
  for (let length = reference.length - 1; length >= 1; length--) {
    const relation = relationNamed(reference.slice(0, length), frame);
    const name = reference[length];
    if (relation === undefined || name === undefined) continue;
    const column = columnOf(relation, name) ?? relation.more?.(name);
    if (column === undefined) continue;
    return length === reference.length - 1 ? column : mergeColumns(reference.at(-1) ?? name, [column], 'transformed');
  }
  const [first] = reference;
  const column = first === undefined || isRelation(first, frame) ? undefined : bare(first, frame);
  return column === undefined ? undefined : mergeColumns(reference.at(-1) ?? null, [column], 'transformed');
}

function isRelation(name: string, frame: Frame): boolean {
  return relationNamed([name], frame) !== undefined;
}

/** The relation whose name ends with these parts. */
export function relationNamed(parts: readonly string[], frame: Frame): Relation | undefined {
  return frame.relations.find((relation) => {
    const tail = relation.path.slice(-parts.length);
    return tail.length === parts.length && tail.every((part, i) => same(part, parts[i]));
  });
}
