/** The node that a statement's query comment names; undefined for one without. */
function nodeOf(sql) {
  return /"node_id": "[a-z]+\.counted\.([^".]+)/.exec(sql)?.[1];
}

/**
 * Statements by node, '' for those of the run. One without a comment is of the node that comes next in its session, where
 * it prepares that (`describe`, `show`, `use`, `begin`), else of the node before.
 */
export function countStatements(statements) {
  const counts = {};
  statements.forEach(({ sql, session }, i) => {
    let node = nodeOf(sql);
    if (node === undefined && !/"app": /.test(sql)) {
      const of = (some) => some.filter((one) => one.session === session).map((one) => nodeOf(one.sql));
      const [before, next] = [of(statements.slice(0, i)), of(statements.slice(i + 1))];
      const prepares = /^\s*(describe|show|use|begin|select current_warehouse)\b/i.test(sql);
      node = (prepares ? next.find((one) => one !== undefined) : before.findLast((one) => one !== undefined)) ?? '';
    }
    counts[node ?? ''] = (counts[node ?? ''] ?? 0) + 1;
  });
  return counts;
}

/**
 * Where upsql sends more in the second build, and how many: a seed takes its place whole and by one statement, so that
 * nobody meets it empty and changed columns need no --full-refresh.
 */
const MORE = { a_seed: 1 };

/** Nodes for which `ours` has more statements than `theirs`, of those of two builds. */
export function worse(ours, theirs) {
  return Object.keys(theirs[0]).filter((node) =>
    theirs.some((counts, i) => (ours[i][node] ?? 0) > counts[node] + (i === 1 ? (MORE[node] ?? 0) : 0)),
  );
}

/** Both as the lines of a Markdown table. */
export function tableLines(ours, theirs, version) {
  const counts = (builds, node) => builds.map((one) => one[node] ?? 0).join(', then ');
  return [
    `| node | upsql | dbt-snowflake ${version} |`,
    '|---|---|---|',
    ...Object.keys(theirs[0])
      .sort()
      .map((node) => {
        const name = node === '' ? 'the run itself' : node.replaceAll('_', ' ');
        return `| ${name} | ${counts(ours, node)} | ${counts(theirs, node)} |`;
      }),
  ];
}
