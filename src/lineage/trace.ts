/** Follows the columns of one query to the relations that it reads. */
import { type ColumnId, mergeColumns, sourceColumn, type TracedColumn, unknownColumn } from './column.js';
import { type Frame, isColumn, type Relation, resolve, same } from './frame.js';
import { buildFrom } from './from.js';
import type { Body, Query, Select } from './query.js';
import { columnsCall, expandStar } from './star.js';
import { type Ctes, type Output, renamed, type Tracing } from './tracing.js';

/** A relation that queries read, as far as its columns are known. */
export interface KnownRelation {
  /** A unique_id, or the dotted name of what is no node. */
  readonly id: string;
  readonly columns: readonly string[];
  /** Whether `columns` are all of them. */
  readonly complete: boolean;
}

export interface Traced extends Output {
  /** Columns that the query names, anywhere: it fails without them. What only a star passes on is not among them. */
  readonly uses: readonly ColumnId[];
  /** Ids of the relations it reads. */
  readonly reads: readonly string[];
}

/**
 * Traces a query. `find` gives what is known of a relation by the parts of its name. A column whose sources can't be told
 * has `unknown` with the reason.
 */
export function traceQuery(query: Query, find: (name: readonly string[]) => KnownRelation): Traced {
  const uses = new Map<string, ColumnId>();
  const reads = new Set<string>();
  const tracing: Tracing = {
    relation(name, alias) {
      const known = find(name);
      reads.add(known.id);
      const column = (wanted: string) => sourceColumn(wanted, { relation: known.id, column: wanted });
      return {
        path: alias === null ? name : [alias.name],
        columns: renamed(known.columns.map(column), alias),
        more: known.complete ? undefined : column,
      };
    },
    query: (inner, ctes, outer) => traceInner(tracing, inner, ctes, outer),
    evaluate(expression, frame, ctes, name = null) {
      const parts = expression.references.map((reference) => {
        const column = resolve(reference, frame);
        for (const [key, id] of column.sources) uses.set(key, id);
        return column;
      });
      for (const reference of expression.perhaps ?? []) {
        if (!isColumn(reference, frame)) continue;
        const column = resolve(reference, frame);
        for (const [key, id] of column.sources) uses.set(key, id);
        parts.push(column);
      }
      for (const star of expression.stars ?? []) {
        const { columns, complete } = expandStar(tracing, star, frame, ctes);
        parts.push(...columns);
        if (!complete) parts.push(unknownColumn(null, 'a star hides where it comes from'));
      }
      for (const subquery of expression.subqueries) parts.push(...tracing.query(subquery, ctes, frame).columns);
      if (expression.plain) return mergeColumns(name, parts);
      return mergeColumns(name, parts, expression.aggregates ? 'aggregated' : 'transformed');
    },
  };
  const output = tracing.query(query, new Map(), null);
  return { ...output, uses: [...uses.values()], reads: [...reads] };
}

function traceInner(tracing: Tracing, query: Query, before: Ctes, outer: Frame | null): Output {
  const ctes = new Map(before);
  for (const { alias, query: inner } of query.ctes) {
    const name = alias.name.toLowerCase();
    const trace = (): void => {
      const output = tracing.query(inner, ctes, outer);
      ctes.set(name, { ...output, columns: renamed(output.columns, alias) });
    };
    const start = query.recursive ? anchorOf(inner.body) : undefined;
    if (start !== undefined) {
      // The recursive part reads what the part before it gives; a second pass has what the first one added.
      const anchor = traceBody(tracing, start, ctes, outer).output;
      ctes.set(name, { ...anchor, columns: renamed(anchor.columns, alias) });
      trace();
    }
    trace();
  }
  const { output, frame } = traceBody(tracing, query.body, ctes, outer);
  for (const expression of query.orderBy) tracing.evaluate(expression, frame, ctes);
  return output;
}

function anchorOf(body: Body): Body | undefined {
  return body.kind === 'set' ? body.left : undefined;
}

/** The frame is what an ORDER BY behind the body sees. */
function traceBody(
  tracing: Tracing,
  body: Body,
  ctes: Ctes,
  outer: Frame | null,
): { readonly output: Output; readonly frame: Frame } {
  switch (body.kind) {
    case 'select':
      return traceSelect(tracing, body, ctes, outer);
    case 'query':
      return withFrame(tracing.query(body.query, ctes, outer));
    case 'values': {
      const width = Math.max(0, ...body.rows.map((row) => row.length));
      const frame = frameOf([], outer);
      const columns = Array.from({ length: width }, (_, i) => {
        const values = body.rows.flatMap((row) => row[i] ?? []);
        return mergeColumns(
          body.nameOf(i),
          values.map((value) => tracing.evaluate(value, frame, ctes)),
          'transformed',
        );
      });
      return withFrame({ columns, complete: true });
    }
    case 'set': {
      const left = traceBody(tracing, body.left, ctes, outer).output;
      const right = traceBody(tracing, body.right, ctes, outer).output;
      return withFrame(body.byName ? byName(left, right) : byPosition(left, right, body.operator === 'union'));
    }
  }
}

function frameOf(relations: readonly Relation[], outer: Frame | null): Frame {
  return { relations, merged: new Map(), hidden: new Map(), aliases: new Map(), outer };
}

function withFrame(output: Output): { readonly output: Output; readonly frame: Frame } {
  const more = output.complete ? undefined : (name: string) => unknownColumn(name, 'a star hides where it comes from');
  return { output, frame: frameOf([{ path: [], columns: output.columns, more }], null) };
}

/** Rows of except and intersect are the left side's; those of a union come from both. */
function byPosition(left: Output, right: Output, union: boolean): Output {
  if (!union) return left;
  const sure = left.complete && right.complete;
  return {
    complete: left.complete,
    columns: left.columns.map((column, i) => {
      const other = sure ? right.columns[i] : undefined;
      if (other !== undefined) return mergeColumns(column.name, [column, other]);
      return { ...column, unknown: column.unknown ?? 'a star in a union hides which columns meet' };
    }),
  };
}

function byName(left: Output, right: Output): Output {
  const both = left.columns.map((column) => {
    const other = right.columns.find(({ name }) => same(name, column.name));
    const merged = other === undefined ? column : mergeColumns(column.name, [column, other]);
    return right.complete || other !== undefined
      ? merged
      : { ...merged, unknown: merged.unknown ?? 'a star in a union hides which columns meet' };
  });
  const added = right.columns.filter(({ name }) => !left.columns.some((column) => same(column.name, name)));
  return { complete: left.complete && right.complete, columns: [...both, ...added] };
}

function traceSelect(
  tracing: Tracing,
  select: Select,
  ctes: Ctes,
  outer: Frame | null,
): { readonly output: Output; readonly frame: Frame } {
  const frame = select.from === null ? frameOf([], outer) : buildFrom(tracing, select.from, ctes, outer);
  const columns: TracedColumn[] = [];
  let complete = true;
  const open: (Output['more'] | null)[] = [];
  for (const item of select.items) {
    if (item.kind === 'expression') {
      const column = tracing.evaluate(item.expression, frame, ctes, item.name);
      if (item.name !== null) frame.aliases.set(item.name.toLowerCase(), column);
      columns.push(column);
    } else if (item.kind === 'star') {
      const star = expandStar(tracing, item, frame, ctes);
      columns.push(...star.columns);
      complete &&= star.complete;
      if (!star.complete) open.push(star.more);
    } else if (item.kind === 'columns') {
      const found = columnsCall(tracing, item, frame, ctes);
      columns.push(...found.columns);
      complete &&= found.complete;
      if (!found.complete) open.push(null);
    } else {
      complete = false;
      const made = item.of === null ? undefined : tracing.evaluate(item.of, frame, ctes);
      open.push(made === undefined ? null : (name) => mergeColumns(name, [made], 'transformed'));
    }
  }
  for (const expression of select.uses) tracing.evaluate(expression, frame, ctes);
  const [more] = open;
  const only = open.length === 1 && more !== null ? more : undefined;
  return { output: { columns, complete, more: only }, frame };
}
