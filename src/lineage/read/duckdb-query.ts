/** From DuckDB's own tree of a query, as `json_serialize_sql` gives it, to our shape. */
import type { Alias, Body, ColumnsCall, From, Item, Query, Select, Star } from '../query.js';
import { constantText, duckdbExpressions, likeTest, starsIn, textAt, textsOf } from './duckdb-expression.js';
import { ANY_VALUE } from './dynamic-pivot.js';
import { functionColumns } from './functions.js';
import { type Branch, below, isBranch, listOf, type Tree } from './syntax-tree.js';

const { read, readStar, columnsStar } = duckdbExpressions((tree) => readDuckdbQuery(tree));

/** Reads the node of a statement. @throws Error for what is not followed. */
export function readDuckdbQuery(node: Tree | undefined): Query {
  const ctes = listOf(below(node, 'cte_map', 'map')).map((entry) => {
    const value = below(entry, 'value');
    return {
      alias: { name: textAt(entry, 'key') ?? '', columns: textsOf(below(value, 'aliases')) },
      node: below(value, 'query', 'node'),
    };
  });
  const modifiers = listOf(below(node, 'modifiers'));
  return {
    ctes: ctes.map(({ alias, node: inner }) => ({ alias, query: readDuckdbQuery(inner) })),
    recursive: ctes.some(({ node: inner }) => textAt(inner, 'type') === 'RECURSIVE_CTE_NODE'),
    body: readBody(node),
    orderBy: modifiers.map((modifier) => read(modifier)),
  };
}

function readBody(node: Tree | undefined): Body {
  const type = textAt(node, 'type');
  switch (type) {
    case 'SELECT_NODE':
      return readSelect(node);
    case 'SET_OPERATION_NODE': {
      const operator = textAt(node, 'setop_type') ?? '';
      return {
        kind: 'set',
        operator: operator.startsWith('UNION') ? 'union' : 'other',
        byName: operator === 'UNION_BY_NAME',
        left: side(below(node, 'left')),
        right: side(below(node, 'right')),
      };
    }
    case 'RECURSIVE_CTE_NODE':
      return {
        kind: 'set',
        operator: 'union',
        byName: false,
        left: side(below(node, 'left')),
        right: side(below(node, 'right')),
      };
    default:
      throw new Error(`a query of the kind ${type} is not followed`);
  }
}

/** A side of a union may have CTEs and an order of its own. */
function side(node: Tree | undefined): Body {
  const query = readDuckdbQuery(node);
  return query.ctes.length === 0 && query.orderBy.length === 0 ? query.body : { kind: 'query', query };
}

function readSelect(node: Tree | undefined): Select {
  const uses = ['where_clause', 'group_expressions', 'having', 'qualify'];
  return {
    kind: 'select',
    items: listOf(below(node, 'select_list')).map(readItem),
    from: readFrom(below(node, 'from_table')),
    uses: uses.map((key) => read(below(node, key))),
  };
}

function readItem(tree: Tree): Item {
  const alias = textAt(tree, 'alias') || undefined;
  if (isBranch(tree) && tree.class === 'STAR' && tree.columns !== true) return readStar(tree);
  const filtered = filteredStar(tree);
  if (filtered !== undefined) return filtered;
  const calls = starsIn(withoutUnpacked(tree));
  if (calls.length > 0) return readColumns(tree, calls, alias);
  const expression = read(tree);
  if (textAt(tree, 'function_name') === 'unnest') {
    // Of a struct it makes a column for each field; without a name of its own, so may that of anything.
    if (alias === undefined) return { kind: 'some', of: expression };
  }
  return { kind: 'expression', name: alias ?? impliedName(tree) ?? null, expression };
}

const impliedName = (tree: Tree): string | undefined =>
  textAt(tree, 'class') === 'COLUMN_REF' ? textsOf(below(tree, 'column_names')).at(-1) : undefined;

/** `* like '…'`. */
function filteredStar(tree: Tree): Star | undefined {
  const negated = textAt(tree, 'type') === 'OPERATOR_NOT';
  const call = negated ? listOf(below(tree, 'children'))[0] : tree;
  const [star, pattern] = listOf(below(call, 'children'));
  if (!isBranch(star) || star.class !== 'STAR' || star.columns === true) return undefined;
  const text = constantText(pattern);
  const test = text === undefined ? undefined : likeTest(textAt(call, 'function_name') ?? '', text);
  if (test === undefined) return undefined;
  return { ...readStar(star), only: negated ? { kind: 'not', test } : test };
}

/** `f(*columns(…))` is one column, made of them all. */
function withoutUnpacked(tree: Tree | undefined): Tree {
  if (Array.isArray(tree)) return tree.map(withoutUnpacked);
  if (!isBranch(tree)) return tree ?? null;
  if (tree.type === 'OPERATOR_UNPACK') return null;
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, withoutUnpacked(value)]));
}

/** An item in which `columns(…)` stands: one expression for each column. */
function readColumns(tree: Tree, calls: readonly Branch[], alias: string | undefined): Item {
  const [call] = calls;
  const written = new Set(calls.map((one) => JSON.stringify({ ...one, query_location: 0, alias: '' })));
  if (call === undefined || written.size > 1) return { kind: 'some', of: null };
  let star: Star;
  try {
    star = readStar(call);
  } catch {
    return { kind: 'some', of: null };
  }
  const made: ColumnsCall = {
    kind: 'columns',
    star,
    pattern: constantText(call.expr) ?? null,
    alias: alias ?? null,
    plain: textAt(tree, 'class') === 'STAR',
    around: read(tree),
  };
  return made;
}

function aliasOf(tree: Tree | undefined): Alias | null {
  const name = textAt(tree, 'alias');
  if (name === undefined || name === '') return null;
  return { name, columns: textsOf(below(tree, 'column_name_alias')) };
}

function readFrom(tree: Tree | undefined): From | null {
  const alias = aliasOf(tree);
  const type = textAt(tree, 'type');
  switch (type) {
    case undefined:
    case 'EMPTY':
      return null;
    case 'BASE_TABLE': {
      const name = ['catalog_name', 'schema_name', 'table_name'].flatMap((key) => textAt(tree, key) || []);
      return { kind: 'table', name, alias };
    }
    case 'SUBQUERY':
      return { kind: 'derived', query: readDuckdbQuery(below(tree, 'subquery', 'node')), alias };
    case 'EXPRESSION_LIST':
      return values(tree, alias);
    case 'TABLE_FUNCTION':
      return readFunction(tree, alias);
    case 'JOIN':
      return readJoin(tree);
    case 'PIVOT':
      return readPivot(tree, alias);
    case 'SHOW_REF':
      return { kind: 'reshaped', from: null, uses: [], alias };
    default:
      throw new Error(`a relation of the kind ${type} is not followed`);
  }
}

const given = (tree: Tree | undefined): From => {
  const from = readFrom(tree);
  if (from === null) throw new Error('a join of nothing is not followed');
  return from;
};

function values(tree: Tree | undefined, alias: Alias | null): From {
  const rows = listOf(below(tree, 'values')).map((row) => listOf(row).map((value) => read(value)));
  return {
    kind: 'derived',
    query: { ctes: [], recursive: false, body: { kind: 'values', rows, nameOf: (i) => `col${i}` }, orderBy: [] },
    alias,
  };
}

function readFunction(tree: Tree | undefined, alias: Alias | null): From {
  const call = below(tree, 'function');
  const name = textAt(call, 'function_name') ?? '';
  const args = listOf(below(call, 'children'));
  const file = constantText(args[0]);
  // read_csv('file') and the like: the file is the relation, which may be a source's.
  if (/^(read_|parquet_scan$)/i.test(name) && file !== undefined)
    return { kind: 'table', name: [file], alias: alias ?? { name, columns: [] } };
  return { kind: 'function', arguments: args.map((argument) => read(argument)), columns: functionColumns(name), alias };
}

function readJoin(tree: Tree | undefined): From {
  const kind = textAt(tree, 'join_type') ?? '';
  return {
    kind: 'join',
    left: given(below(tree, 'left')),
    right: given(below(tree, 'right')),
    how: /SEMI|ANTI/.test(kind) ? 'semi' : /FULL|OUTER/.test(kind) ? 'full' : /RIGHT/.test(kind) ? 'right' : 'inner',
    using: textAt(tree, 'ref_type') === 'NATURAL' ? 'natural' : textsOf(below(tree, 'using_columns')),
    on: [read(below(tree, 'condition'))],
  };
}

function readPivot(tree: Tree | undefined, alias: Alias | null): From {
  const from = given(below(tree, 'source'));
  const pivots = listOf(below(tree, 'pivots'));
  const unpivoted = textsOf(below(tree, 'unpivot_names'));
  if (unpivoted.length > 0) {
    const [pivot] = pivots;
    return {
      kind: 'unpivot',
      from,
      values: unpivoted,
      name: textsOf(below(pivot, 'unpivot_names'))[0] ?? 'name',
      entries: listOf(below(pivot, 'entries')).map((entry) => {
        const star = below(entry, 'star_expr');
        if (star === undefined) return valuesOf(entry);
        const call = isBranch(star) && star.class === 'STAR' ? star : undefined;
        const only = filteredStar(star);
        if (call === undefined && only === undefined) throw new Error('this UNPIVOT is not followed');
        return only ?? columnsStar(call ?? {});
      }),
      alias,
    };
  }
  const groups = textsOf(below(tree, 'groups'));
  return {
    kind: 'pivot',
    from,
    aggregates: listOf(below(tree, 'aggregates')).map((one) => ({
      name: textAt(one, 'alias') || null,
      expression: read(one),
    })),
    on: pivots.map((pivot) => ({
      expression: read(below(pivot, 'pivot_expressions')),
      values: pivotNames(listOf(below(pivot, 'entries'))),
    })),
    groups: groups.length === 0 ? null : groups,
    alias,
  };
}

const valuesOf = (entry: Tree): readonly string[] =>
  listOf(below(entry, 'values')).flatMap((value) => textAt(value, 'value') ?? []);

/** A name for each value; null where the values are those of the data. */
function pivotNames(entries: readonly Tree[]): readonly string[] | null {
  const names = entries.map((entry) => {
    const alias = textAt(entry, 'alias');
    if (alias !== undefined && alias !== '') return alias;
    const parts = listOf(below(entry, 'values')).map((value) => below(value, 'value'));
    return parts.length === 0 || parts.some((part) => part === undefined) ? ANY_VALUE : parts.map(String).join('_');
  });
  return names.length === 0 || names.includes(ANY_VALUE) ? null : names;
}
