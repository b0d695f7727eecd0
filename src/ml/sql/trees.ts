import { depthOf, type Tree, type TreeEnsemble } from '../gbdt/tree.js';
import { double, type SqlDialect } from './dialect.js';

/** Terms in a pair of brackets: a sum of thousands would nest deeper than a warehouse's parser goes. */
const TERMS = 50;

/** The log-odds of a row as one expression over the columns `feature(j)`. */
export function caseSum(ensemble: TreeEnsemble, feature: (index: number) => string, dialect: SqlDialect): string {
  let terms = ensemble.trees.map((tree) => caseTree(tree, 0, feature, dialect));
  while (terms.length > TERMS) {
    const groups = Array.from({ length: Math.ceil(terms.length / TERMS) }, (_, i) =>
      terms.slice(i * TERMS, (i + 1) * TERMS),
    );
    terms = groups.map((group) => `(${group.join('\n + ')})`);
  }
  return [double(dialect, ensemble.base), ...terms].join('\n + ');
}

/**
 * A comparison with null is not true and takes the next way: missing values go right behind `<`, left behind `>=`. The nodes along the way
 * that is taken by default are branches of one `case`, for every `case` within another costs a copy of its rows.
 */
function caseTree(tree: Tree, root: number, feature: (index: number) => string, dialect: SqlDialect): string {
  const branches: string[] = [];
  let node = root;
  for (let index = tree.feature[node] ?? -1; index >= 0; index = tree.feature[node] ?? -1) {
    const [left, right] = [tree.left[node] ?? 0, tree.right[node] ?? 0];
    const [operator, then, otherwise] = tree.missingLeft[node] === true ? ['>=', right, left] : ['<', left, right];
    const threshold = double(dialect, tree.threshold[node] ?? 0);
    branches.push(`when ${feature(index)} ${operator} ${threshold} then ${caseTree(tree, then, feature, dialect)}`);
    node = otherwise;
  }
  const leaf = double(dialect, tree.value[node] ?? 0);
  return branches.length === 0 ? leaf : `case ${branches.join(' ')} else ${leaf} end`;
}

const ROWS_A_STATEMENT = 2_000;

/** Statements that make the table of an ensemble's nodes. A leaf leads to itself, so that every walk may take the same steps. */
export function nodeTable(ensemble: TreeEnsemble, table: string, dialect: SqlDialect): readonly string[] {
  const type = dialect.type === 'snowflake' ? 'float' : 'double';
  const rows = ensemble.trees.flatMap((tree, t) =>
    tree.feature.map((index, node) => {
      const [left, right] = index < 0 ? [node, node] : [tree.left[node] ?? node, tree.right[node] ?? node];
      // Texts are cast to doubles exactly; a literal may be read as a DECIMAL.
      const [threshold, value] = [tree.threshold[node] ?? 0, tree.value[node] ?? 0];
      return `(${t},${node},${index},'${threshold}',${tree.missingLeft[node] === true},${left},${right},'${value}')`;
    }),
  );
  const inserts: string[] = [];
  for (let start = 0; start < rows.length; start += ROWS_A_STATEMENT) {
    inserts.push(
      `insert into ${table}\nselect t, n, f, cast(x as ${type}), m, l, r, cast(v as ${type})\n` +
        `from (values\n${rows.slice(start, start + ROWS_A_STATEMENT).join(',\n')}\n) as nodes (t, n, f, x, m, l, r, v)`,
    );
  }
  const create =
    `create or replace table ${table} (tree integer, node integer, feature integer, threshold ${type}, ` +
    `missing_left boolean, left_node integer, right_node integer, value ${type})`;
  return [create, ...inserts];
}

/** A query of row numbers (`ml_row`) and log-odds by walking the node table, over a relation with `ml_row` and the features. */
export function nodeWalk(
  ensemble: TreeEnsemble,
  table: string,
  rows: string,
  feature: (index: number) => string,
  dialect: SqlDialect,
): string {
  const depth = depthOf(ensemble);
  const cases = ensemble.features.map((_, j) => `when ${j} then ${rows}.${feature(j)}`).join(' ');
  const joins: string[] = [];
  for (let level = 1; level <= depth; level++) {
    const n = `n${level - 1}`;
    const x = `case ${n}.feature ${cases} end`;
    joins.push(
      `join ${table} as n${level} on n${level}.tree = ${n}.tree and n${level}.node = ` +
        `case when ${x} < ${n}.threshold or (${n}.missing_left and ${x} is null) then ${n}.left_node else ${n}.right_node end`,
    );
  }
  return (
    `select ${rows}.ml_row, ${double(dialect, ensemble.base)} + sum(n${depth}.value) as ml_margin\n` +
    `from ${rows}\njoin ${table} as n0 on n0.node = 0\n${joins.join('\n')}\ngroup by ${rows}.ml_row`
  );
}
