/** Putting ephemeral models in front of a query as CTEs. */
import type { Node } from '../node.js';

interface Cte {
  readonly id: string;
  readonly sql: string;
}

const nameOf = (node: Node) => `__dbt__cte__${node.alias}`;

/** The CTEs that `nodes` need: those of what they refer to first, each once. */
function ctesOf(nodes: readonly Node[]): Cte[] {
  const found = new Map<string, Cte>();
  for (const node of nodes) {
    for (const cte of node.extra_ctes ?? []) if (!found.has(cte.id)) found.set(cte.id, cte);
    const own = ownCode(node);
    if (!found.has(node.unique_id))
      found.set(node.unique_id, { id: node.unique_id, sql: ` ${nameOf(node)} as (\n${own}\n)` });
  }
  return [...found.values()];
}

/** An ephemeral model's query without the CTEs that were put in front of it. */
const OWN = new WeakMap<Node, string>();

function ownCode(node: Node): string {
  return OWN.get(node) ?? node.compiled_code ?? '';
}

/** The white space and comments at the start of `sql`. */
const LEADING = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/;
const WITH = /^with(?:\s+recursive)?\s+/i;

/**
 * `sql` with the CTEs of `ephemeral` put in: before the first CTE of its own `with`, else in a new `with` before its first
 * character that is not white space (comments included), as dbt does it.
 */
export function injectCtes(sql: string, ephemeral: readonly Node[]): { code: string; ctes: Cte[] } {
  const ctes = ctesOf(ephemeral);
  return { code: injectCteTexts(sql, ctes), ctes };
}

/** As `injectCtes`, of CTEs as they stand in SQL: ` name as (...)`. */
export function injectCteTexts(sql: string, ctes: readonly { readonly sql: string }[]): string {
  if (ctes.length === 0) return sql;
  const text = ctes.map((c) => c.sql).join(', ');
  const before = LEADING.exec(sql)?.[0].length ?? 0;
  const own = WITH.exec(sql.slice(before));
  if (own !== null) {
    const at = before + own[0].length;
    return `${sql.slice(0, at)}${text}, ${sql.slice(at)}`;
  }
  const at = sql.length - sql.trimStart().length;
  return `${sql.slice(0, at)}with${text} ${sql.slice(at)}`;
}

/** Remembers an ephemeral model's own query, before CTEs are put in front of it. */
export function rememberOwnCode(node: Node, sql: string): void {
  OWN.set(node, sql);
}
