/** From the parser's tree to our own shape of a query. */
import type { Alias, Body, Expression, From, Item, Query, Select, Star } from '../query.js';
import { functionColumns } from './functions.js';
import { expressionReader, functionName } from './read-expression.js';
import { type Branch, below, isBranch, listOf, nameIn, namesIn, type Tree, variant } from './syntax-tree.js';

const expression = expressionReader(
  (tree) => readQuery(tree),
  (of, options) => readStar(of, options),
);

/** Reads a query's tree; throws where its body is none that gives rows. */
export function readQuery(tree: Tree | undefined): Query {
  return {
    ctes: listOf(below(tree, 'with', 'cte_tables')).map((cte) => ({
      alias: readAlias(below(cte, 'alias')) ?? { name: '', columns: [] },
      query: readQuery(below(cte, 'query')),
    })),
    recursive: below(tree, 'with', 'recursive') === true,
    body: readBody(below(tree, 'body')),
    orderBy: [expression(below(tree, 'order_by'))],
  };
}

function readBody(tree: Tree | undefined): Body {
  const [kind, content] = variant(tree) ?? ['nothing', null];
  switch (kind) {
    case 'Select':
      return readSelect(content);
    case 'Query':
      return { kind: 'query', query: readQuery(content) };
    case 'SetOperation':
      return {
        kind: 'set',
        operator: below(content, 'op') === 'Union' ? 'union' : 'other',
        byName: String(below(content, 'set_quantifier')).includes('ByName'),
        left: readBody(below(content, 'left')),
        right: readBody(below(content, 'right')),
      };
    case 'Values':
      return {
        kind: 'values',
        nameOf: (i) => `column${i + 1}`,
        rows: listOf(below(content, 'rows')).map((row) =>
          listOf(below(row, 'content') ?? row).map((value) => expression(value)),
        ),
      };
    default:
      throw new Error(`a query of the kind '${kind}' is not followed`);
  }
}

function readSelect(tree: Tree): Select {
  const all: Item = { kind: 'star', of: null, exclude: [], replace: [], rename: [] };
  const items = listOf(below(tree, 'projection')).map(readItem);
  const from = listOf(below(tree, 'from')).map(readJoins);
  const uses = ['selection', 'group_by', 'having', 'qualify', 'distinct', 'named_window', 'connect_by', 'prewhere'];
  return {
    kind: 'select',
    // DuckDB's `from t` on its own gives every column.
    items: items.length === 0 ? [all] : items,
    from: from.length === 0 ? null : from.reduce(crossJoin),
    uses: [...uses.map((key) => expression(below(tree, key)))],
  };
}

function crossJoin(left: From, right: From): From {
  return { kind: 'join', left, right, how: 'inner', using: [], on: [] };
}

function readItem(tree: Tree): Item {
  const [kind, content] = variant(tree) ?? ['', null];
  if (kind === 'Wildcard') return readStar(null, content);
  if (kind === 'QualifiedWildcard') {
    const [of, options] = listOf(content);
    const name = namesIn(below(of, 'ObjectName'));
    // `(expression).*`: the fields of a struct.
    return name.length === 0 ? { kind: 'some', of: expression(of) } : readStar(name, options ?? null);
  }
  const written = kind === 'ExprWithAlias' ? below(content, 'expr') : content;
  if (hasColumnsCall(written))
    return readColumnsCall(written, kind === 'ExprWithAlias' ? nameIn(below(content, 'alias')) : undefined);
  const name = kind === 'ExprWithAlias' ? nameIn(below(content, 'alias')) : impliedName(written);
  // unnest(struct) makes a column of each field; without a name of its own, so may unnest of anything.
  if (name === undefined && isUnnest(written)) return { kind: 'some', of: expression(written) };
  return { kind: 'expression', name: name ?? null, expression: expression(written) };
}

function readStar(of: readonly string[] | null, options: Tree): Star {
  const excluded = [below(options, 'opt_exclude'), below(options, 'opt_except')];
  const pattern = below(options, 'opt_ilike', 'pattern');
  return {
    kind: 'star',
    of,
    exclude: excluded.flatMap(excludedNames),
    replace: listOf(below(options, 'opt_replace', 'items')).map((item) => ({
      name: nameIn(below(item, 'column_name')) ?? '',
      expression: expression(below(item, 'expr')),
    })),
    rename: listOf(below(options, 'opt_rename', 'Multiple') ?? single(below(options, 'opt_rename', 'Single'))).map(
      (item) => ({ from: nameIn(below(item, 'ident')) ?? '', to: nameIn(below(item, 'alias')) ?? '' }),
    ),
    ...(isText(pattern) ? { only: { kind: 'like', pattern, exact: false } } : {}),
  };
}

const single = (tree: Tree | undefined): Tree => (tree === undefined ? [] : [tree]);

/** Every last identifier: names come plain, dotted, in one list or in lists of lists. */
function excludedNames(tree: Tree | undefined): string[] {
  if (Array.isArray(tree)) {
    const names = namesIn(tree);
    if (names.length > 0 && names.length === tree.length && isBranch(tree[0]) && 'Identifier' in tree[0])
      return names.slice(-1);
    return tree.flatMap(excludedNames);
  }
  if (!isBranch(tree)) return [];
  const name = nameIn(tree);
  return name === undefined ? Object.values(tree).flatMap(excludedNames) : [name];
}

/** The name that an expression without alias gives its column, where every warehouse agrees on it. */
function impliedName(tree: Tree | undefined): string | undefined {
  if (below(tree, 'Nested') !== undefined) return impliedName(below(tree, 'Nested'));
  return nameIn(below(tree, 'Identifier')) ?? namesIn(below(tree, 'CompoundIdentifier')).at(-1);
}

const hasColumnsCall = (tree: Tree | undefined): boolean => columnsCalls(tree).length > 0;

/** One call of columns('pattern'), columns(*) or columns(t.*), perhaps in an expression. */
function readColumnsCall(written: Tree | undefined, alias: string | undefined): Item {
  const calls = columnsCalls(written);
  const [call] = calls;
  const [argument, ...others] = listOf(below(call, 'args', 'List', 'args'));
  const given = below(argument, 'Unnamed');
  if (call === undefined || calls.length > 1 || others.length > 0 || given === undefined)
    return { kind: 'some', of: null };
  const pattern = below(given, 'Expr', 'Value', 'value', 'SingleQuotedString');
  const all: Star = { kind: 'star', of: null, exclude: [], replace: [], rename: [] };
  const star = isText(pattern) || given === 'Wildcard' ? all : starArgument(given);
  if (star === undefined) return { kind: 'some', of: null };
  return {
    kind: 'columns',
    star,
    pattern: isText(pattern) ? pattern : null,
    alias: alias ?? null,
    plain: variant(written)?.[0] === 'Function' && below(written, 'Function') === call,
    around: expression(written),
  };
}

const isText = (tree: Tree | undefined): tree is string => typeof tree === 'string';

function starArgument(given: Tree): Star | undefined {
  const options = below(given, 'WildcardWithOptions');
  if (options !== undefined) return readStar(null, options);
  const of = namesIn(below(given, 'QualifiedWildcard'));
  return of.length === 0 ? undefined : readStar(of, null);
}

function columnsCalls(tree: Tree | undefined): Tree[] {
  if (Array.isArray(tree)) return tree.flatMap(columnsCalls);
  if (!isBranch(tree)) return [];
  const call = tree.Function;
  if (call !== undefined && functionName(call) === 'columns') return [call];
  return Object.entries(tree).flatMap(([key, value]) => (key === 'span' ? [] : columnsCalls(value)));
}

function isUnnest(tree: Tree | undefined): boolean {
  return isBranch(tree) && 'Function' in tree && functionName(tree.Function ?? null) === 'unnest';
}

function readAlias(tree: Tree | undefined): Alias | null {
  const name = nameIn(below(tree, 'name'));
  if (name === undefined) return null;
  return { name, columns: listOf(below(tree, 'columns')).flatMap((column) => nameIn(below(column, 'name')) ?? []) };
}

function readJoins(tree: Tree | undefined): From {
  let left = readRelation(below(tree, 'relation'));
  for (const join of listOf(below(tree, 'joins'))) {
    const [kind, content] = variant(below(join, 'join_operator')) ?? ['', null];
    const constraint = below(content, 'constraint') ?? content;
    const using = listOf(below(constraint, 'Using')).flatMap((name) => namesIn(name).at(-1) ?? nameIn(name) ?? []);
    left = {
      kind: 'join',
      left,
      right: readRelation(below(join, 'relation')),
      how: joinKind(kind),
      using: constraint === 'Natural' ? 'natural' : using,
      on: [expression(below(constraint, 'On')), expression(below(content, 'match_condition'))],
    };
  }
  return left;
}

function joinKind(kind: string): 'inner' | 'right' | 'full' | 'semi' {
  if (/Semi|Anti/.test(kind)) return 'semi';
  if (/Full/.test(kind)) return 'full';
  return /Right/.test(kind) ? 'right' : 'inner';
}

function readRelation(tree: Tree | undefined): From {
  const [kind, content] = variant(tree) ?? ['', null];
  const alias = readAlias(below(content, 'alias'));
  const call = (name: string, ...trees: (Tree | undefined)[]): From => ({
    kind: 'function',
    columns: functionColumns(name),
    arguments: trees.map((argument): Expression => expression(argument)),
    alias,
  });
  switch (kind) {
    case 'Table': {
      const args = below(content, 'args');
      const indirect = below(listOf(below(content, 'name'))[0], 'Function');
      if (indirect !== undefined) return { kind: 'table', name: identifierCall(indirect), alias };
      const name = namesIn(below(content, 'name'));
      // A stage of Snowflake: what is in parentheses are options.
      if (isBranch(args) && name[0]?.startsWith('@') !== true) {
        const reader = name.at(-1) ?? '';
        const file = below(listOf(args.args)[0], 'Unnamed', 'Expr', 'Value', 'value', 'SingleQuotedString');
        // read_csv('file') and the like: the file is the relation, which may be a source's.
        if (!/^(read_|parquet_scan$)/i.test(reader) || !isText(file)) return call(reader, args.args);
        return { kind: 'table', name: [file], alias: alias ?? { name: reader, columns: [] } };
      }
      return { kind: 'table', name, alias };
    }
    case 'Derived':
      return { kind: 'derived', query: readQuery(below(content, 'subquery')), alias };
    case 'Function':
      return call(namesIn(below(content, 'name')).at(-1) ?? '', below(content, 'args'));
    case 'TableFunction':
      return call(functionName(below(content, 'expr', 'Function') ?? null), below(content, 'expr'));
    case 'UNNEST':
      return call('unnest', below(content, 'array_exprs'));
    case 'Pivot': {
      const source = below(content, 'value_source', 'List');
      const on = below(content, 'value_column');
      if (listOf(on).length !== 1) break;
      const values = listOf(source).map(pivotName);
      return {
        kind: 'pivot',
        from: readRelation(below(content, 'table')),
        aggregates: listOf(below(content, 'aggregate_functions')).map((one) => ({
          name: nameIn(below(one, 'alias')) ?? null,
          expression: expression(below(one, 'expr')),
        })),
        on: [{ expression: expression(on), values: source !== undefined && values.every(isText) ? values : null }],
        groups: null,
        alias,
      };
    }
    case 'Unpivot': {
      const value = nameIn(below(content, 'value'));
      const name = nameIn(below(content, 'name'));
      const columns = listOf(below(content, 'columns')).map((one) => nameIn(below(one, 'expr')));
      if (value === undefined || name === undefined || !columns.every(isText)) break;
      const entries = columns.map((column) => [column]);
      return { kind: 'unpivot', from: readRelation(below(content, 'table')), values: [value], name, entries, alias };
    }
    case 'MatchRecognize':
      return readMatch(content, alias);
    case 'NestedJoin': {
      const inside = readJoins(below(content, 'table_with_joins'));
      return alias === null ? inside : { kind: 'reshaped', from: inside, uses: [], alias };
    }
  }
  const table = below(content, 'table');
  const rest: Branch = isBranch(content) ? content : {};
  const uses = Object.entries(rest).filter(([key]) => key !== 'table' && key !== 'alias');
  return {
    kind: 'reshaped',
    from: table === undefined ? null : readRelation(table),
    uses: uses.map(([, value]) => expression(value)),
    alias,
  };
}

/** `identifier('schema.table')`. @throws Error where the name is not written out. */
function identifierCall(call: Tree): readonly string[] {
  const name = below(listOf(below(call, 'args'))[0], 'Unnamed', 'Expr', 'Value', 'value', 'SingleQuotedString');
  if (!isText(name)) throw new Error('a relation whose name is computed is not followed');
  return name.split('.').map((part) => part.replace(/^"(.*)"$/, '$1'));
}

function readMatch(tree: Tree, alias: Alias | null): From {
  const symbols = new Set([...symbolsOf(below(tree, 'pattern'))].map((name) => name.toLowerCase()));
  // `a.amount` is the column in a row that matched the symbol a.
  const plain = (given: Expression): Expression => ({
    ...given,
    references: given.references.map((parts) =>
      parts.length > 1 && symbols.has(parts[0]?.toLowerCase() ?? '') ? parts.slice(1) : parts,
    ),
  });
  return {
    kind: 'match',
    from: readRelation(below(tree, 'table')),
    partition: listOf(below(tree, 'partition_by')).map((one) => ({
      name: impliedName(one) ?? null,
      expression: expression(one),
    })),
    measures: listOf(below(tree, 'measures')).map((one) => ({
      name: nameIn(below(one, 'alias')) ?? null,
      expression: plain(expression(below(one, 'expr'))),
    })),
    allRows: variant(below(tree, 'rows_per_match'))?.[0] === 'AllRows',
    uses: [
      expression(below(tree, 'order_by')),
      ...listOf(below(tree, 'symbols')).map((one) => plain(expression(below(one, 'definition')))),
    ],
    alias,
  };
}

function symbolsOf(tree: Tree | undefined): readonly string[] {
  if (Array.isArray(tree)) return tree.flatMap(symbolsOf);
  if (!isBranch(tree)) return [];
  const name = nameIn(tree.Named);
  return name === undefined ? Object.values(tree).flatMap(symbolsOf) : [name];
}

/** What a value of the pivoted column calls its column: its alias, or itself as DuckDB writes it. */
function pivotName(value: Tree): string | undefined {
  const alias = nameIn(below(value, 'alias'));
  if (alias !== undefined) return alias;
  const literal = Object.values((below(value, 'expr', 'Value', 'value') ?? {}) as Branch)[0];
  if (isText(literal)) return literal;
  const number = listOf(literal)[0];
  return isText(number) ? number : nameIn(below(value, 'expr'));
}
