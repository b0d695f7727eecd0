import type { Expression, Query, Reference, Star } from '../query.js';
import { AGGREGATES, datePartArgument } from './functions.js';
import { type Branch, below, isBranch, listOf, nameIn, namesIn, type Tree } from './syntax-tree.js';

/** Parts of an expression that are no values: types, names of functions, of fields, of collations. */
const NO_VALUES = new Set([
  'WildcardWithOptions',
  'QualifiedWildcard',
  'data_type',
  'collation',
  'name',
  'field',
  'alias',
  'Value',
  'TypedString',
  'span',
]);

interface Found {
  readonly references: Reference[];
  readonly subqueries: Query[];
  readonly stars: Star[];
  aggregates: boolean;
}

/** Reads expressions; queries inside them go to `readQuery`. */
export function expressionReader(
  readQuery: (tree: Branch) => Query,
  readStar: (of: readonly string[] | null, options: Tree) => Star,
): (...trees: (Tree | undefined)[]) => Expression {
  const walk = (tree: Tree | undefined, found: Found, bound: ReadonlySet<string>): void => {
    if (Array.isArray(tree)) {
      for (const item of tree) walk(item, found, bound);
      return;
    }
    if (!isBranch(tree)) return;
    if (isQuery(tree)) {
      found.subqueries.push(readQuery(tree));
      return;
    }
    for (const [key, content] of Object.entries(tree)) {
      const place = key === 'Value' ? below(content, 'value', 'Placeholder') : undefined;
      if (typeof place === 'string') refer(found, bound, [place]);
      if (NO_VALUES.has(key)) continue;
      if (key === 'Identifier') refer(found, bound, [nameIn(content) ?? '']);
      else if (key === 'CompoundIdentifier') refer(found, bound, namesIn(content));
      else if (key === 'access_chain') walkAccess(content, found, bound);
      else if (key === 'Lambda') walk(below(content, 'body'), found, new Set([...bound, ...lambdaNames(content)]));
      else if (key === 'Function' && functionName(content) === 'columns') continue;
      else if (key === 'Function') {
        if (isAggregate(content)) found.aggregates = true;
        found.stars.push(...starArguments(content));
        walk(withoutDatePart(content), found, bound);
      } else walk(content, found, bound);
    }
  };
  /** `f(*)`; `count(*)` counts rows. */
  const starArguments = (call: Tree): Star[] => {
    if (functionName(call) === 'count') return [];
    return listOf(below(call, 'args', 'List', 'args')).flatMap((argument) => {
      const given = below(argument, 'Unnamed');
      if (given === 'Wildcard') return readStar(null, null);
      const of = namesIn(below(given, 'QualifiedWildcard'));
      if (of.length > 0) return readStar(of, null);
      const options = below(given, 'WildcardWithOptions');
      return options === undefined ? [] : readStar(null, options);
    });
  };
  const walkAccess = (chain: Tree, found: Found, bound: ReadonlySet<string>): void => {
    // A field behind a dot is a name like any other in the tree, and no column.
    for (const step of listOf(chain)) if (below(step, 'Dot') === undefined) walk(step, found, bound);
  };
  return (...trees) => {
    const found: Found = { references: [], subqueries: [], stars: [], aggregates: false };
    for (const tree of trees) walk(tree, found, new Set());
    const [only] = trees;
    const plain = trees.length === 1 && isBranch(only) && isReference(only);
    return { ...found, plain };
  };
}

function refer(found: Found, bound: ReadonlySet<string>, parts: Reference): void {
  if (parts[0] !== undefined && !bound.has(parts[0].toLowerCase())) found.references.push(parts);
}

/** Whether a tree is a query and no lambda, which has a body too. */
export function isQuery(tree: Branch): boolean {
  const body = tree.body;
  return isBranch(body) && ['Select', 'SetOperation', 'Values', 'Query'].some((kind) => kind in body);
}

function isReference(tree: Branch): boolean {
  if ('Nested' in tree) return isBranch(tree.Nested) && isReference(tree.Nested);
  const place = below(tree, 'Value', 'value', 'Placeholder');
  return 'Identifier' in tree || 'CompoundIdentifier' in tree || place !== undefined;
}

function lambdaNames(lambda: Tree): string[] {
  const params = below(lambda, 'params');
  const all = below(params, 'One') === undefined ? listOf(below(params, 'Many') ?? params) : [below(params, 'One')];
  return all.flatMap((param) => (nameIn(below(param, 'name')) ?? nameIn(param))?.toLowerCase() ?? []);
}

/** The name of a function call, in lower case. */
export function functionName(call: Tree): string {
  return namesIn(below(call, 'name')).at(-1)?.toLowerCase() ?? '';
}

function withoutDatePart(call: Tree): Tree {
  const place = datePartArgument(functionName(call));
  const args = listOf(below(call, 'args', 'List', 'args'));
  const part = place === undefined ? undefined : below(args[place], 'Unnamed', 'Expr', 'Identifier');
  if (!isBranch(call) || part === undefined) return call;
  return { ...call, args: args.filter((_, i) => i !== place) };
}

function isAggregate(call: Tree): boolean {
  const over = below(call, 'over');
  if (over !== undefined && over !== null) return false;
  const filter = below(call, 'filter');
  const distinct = below(call, 'args', 'List', 'duplicate_treatment');
  return (
    AGGREGATES.has(functionName(call)) ||
    (filter !== undefined && filter !== null) ||
    distinct === 'Distinct' ||
    listOf(below(call, 'within_group')).length > 0
  );
}
