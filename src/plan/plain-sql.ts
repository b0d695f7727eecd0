/** Where a text can't be taken apart safely: backslashes before quotes, dollar quotes, Snowflake's `//` comments. */
const UNSURE = /\\['"]|\$\w*\$|\/\//;

/** In the order in which they are tried: what is kept as it is, and comments. */
const TOKEN =
  /\{#[\s\S]*?#\}|\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|--[^\n]*\n?|\/\*[\s\S]*?\*\/|'(?:\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|''|[^'])*'|"(?:\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|""|[^"])*"|\s+/g;

/**
 * A template of SQL without its comments and with one space where there is white space, outside of strings and of Jinja: two that
 * give the same text here build the same. A comment with Jinja in it stays.
 *
 * @example
 * plainSql("select 1 -- one\n  from t"); // 'select 1 from t'
 */
export function plainSql(text: string): string {
  if (UNSURE.test(text)) return text;
  let out = '';
  let space = false;
  let last = 0;
  const add = (part: string): void => {
    if (part === '') return;
    if (space && out !== '') out += ' ';
    space = false;
    out += part;
  };
  for (const match of text.matchAll(TOKEN)) {
    const [token] = match;
    add(text.slice(last, match.index));
    last = match.index + token.length;
    const isComment = token.startsWith('{#') || token.startsWith('--') || token.startsWith('/*');
    if (/^\s/.test(token) || (isComment && (token.startsWith('{#') || !/\{[{%]/.test(token)))) space = true;
    else add(token);
  }
  add(text.slice(last));
  return out;
}
