/** PIVOT statements whose values only the data tells: DuckDB makes two statements of them, and gives a tree of neither. */

/** Stands for the values of the data. */
export const ANY_VALUE = 'upsql: any value';

const SKIPPED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\//y;
const WORD = /[A-Za-z_]\w*/y;

interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** How many parentheses and brackets it stands in. */
  readonly depth: number;
}

/** Words and other characters that count; what is quoted is one token, comments are left out. */
function tokens(sql: string): Token[] {
  const list: Token[] = [];
  let depth = 0;
  for (let at = 0; at < sql.length; ) {
    SKIPPED.lastIndex = at;
    WORD.lastIndex = at;
    const skipped = SKIPPED.exec(sql)?.[0];
    const text = skipped ?? WORD.exec(sql)?.[0] ?? sql[at] ?? '';
    const comment = skipped !== undefined && /^(--|\/\*)/.test(skipped);
    if (')]}'.includes(text)) depth--;
    if (!comment && text.trim() !== '')
      list.push({ text: skipped === undefined ? text.toLowerCase() : text, start: at, end: at + text.length, depth });
    if ('([{'.includes(text)) depth++;
    at += text.length;
  }
  return list;
}

const AFTER_ON = new Set(['using', 'group', 'order', 'limit', ';']);

/** Gives each ON of a PIVOT statement that lists no values one that stands for all of them. */
export function withValues(sql: string): string {
  const all = tokens(sql);
  const inserts: number[] = [];
  for (const [i, { text, depth }] of all.entries()) {
    if (text !== 'pivot' && text !== 'pivot_wider') continue;
    // `from t pivot (sum(x) for …)` is the other form, which has its values.
    if (
      all[i + 1]?.text === '(' &&
      !['select', 'from', 'with', 'values', '(', 'pivot'].includes(all[i + 2]?.text ?? '')
    )
      continue;
    const rest = all.slice(i + 1);
    const length = rest.findIndex(
      (token) => token.depth < depth || (token.depth === depth && AFTER_ON.has(token.text)),
    );
    const own = (length < 0 ? rest : rest.slice(0, length)).filter((token) => token.depth === depth);
    const on = own.findIndex((token) => token.text === 'on');
    if (on < 0) continue;
    let open = true;
    for (const [n, token] of own.slice(on + 1).entries()) {
      if (token.text === 'in') open = false;
      if (token.text !== ',') continue;
      if (open) inserts.push(own[on + n]?.end ?? token.start);
      open = true;
    }
    if (open) inserts.push(own.at(-1)?.end ?? 0);
  }
  const value = ` in ('${ANY_VALUE}')`;
  return inserts.sort((a, b) => b - a).reduce((text, at) => `${text.slice(0, at)}${value}${text.slice(at)}`, sql);
}
