/** Expressions in DuckDB's own tree of a query. */
import type { Expression, NameTest, Query, Reference, Star } from '../query.js';
import { AGGREGATES } from './functions.js';
import { type Branch, below, isBranch, listOf, type Tree } from './syntax-tree.js';

interface Found {
  readonly references: Reference[];
  readonly perhaps: Reference[];
  readonly stars: Star[];
  readonly subqueries: Query[];
  aggregates: boolean;
}

export const textAt = (tree: Tree | undefined, ...path: readonly string[]): string | undefined => {
  const found = below(tree, ...path);
  return typeof found === 'string' ? found : undefined;
};

export const textsOf = (tree: Tree | undefined): readonly string[] =>
  listOf(tree).filter((item) => typeof item === 'string');

/** Reads expressions; queries inside them go to `readQuery`. */
export function duckdbExpressions(readQuery: (tree: Tree | undefined) => Query) {
  const walk = (tree: Tree | undefined, found: Found, bound: ReadonlySet<string>): void => {
    if (Array.isArray(tree)) for (const item of tree) walk(item, found, bound);
    if (!isBranch(tree)) return;
    switch (tree.class) {
      case 'COLUMN_REF': {
        const names = textsOf(tree.column_names);
        if (!bound.has(names[0]?.toLowerCase() ?? '')) found.references.push(names);
        return;
      }
      case 'POSITIONAL_REFERENCE':
        found.references.push([`#${tree.index}`]);
        return;
      case 'SUBQUERY':
        found.subqueries.push(readQuery(below(tree.subquery, 'node')));
        walk(tree.child, found, bound);
        return;
      case 'LAMBDA':
        walk(tree.expr, found, new Set([...bound, ...lambdaNames(tree.lhs)]));
        return;
      case 'STAR':
        // One of `columns(…)` is read where the whole item is.
        if (tree.columns !== true) found.stars.push(readStar(tree));
        return;
      case 'FUNCTION':
        readFunction(tree, found);
    }
    if (tree.type === 'OPERATOR_UNPACK') found.stars.push(...starsIn(tree.children).map(columnsStar));
    for (const [key, content] of Object.entries(tree))
      if (key !== 'cast_type' && typeof content === 'object') walk(content, found, bound);
  };
  /** `*` or `columns(…)`, but for a regular expression in it. */
  const readStar = (tree: Branch): Star => {
    const only = nameTest(tree.expr);
    return {
      kind: 'star',
      of: textAt(tree, 'relation_name') === undefined ? null : [textAt(tree, 'relation_name') ?? ''],
      exclude: [
        ...textsOf(tree.exclude_list),
        ...listOf(tree.qualified_exclude_list).map((one) => textAt(one, 'column') ?? ''),
      ],
      replace: listOf(tree.replace_list).map((one) => ({
        name: textAt(one, 'key') ?? '',
        expression: read(below(one, 'value')),
      })),
      rename: listOf(tree.rename_list).map((one) => ({
        from: textAt(one, 'key', 'column') ?? '',
        to: textAt(one, 'value') ?? '',
      })),
      ...(only === undefined ? {} : { only }),
    };
  };
  /** `columns(…)` with its regular expression, if it has one. */
  const columnsStar = (tree: Branch): Star => {
    const pattern = constantText(tree.expr);
    return { ...readStar(tree), ...(pattern === undefined ? {} : { only: { kind: 'regexp', pattern, exact: true } }) };
  };
  const read = (...trees: readonly (Tree | undefined)[]): Expression => {
    const found: Found = { references: [], perhaps: [], stars: [], subqueries: [], aggregates: false };
    for (const tree of trees) walk(tree, found, new Set());
    const [only] = trees;
    return { ...found, plain: trees.length === 1 && isBranch(only) && only.class === 'COLUMN_REF' };
  };
  return { read, readStar, columnsStar };
}

function readFunction(tree: Branch, found: Found): void {
  const { function_name: name, schema, catalog, filter, distinct } = tree;
  const sorted = listOf(below(tree.order_bys, 'orders')).length > 0;
  if (AGGREGATES.has(String(name).toLowerCase()) || filter !== undefined || distinct === true || sorted)
    found.aggregates = true;
  // `column.function()` is written down as a function of a schema.
  if (typeof schema === 'string' && schema !== 'main' && catalog === undefined) found.perhaps.push([schema]);
}

/** Calls of `columns(…)` in an item, not those in queries of its own. */
export function starsIn(tree: Tree | undefined): readonly Branch[] {
  if (Array.isArray(tree)) return tree.flatMap(starsIn);
  if (!isBranch(tree) || tree.class === 'SUBQUERY') return [];
  if (tree.class === 'STAR') return tree.columns === true ? [tree] : [];
  return Object.values(tree).flatMap(starsIn);
}

function lambdaNames(tree: Tree | undefined): readonly string[] {
  if (!isBranch(tree)) return [];
  const names = tree.class === 'COLUMN_REF' ? textsOf(tree.column_names).slice(0, 1) : [];
  return [...names.map((name) => name.toLowerCase()), ...listOf(tree.children).flatMap(lambdaNames)];
}

export const constantText = (tree: Tree | undefined): string | undefined =>
  isBranch(tree) && tree.class === 'CONSTANT' ? textAt(tree, 'value', 'value') : undefined;

const LIKE: Readonly<Record<string, (pattern: string) => NameTest>> = {
  '~~': (pattern) => ({ kind: 'like', pattern, exact: true }),
  '~~*': (pattern) => ({ kind: 'like', pattern, exact: false }),
  '~~~': (pattern) => ({ kind: 'glob', pattern, exact: true }),
  regexp_full_match: (pattern) => ({ kind: 'full', pattern, exact: true }),
  regexp_matches: (pattern) => ({ kind: 'regexp', pattern, exact: true }),
  starts_with: (text) => ({ kind: 'starts', text }),
  prefix: (text) => ({ kind: 'starts', text }),
  '^@': (text) => ({ kind: 'starts', text }),
  ends_with: (text) => ({ kind: 'ends', text }),
  suffix: (text) => ({ kind: 'ends', text }),
  contains: (text) => ({ kind: 'contains', text }),
};
const NEGATED: Readonly<Record<string, string>> = { '!~~': '~~', '!~~*': '~~*' };

/** The test that a function of a name and a text is. */
export function likeTest(name: string, pattern: string): NameTest | undefined {
  const negated = NEGATED[name];
  const make = LIKE[negated ?? name];
  if (make === undefined) return undefined;
  const test = make(pattern);
  return negated === undefined ? test : { kind: 'not', test };
}

/** What is in `columns(…)` beside a star: a list of names, or a lambda over names. @throws Error for what is not followed. */
function nameTest(tree: Tree | undefined): NameTest | undefined {
  if (tree === undefined || constantText(tree) !== undefined) return undefined;
  const children = listOf(below(tree, 'children'));
  const name = textAt(tree, 'function_name');
  if (name === 'list_value') {
    const names = children.map(constantText);
    if (names.every((one) => one !== undefined)) return { kind: 'one', names, exact: false };
  }
  if (name === 'list_filter') {
    const star = children[0];
    const [variable] = lambdaNames(below(children[1], 'lhs'));
    const test = conditionTest(below(children[1], 'expr'), variable ?? '');
    if (isBranch(star) && star.class === 'STAR' && test !== undefined) return test;
  }
  throw new Error('this columns(…) is not followed');
}

function conditionTest(tree: Tree | undefined, variable: string): NameTest | undefined {
  if (!isBranch(tree)) return undefined;
  const children = listOf(tree.children);
  const tests = (): readonly NameTest[] | undefined => {
    const all = children.map((child) => conditionTest(child, variable));
    return all.every((test) => test !== undefined) ? all : undefined;
  };
  switch (tree.type) {
    case 'CONJUNCTION_AND':
    case 'CONJUNCTION_OR': {
      const parts = tests();
      return parts && { kind: tree.type === 'CONJUNCTION_AND' ? 'all' : 'any', tests: parts };
    }
    case 'OPERATOR_NOT': {
      const test = conditionTest(children[0], variable);
      return test && { kind: 'not', test };
    }
    case 'COMPARE_IN':
    case 'COMPARE_NOT_IN': {
      const names = children.slice(1).map(constantText);
      if (!names.every((name) => name !== undefined)) return undefined;
      const test = about(children[0], variable, { kind: 'one', names, exact: true });
      return test && (tree.type === 'COMPARE_IN' ? test : { kind: 'not', test });
    }
    case 'COMPARE_EQUAL':
    case 'COMPARE_NOTEQUAL': {
      const sides = [tree.left, tree.right];
      const text = sides.map(constantText).find((side) => side !== undefined);
      if (text === undefined) return undefined;
      const other = sides.find((side) => constantText(side) === undefined);
      const test = about(other, variable, { kind: 'one', names: [text], exact: true });
      return test && (tree.type === 'COMPARE_EQUAL' ? test : { kind: 'not', test });
    }
    case 'FUNCTION': {
      const text = constantText(children[1]);
      const name = textAt(tree, 'function_name') ?? '';
      if (text === undefined || children.length !== 2) return undefined;
      const test = likeTest(name, text);
      return test && about(children[0], variable, test);
    }
  }
  return undefined;
}

/** The test about the lambda's variable, or about that in lower or upper case. */
function about(tree: Tree | undefined, variable: string, test: NameTest): NameTest | undefined {
  if (!isBranch(tree)) return undefined;
  if (tree.class === 'COLUMN_REF')
    return textsOf(tree.column_names).join('.').toLowerCase() === variable ? test : undefined;
  const name = textAt(tree, 'function_name');
  if (name !== 'lower' && name !== 'upper' && name !== 'lcase' && name !== 'ucase') return undefined;
  const inner = about(listOf(tree.children)[0], variable, test);
  return inner && { kind: name === 'lower' || name === 'lcase' ? 'lower' : 'upper', test: inner };
}
