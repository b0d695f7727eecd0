import type { Expression, Query, Reference } from '../query.js';
import { AGGREGATES } from './aggregates.js';
import { type Branch, below, isBranch, listOf, nameIn, namesIn, type Tree } from './syntax-tree.js';

/** Parts of an expression that are no values: types, names of functions, of fields, of collations. */
const NO_VALUES = new Set(['data_type', 'collation', 'name', 'field', 'alias', 'Value', 'TypedString', 'span']);

interface Found {
  readonly references: Reference[];
  readonly subqueries: Query[];
  aggregates: boolean;
}

/** Reads expressions; queries inside them go to `readQuery`. */
export function expressionReader(readQuery: (tree: Branch) => Query): (...trees: (Tree | undefined)[]) => Expression {
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
      if (NO_VALUES.has(key)) continue;
      if (key === 'Identifier') refer(found, bound, [nameIn(content) ?? '']);
      else if (key === 'CompoundIdentifier') refer(found, bound, namesIn(content));
      else if (key === 'access_chain') walkAccess(content, found, bound);
      else if (key === 'Lambda') walk(below(content, 'body'), found, new Set([...bound, ...lambdaNames(content)]));
      else if (key === 'Function' && functionName(content) === 'columns') continue;
      else {
        if (key === 'Function' && isAggregate(content)) found.aggregates = true;
        walk(content, found, bound);
      }
    }
  };
  const walkAccess = (chain: Tree, found: Found, bound: ReadonlySet<string>): void => {
    // A field behind a dot is a name like any other in the tree, and no column.
    for (const step of listOf(chain)) if (below(step, 'Dot') === undefined) walk(step, found, bound);
  };
  return (...trees) => {
    const found: Found = { references: [], subqueries: [], aggregates: false };
    for (const tree of trees) walk(tree, found, new Set());
    const [only] = trees;
    const plain = trees.length === 1 && isBranch(only) && isReference(only);
    return { references: found.references, subqueries: found.subqueries, aggregates: found.aggregates, plain };
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
  return 'Identifier' in tree || 'CompoundIdentifier' in tree;
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
