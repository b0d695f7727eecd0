/** One statement of a text: `text` is the slice from `start`, without its semicolon. */
export interface Statement {
  readonly text: string;
  readonly start: number;
}

/** What begins a part in which a semicolon means nothing, or is one. */
const OPENER = /\b[eE]'|['";]|--|\/\*|\$(?:[A-Za-z_]\w*)?\$/g;

/** The offset behind the quote that closes a string or a name; doubled quotes stay inside, and what a backslash escapes when `stop` knows it. */
function quoteEnd(sql: string, from: number, stop: RegExp): number {
  const mark = new RegExp(stop, 'g');
  mark.lastIndex = from;
  for (let m = mark.exec(sql); m !== null; m = mark.exec(sql)) {
    if (m[0] !== '\\' && sql[mark.lastIndex] !== m[0]) return mark.lastIndex;
    mark.lastIndex += 1;
  }
  return sql.length;
}

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

function lineEnd(sql: string, from: number): number {
  const end = sql.indexOf('\n', from);
  return end === -1 ? sql.length : end + 1;
}

/** The offset of the first thing in a text that is neither blank nor comment; the text's length when there is none. */
function firstWord(text: string): number {
  for (let i = 0; i < text.length; ) {
    if (text.startsWith('--', i)) i = lineEnd(text, i);
    else if (text.startsWith('/*', i)) i = commentEnd(text, i);
    else if (text.charAt(i).trim() === '') i += 1;
    else return i;
  }
  return text.length;
}

/** Where a part that `opener` begins at `at` ends. */
function partEnd(sql: string, at: number, opener: string): number {
  const from = at + opener.length;
  switch (opener) {
    case '--':
      return lineEnd(sql, from);
    case '/*':
      return commentEnd(sql, at);
    case "'":
      return quoteEnd(sql, from, /'/);
    case '"':
      return quoteEnd(sql, from, /"/);
    case "e'":
    case "E'":
      return quoteEnd(sql, from, /['\\]/);
    default: {
      const end = sql.indexOf(opener, from);
      return end === -1 ? from : end + opener.length;
    }
  }
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
    if (firstWord(text) < text.length) statements.push({ text, start });
  };
  const opener = new RegExp(OPENER);
  for (let m = opener.exec(sql); m !== null; m = opener.exec(sql)) {
    if (m[0] === ';') {
      add(m.index);
      start = opener.lastIndex;
    } else opener.lastIndex = partEnd(sql, m.index, m[0]);
  }
  add(sql.length);
  return statements;
}

/** What a statement does to the transaction it stands in, by its first word. */
export function transactionVerb(statement: string): 'begin' | 'end' | undefined {
  const at = firstWord(statement);
  const word = /^[A-Za-z]+/.exec(statement.slice(at, at + 20))?.[0].toLowerCase();
  if (word === 'begin' || word === 'start') return 'begin';
  return word === 'commit' || word === 'end' || word === 'rollback' || word === 'abort' ? 'end' : undefined;
}
