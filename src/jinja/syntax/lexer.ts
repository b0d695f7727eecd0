import nunjucks, { type Token, type Tokenizer } from 'nunjucks/src/lexer.js';
import { JinjaError, placeOf, position, type TemplateSource, wholeText } from '../error.js';

export type { Token };
export const END_OF_FILE = 'end-of-file';

// nunjucks exports the function that makes a tokenizer, but not its class.
const NunjucksTokenizer = nunjucks.lex('').constructor as typeof Tokenizer;

const WHITESPACE = /\s*/y;
const RAW = /\{%[-+]?\s*raw\s*(?:-%\}\s*|%\})/y;
const END_RAW = /\{%([-+]?)\s*endraw\s*(?:\+%\}|-%\}\s*|%\})/g;
const END_COMMENT = /\+#\}|-#\}\s*|#\}/g;
const FLOAT = /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const INTEGER = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const NAME = /[\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}]+/uy;
const STRING = /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;

/** Operators of one character by its code, with the types of their tokens. */
const OPERATORS: ReadonlyMap<number, { readonly value: string; readonly type: string }> = new Map(
  [...'-+/*%><=.;()[]{},:~|'].map((value) => [value.charCodeAt(0), { value, type: typeOf(value) }]),
);
const DOUBLE_OPERATORS: ReadonlySet<string> = new Set(['//', '**', '==', '!=', '>=', '<=']);
function typeOf(operator: string): string {
  switch (operator) {
    case '(':
      return nunjucks.TOKEN_LEFT_PAREN;
    case ')':
      return nunjucks.TOKEN_RIGHT_PAREN;
    case '[':
      return nunjucks.TOKEN_LEFT_BRACKET;
    case ']':
      return nunjucks.TOKEN_RIGHT_BRACKET;
    case '{':
      return nunjucks.TOKEN_LEFT_CURLY;
    case '}':
      return nunjucks.TOKEN_RIGHT_CURLY;
    case ',':
      return nunjucks.TOKEN_COMMA;
    case ':':
      return nunjucks.TOKEN_COLON;
    case '~':
      return nunjucks.TOKEN_TILDE;
    case '|':
      return nunjucks.TOKEN_PIPE;
    default:
      return nunjucks.TOKEN_OPERATOR;
  }
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * nunjucks' tokenizer with Jinja2's rules: whitespace control with `-` and `+`, raw blocks and comments anywhere,
 * Python's numbers and string escapes, tags that end only where brackets are balanced. Whitespace between tokens and
 * comments make no token. After the end it gives `end-of-file` tokens.
 */
export class JinjaTokenizer extends NunjucksTokenizer {
  readonly source: TemplateSource;
  /** The character before the `}` that ends the tag that is open. */
  #end: '%' | '}' | null = null;
  #brackets: string[] = [];
  #lineStart = 0;
  /** The first line break that is not behind; infinite where there is none. */
  #lineEnd = 0;

  readonly #escapes: boolean;

  /** @param escapes false leaves the backslashes of strings as they are written */
  constructor(source: TemplateSource, escapes = true) {
    let text = source.text;
    if (text.includes('\r')) text = text.replace(/\r\n?/g, '\n');
    // Jinja2 drops one newline at the very end (keep_trailing_newline is off in dbt).
    if (text.endsWith('\n')) text = text.slice(0, -1);
    super(text);
    this.source = source;
    this.#escapes = escapes;
    this.#lineEnd = this.#lineBreak(0);
  }

  override nextToken(): Token {
    for (;;) {
      const token = this.#end === null ? this.#textToken() : this.#codeToken(this.#end);
      if (token !== null) return token;
    }
  }

  fail(message: string, at = this.index, hint?: string): never {
    const before = this.str.lastIndexOf('\n', at - 1);
    let lineno = 0;
    for (let i = this.str.indexOf('\n'); i !== -1 && i < at; i = this.str.indexOf('\n', i + 1)) lineno++;
    const place = placeOf(this.source, position(lineno, at - before - 1));
    const more = { place, ...wholeText(this.source) };
    throw new JinjaError('TemplateSyntaxError', message, hint === undefined ? more : { ...more, hint });
  }

  #token(type: string, value: string, end: number): Token {
    const token = { type, value, lineno: this.lineno, colno: this.index - this.#lineStart };
    this.#advance(end);
    return token;
  }

  #advance(end: number): void {
    while (this.#lineEnd < end) {
      this.lineno++;
      this.#lineStart = this.#lineEnd + 1;
      this.#lineEnd = this.#lineBreak(this.#lineStart);
    }
    this.index = end;
  }

  #lineBreak(from: number): number {
    const at = this.str.indexOf('\n', from);
    return at === -1 ? Number.POSITIVE_INFINITY : at;
  }

  /** The name at the index, or null. Most are ASCII, for which a pattern that knows all of Unicode is not needed. */
  #name(): string | null {
    const { str, index } = this;
    let end = index;
    let code = str.charCodeAt(end);
    while (isNameCode(code)) code = str.charCodeAt(++end);
    if (code > 127) return this.#match(NAME);
    return end === index ? null : str.slice(index, end);
  }

  #match(pattern: RegExp, from = this.index): string | null {
    pattern.lastIndex = from;
    const found = pattern.exec(this.str);
    return found === null ? null : found[0];
  }

  #textToken(): Token | null {
    const { str, index, len } = this;
    if (index >= len) return this.#token(END_OF_FILE, '', index);
    const start = this.#tagStart(index);
    if (start > index) {
      const text = str.slice(index, start);
      const shown = str[start + 2] === '-' ? trimEnd(text) : text;
      if (shown === '') {
        this.#advance(start);
        return null;
      }
      return this.#token(nunjucks.TOKEN_DATA, shown, start);
    }
    const kind = str[index + 1];
    if (kind === '#') return this.#comment();
    const sign = str[index + 2];
    const length = sign === '-' || sign === '+' ? 3 : 2;
    if (kind === '%' && str.startsWith('raw', this.#afterSpace(index + length))) {
      const raw = this.#match(RAW);
      if (raw !== null) return this.#raw(raw.length);
    }
    this.#end = kind === '%' ? '%' : '}';
    const type = kind === '%' ? nunjucks.TOKEN_BLOCK_START : nunjucks.TOKEN_VARIABLE_START;
    return this.#token(type, str.slice(index, index + length), index + length);
  }

  /** Where the next tag or comment begins; the end of the text where there is none. */
  #tagStart(from: number): number {
    const { str, len } = this;
    for (let at = str.indexOf('{', from); at !== -1; at = str.indexOf('{', at + 1)) {
      const next = str.charCodeAt(at + 1);
      if (next === 37 || next === 123 || next === 35) return at;
    }
    return len;
  }

  /** The index of the first character from `from` on that is no white space. */
  #afterSpace(from: number): number {
    const { str } = this;
    let at = from;
    let code = str.charCodeAt(at);
    while (code === 32 || (code >= 9 && code <= 13)) code = str.charCodeAt(++at);
    return code > 127 ? at + (this.#match(WHITESPACE, at)?.length ?? 0) : at;
  }

  #comment(): null {
    END_COMMENT.lastIndex = this.index + 2;
    // A sign right after the opening is the opening's, not the end's.
    if (this.str[this.index + 2] === '-' || this.str[this.index + 2] === '+') END_COMMENT.lastIndex++;
    const found = END_COMMENT.exec(this.str);
    if (found === null) this.fail('This comment is not closed', this.index, "Close it with '#}'.");
    this.#advance(found.index + found[0].length);
    return null;
  }

  #raw(length: number): Token | null {
    const start = this.index + length;
    END_RAW.lastIndex = start;
    const found = END_RAW.exec(this.str);
    if (found === null) this.fail('This raw block is not closed', this.index, "Close it with '{% endraw %}'.");
    const text = this.str.slice(start, found.index);
    this.#advance(start);
    const token = this.#token(nunjucks.TOKEN_DATA, found[1] === '-' ? trimEnd(text) : text, found.index);
    this.#advance(found.index + found[0].length);
    return token.value === '' ? null : token;
  }

  #codeToken(end: '%' | '}'): Token | null {
    const { str } = this;
    const start = this.#afterSpace(this.index);
    if (start > this.index) this.#advance(start);
    const { index } = this;
    if (index >= this.len) return this.#token(END_OF_FILE, '', index);
    const code = str.charCodeAt(index);
    // The end of a tag begins with one of `}%-+`.
    if ((code === 125 || code === 37 || code === 45 || code === 43) && this.#brackets.length === 0) {
      const after = this.#endOfTag(end);
      if (after !== -1) {
        this.#end = null;
        const type = end === '%' ? nunjucks.TOKEN_BLOCK_END : nunjucks.TOKEN_VARIABLE_END;
        return this.#token(type, str.slice(index, after), after);
      }
    }
    if (code >= 48 && code <= 57) {
      const float = this.#match(FLOAT);
      if (float !== null) return this.#token(nunjucks.TOKEN_FLOAT, float, index + float.length);
      const integer = this.#match(INTEGER);
      if (integer !== null) return this.#token(nunjucks.TOKEN_INT, integer, index + integer.length);
    }
    if (code === 34 || code === 39) return this.#string(code === 34 ? '"' : "'");
    const name = this.#name();
    if (name !== null) return this.#token(nunjucks.TOKEN_SYMBOL, name, index + name.length);
    return this.#operator(code);
  }

  /** The index after the end of the tag that ends here, with the white space that it takes away; -1 where none ends. */
  #endOfTag(end: '%' | '}'): number {
    const { str, index } = this;
    const first = str[index];
    const signed = first === '-' || (first === '+' && end === '%') ? 1 : 0;
    if (str[index + signed] !== end || str[index + signed + 1] !== '}') return -1;
    return first === '-' ? this.#afterSpace(index + 3) : index + signed + 2;
  }

  #string(quote: '"' | "'"): Token {
    const { str, index } = this;
    const close = str.indexOf(quote, index + 1);
    if (close !== -1) {
      const text = str.slice(index + 1, close);
      if (!text.includes('\\')) return this.#token(nunjucks.TOKEN_STRING, text, close + 1);
    }
    const quoted = this.#match(STRING);
    if (quoted === null) this.fail('This string is not closed', index, `Close it with ${quote}.`);
    return this.#token(nunjucks.TOKEN_STRING, this.#unescape(quoted.slice(1, -1)), index + quoted.length);
  }

  #operator(code: number): Token {
    const { str, index } = this;
    const double = str.slice(index, index + 2);
    if (DOUBLE_OPERATORS.has(double)) return this.#token(nunjucks.TOKEN_OPERATOR, double, index + 2);
    const single = OPERATORS.get(code);
    if (single === undefined) this.fail(`Unexpected character '${String.fromCodePoint(str.codePointAt(index) ?? 0)}'`);
    this.#balance(single.value);
    return this.#token(single.type, single.value, index + 1);
  }

  #balance(operator: string): void {
    const closing = CLOSING[operator];
    if (closing !== undefined) this.#brackets.push(closing);
    else if (operator === ')' || operator === ']' || operator === '}') {
      const expected = this.#brackets.pop();
      if (expected === undefined) this.fail(`Unexpected '${operator}'`);
      if (expected !== operator) this.fail(`Unexpected '${operator}', expected '${expected}'`);
    }
  }

  /** Python's string escapes; what is no escape stays as it is, with its backslash. */
  #unescape(text: string): string {
    if (!this.#escapes || !text.includes('\\')) return text;
    return text.replace(
      /\\(?:\n|([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([xuUN])|([\s\S]))/g,
      (all: string, octal?: string, x?: string, u?: string, long?: string, bad?: string, plain?: string) => {
        if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
        const hex = x ?? u ?? long;
        if (hex !== undefined) {
          const point = Number.parseInt(hex, 16);
          if (point > 0x10ffff) this.fail('Illegal Unicode character in a string escape');
          return String.fromCodePoint(point);
        }
        if (bad !== undefined) this.fail(`Incomplete '\\${bad}' escape in a string`);
        if (plain !== undefined) return SIMPLE_ESCAPES[plain] ?? all;
        return '';
      },
    );
  }
}

/** What Python's texts and Jinja's have behind a backslash. */
export const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

function isNameCode(code: number): boolean {
  return (code >= 97 && code <= 122) || code === 95 || (code >= 65 && code <= 90) || (code >= 48 && code <= 57);
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && /\s/.test(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
