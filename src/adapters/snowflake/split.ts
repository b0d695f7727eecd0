/** One statement of a text: `text` is the slice from `start`, without its semicolon. */
export interface Statement {
  readonly text: string;
  readonly start: number;
}

/** What begins a part in which a semicolon means nothing, or is one. */
const OPENER = /['";]|--|\/\/|\/\*|\$\$/g;

/** The offset behind the quote that closes a part; in strings a backslash takes what follows it along. */
function quoteEnd(sql: string, from: number, quote: string): number {
  for (let i = from; i < sql.length; i++) {
    if (quote === "'" && sql[i] === '\\') i += 1;
    else if (sql[i] === quote) {
      if (sql[i + 1] !== quote) return i + 1;
      i += 1;
    }
  }
  return sql.length;
}

function behind(sql: string, mark: string, from: number): number {
  const end = sql.indexOf(mark, from);
  return end === -1 ? sql.length : end + mark.length;
}

function partEnd(sql: string, at: number, opener: string): number {
  const from = at + opener.length;
  if (opener === '--' || opener === '//') return behind(sql, '\n', from);
  if (opener === '/*') return behind(sql, '*/', from);
  return opener === '$$' ? behind(sql, '$$', from) : quoteEnd(sql, from, opener);
}

/** The offset of the first thing in a text that is neither blank nor comment; its length when there is none. */
export function firstWord(text: string): number {
  for (let i = 0; i < text.length; ) {
    const opener = /^(--|\/\/|\/\*)/.exec(text.slice(i, i + 2))?.[0];
    if (opener !== undefined) i = partEnd(text, i, opener);
    else if (text.charAt(i).trim() === '') i += 1;
    else return i;
  }
  return text.length;
}

/** The comment on a line of its own that ends a text, with the line's start; empty when there is none. */
export function commentOf(sql: string): string {
  if (!sql.endsWith('*/')) return '';
  const at = sql.lastIndexOf('\n/*');
  return at === -1 || sql.indexOf('*/', at) !== sql.length - 2 ? '' : sql.slice(at);
}

/**
 * Cuts a text into its statements at semicolons outside of strings, quoted names, dollar quotes and comments.
 * Pieces with nothing but blanks and comments are left out. A comment on the last line of all (a query comment, as a
 * rule) is behind each statement, and so with each in the query history, from which Snowflake takes those in front.
 */
export function splitStatements(sql: string): Statement[] {
  const found = cut(sql);
  const comment = commentOf(sql);
  return comment === '' ? found : found.map((one, i) => (i === found.length - 1 ? one : withComment(one, comment)));
}

function withComment({ text, start }: Statement, comment: string): Statement {
  return { text: text + comment, start };
}

function cut(sql: string): Statement[] {
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

/** The statement without the comments before and behind it, as far as `length` goes. */
function bare(statement: string, length: number): string {
  const at = firstWord(statement);
  const text = statement.slice(at, at + length);
  const comment = text.lastIndexOf('/*');
  return (
    comment > 0 && (text.indexOf('*/', comment) === -1 || text.trimEnd().endsWith('*/')) ? text.slice(0, comment) : text
  ).trim();
}

function words(statement: string, length = 400): string {
  return bare(statement, length).replaceAll(/\s+/g, ' ');
}

/** What a statement does to the transaction it stands in. A block of Snowflake Scripting also starts with `begin`. */
export function transactionVerb(statement: string): 'begin' | 'end' | undefined {
  const text = words(statement, 60);
  if (/^(begin( (work|transaction)( name \S+)?)?|start transaction( name \S+)?)$/i.test(text)) return 'begin';
  return /^(commit|rollback)( work)?$/i.test(text) ? 'end' : undefined;
}

/** Data is changed, which a transaction can hold; every DDL statement commits by itself. */
export function changesData(statement: string): boolean {
  return /^(insert|update|delete|merge|copy into|truncate)\b/i.test(words(statement, 20));
}

/** The warehouse of `use warehouse x`. */
export function usedWarehouse(statement: string): string | undefined {
  return /^use warehouse ("(?:[^"]|"")+"|[\w$]+)$/i.exec(words(statement))?.[1];
}

/** The text of `alter session set query_tag = '...'`; null for `unset`; undefined for any other statement. */
export function queryTagOf(statement: string): string | null | undefined {
  if (!/^alter session (set|unset) query_tag\b/i.test(words(statement, 60))) return undefined;
  const text = bare(statement, statement.length);
  if (/^alter\s+session\s+unset\s+query_tag$/i.test(text)) return null;
  const literal = /^alter\s+session\s+set\s+query_tag\s*=\s*'((?:[^'\\]|''|\\[\s\S])*)'$/i.exec(text)?.[1];
  return literal?.replaceAll("''", "'").replaceAll(/\\([\s\S])/g, '$1');
}

/** The statement leaves something behind that another session would not have. */
export function leavesState(statement: string): boolean {
  return /^(create( or replace)? (local |global )?temp(orary)?\b|use\b|alter session\b|set\b|call\b|with \S+ as procedure\b)/i.test(
    words(statement, 60),
  );
}
