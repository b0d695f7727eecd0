/** One statement of a text: `text` is the slice from `start`, without its semicolon. */
export interface Statement {
  readonly text: string;
  readonly start: number;
}

const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*|\$([A-Za-z_]\w*)?\$|;|\b[eE]'(?:[^'\\]|\\[\s\S]|'')*'/g;

/** The end of a (nesting) block comment that starts at `from`; the end of the text when it never closes. */
function commentEnd(sql: string, from: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from + 2;
  let depth = 1;
  for (let m = mark.exec(sql); m !== null; m = mark.exec(sql)) {
    depth += m[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return sql.length;
}

/** True when a text holds nothing to run: blanks and comments only. */
function isBlank(text: string): boolean {
  for (let i = 0; i < text.length; ) {
    if (text.startsWith('--', i)) {
      const end = text.indexOf('\n', i);
      i = end === -1 ? text.length : end + 1;
    } else if (text.startsWith('/*', i)) i = commentEnd(text, i);
    else if (/\s/.test(text.charAt(i))) i += 1;
    else return false;
  }
  return true;
}

/**
 * Cuts a text into its statements at semicolons outside of strings, quoted names, dollar quotes and comments.
 * Pieces with nothing but blanks and comments are left out.
 */
export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = [];
  let start = 0;
  const add = (end: number): void => {
    const text = sql.slice(start, end);
    if (!isBlank(text)) statements.push({ text, start });
  };
  const token = new RegExp(TOKEN);
  for (let m = token.exec(sql); m !== null; m = token.exec(sql)) {
    if (m[0] === ';') {
      add(m.index);
      start = token.lastIndex;
    } else if (m[0] === '/*') {
      token.lastIndex = commentEnd(sql, m.index);
    } else if (m[0].startsWith('$')) {
      const end = sql.indexOf(m[0], token.lastIndex);
      if (end !== -1) token.lastIndex = end + m[0].length;
    }
  }
  add(sql.length);
  return statements;
}

/** What a statement does to the transaction it stands in, by its first word. */
export function transactionVerb(statement: string): 'begin' | 'end' | undefined {
  const word = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*([A-Za-z]+)/.exec(statement)?.[1]?.toLowerCase();
  if (word === 'begin' || word === 'start') return 'begin';
  return word === 'commit' || word === 'end' || word === 'rollback' || word === 'abort' ? 'end' : undefined;
}
