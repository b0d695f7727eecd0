/** Python's text as tokens, brackets as groups: as much of the grammar as telling calls and literals apart needs. */

export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'op';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** An f-string; `holes` are the expressions in its braces. */
export interface FormatString {
  readonly kind: 'format';
  readonly holes: readonly (readonly Item[])[];
  readonly start: number;
  readonly end: number;
}

/** What stands in a pair of brackets; `start` and `end` take them in. */
export interface Group {
  readonly kind: '(' | '[' | '{';
  readonly items: readonly Item[];
  readonly start: number;
  readonly end: number;
}

export type Item = Token | FormatString | Group;

/** A logical line: its indentation in columns, and what stands on it. */
export interface Line {
  readonly indent: number;
  readonly items: readonly Item[];
}

export class PythonSyntaxError extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
    this.name = 'PythonSyntaxError';
  }
}

const CLOSES: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const NAME = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy;
const NUMBER =
  /0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*\.(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*|\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?[jJ]?/y;
const STRING = /([rRbBuUfFtT]{0,2})("""|'''|"|')/y;
const OPERATOR = /\*\*=|\/\/=|>>=|<<=|\.\.\.|!=|->|:=|[-+*/%&|^@<>=]=|\*\*|\/\/|<<|>>|[-+*/%&|^~@<>=.,:;]/y;
const BLANKS = /(?:[ \t\f]|\\\r?\n)+/y;
const TAB = 8;

class Scanner {
  at = 0;

  constructor(readonly text: string) {}

  fail(message: string, offset = this.at): PythonSyntaxError {
    return new PythonSyntaxError(message, offset);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text);
  }

  #skip(pattern: RegExp): boolean {
    const found = this.#match(pattern);
    if (found !== null) this.at += found[0].length;
    return found !== null;
  }

  /** The file's logical lines; blank ones and comments are none. */
  lines(): Line[] {
    const lines: Line[] = [];
    while (this.at < this.text.length) {
      const indent = this.#indentation();
      const start = this.at;
      const items = this.#items(undefined, start);
      if (items.length > 0) lines.push({ indent, items });
    }
    checkIndents(lines);
    return lines;
  }

  #indentation(): number {
    let column = 0;
    for (; this.at < this.text.length; this.at++) {
      const c = this.text[this.at];
      if (c === ' ') column += 1;
      else if (c === '\t') column += TAB - (column % TAB);
      else if (c === '\f') column = 0;
      else break;
    }
    return column;
  }

  /** What comes up to `close`, or without one up to the end of the logical line; both are read too. */
  #items(close: string | undefined, opened: number): Item[] {
    const items: Item[] = [];
    for (;;) {
      this.#skip(BLANKS);
      const start = this.at;
      const c = this.text[start];
      if (c === undefined) {
        if (close === undefined) return items;
        throw this.fail(`'${this.text[opened]}' was never closed`, opened);
      }
      if (c === '#') {
        const end = this.text.indexOf('\n', start);
        this.at = end === -1 ? this.text.length : end;
      } else if (c === '\n' || c === '\r') {
        this.at += 1;
        if (close === undefined) return items;
      } else if (c === close) {
        this.at += 1;
        return items;
      } else if (c in CLOSES) {
        this.at += 1;
        const inner = this.#items(CLOSES[c], start);
        items.push({ kind: c as Group['kind'], items: inner, start, end: this.at });
      } else if (c === ')' || c === ']' || c === '}') {
        throw this.fail(close === undefined ? `unmatched '${c}'` : `'${c}' closes what '${this.text[opened]}' opened`);
      } else items.push(this.#token(c));
    }
  }

  #token(c: string): Item {
    const start = this.at;
    const string = this.#match(STRING);
    if (string !== null) {
      const [whole, prefix = '', quote = ''] = string;
      this.at += whole.length;
      if (/[ft]/i.test(prefix)) return this.#formatString(start, prefix, quote);
      this.#plainString(start, quote);
      return { kind: 'string', text: this.text.slice(start, this.at), start, end: this.at };
    }
    const kind = this.#skip(NAME) ? 'name' : this.#skip(NUMBER) ? 'number' : this.#skip(OPERATOR) ? 'op' : undefined;
    if (kind === undefined) throw this.fail(`'${c}' means nothing here`);
    return { kind, text: this.text.slice(start, this.at), start, end: this.at };
  }

  /** To the end of a string whose opening quotes are read; in raw strings too a backslash keeps a quote from ending it. */
  #plainString(start: number, quote: string): void {
    for (;;) {
      const c = this.#character(start, quote);
      if (c === quote) return;
    }
  }

  /** One character of a string, or its closing quotes. */
  #character(start: number, quote: string): string {
    if (this.text.startsWith(quote, this.at)) {
      this.at += quote.length;
      return quote;
    }
    const c = this.text[this.at];
    if (c === undefined || (quote.length === 1 && (c === '\n' || c === '\r')))
      throw this.fail('the string is not closed', start);
    this.at += c === '\\' ? (this.text.startsWith('\r\n', this.at + 1) ? 3 : 2) : 1;
    return c;
  }

  #formatString(start: number, prefix: string, quote: string): FormatString {
    const holes: (readonly Item[])[] = [];
    for (;;) {
      if (this.text.startsWith('{{', this.at)) this.at += 2;
      // `\N{DASH}` names a character.
      else if (!/r/i.test(prefix) && this.text.startsWith('\\N{', this.at)) this.#to('}', start);
      else if (this.text[this.at] === '{') this.#hole(start, quote, holes);
      else if (this.#character(start, quote) === quote) return { kind: 'format', holes, start, end: this.at };
    }
  }

  #to(mark: string, start: number): void {
    const at = this.text.indexOf(mark, this.at);
    if (at === -1) throw this.fail('the string is not closed', start);
    this.at = at + mark.length;
  }

  /** `{expression!r:format}`; a format may have holes of its own. */
  #hole(start: number, quote: string, holes: (readonly Item[])[]): void {
    const opened = this.at;
    this.at += 1;
    const items: Item[] = [];
    holes.push(items);
    for (;;) {
      const blank = /\s/.test(this.text[this.at] ?? '');
      const c = this.text[this.at];
      if (c === undefined) throw this.fail("'{' of the f-string was never closed", opened);
      if (blank) this.at += 1;
      else if (c === '}') {
        this.at += 1;
        return;
      } else if (c === ':' || (c === '!' && this.text[this.at + 1] !== '=')) {
        this.#format(start, quote, holes);
        return;
      } else if (c in CLOSES) {
        const from = this.at;
        this.at += 1;
        const inner = this.#items(CLOSES[c], from);
        items.push({ kind: c as Group['kind'], items: inner, start: from, end: this.at });
      } else items.push(this.#token(c));
    }
  }

  #format(start: number, quote: string, holes: (readonly Item[])[]): void {
    for (;;) {
      const c = this.text[this.at];
      if (c === '{') this.#hole(start, quote, holes);
      else if (this.#character(start, quote) === quote) throw this.fail("'{' of the f-string was never closed", start);
      else if (c === '}') return;
    }
  }
}

function isColon(item: Item | undefined): boolean {
  return item?.kind === 'op' && item.text === ':';
}

/** Throws for a block that is not indented, and for a line that is indented as no line before it. */
function checkIndents(lines: readonly Line[]): void {
  const open = [0];
  let opens = false;
  for (const { indent, items } of lines) {
    const at = items[0]?.start ?? 0;
    const outer = open.at(-1) ?? 0;
    if (opens && indent <= outer) throw new PythonSyntaxError('an indented block is missing here', at);
    if (!opens && indent > outer) throw new PythonSyntaxError('this line is indented without need', at);
    if (opens) open.push(indent);
    while ((open.at(-1) ?? 0) > indent) open.pop();
    if (open.at(-1) !== indent) throw new PythonSyntaxError('no line before has this indentation', at);
    opens = isColon(items.at(-1));
  }
  if (opens)
    throw new PythonSyntaxError('an indented block is missing behind this', lines.at(-1)?.items[0]?.start ?? 0);
}

/** The logical lines of a Python text. Throws PythonSyntaxError for brackets, strings and indents that do not fit. */
export function pythonLines(text: string): Line[] {
  return new Scanner(text).lines();
}

/** Items cut at a separator that stands in no brackets. A last empty part is left out: Python allows a comma at the end. */
export function splitAt(items: readonly Item[], separator: ',' | ';'): (readonly Item[])[] {
  const parts: Item[][] = [[]];
  for (const item of items) {
    if (item.kind === 'op' && item.text === separator) parts.push([]);
    else parts.at(-1)?.push(item);
  }
  if (parts.at(-1)?.length === 0) parts.pop();
  return parts;
}

export function isOp(item: Item | undefined, text: string): boolean {
  return item?.kind === 'op' && item.text === text;
}

export function isName(item: Item | undefined, text: string): boolean {
  return item?.kind === 'name' && item.text === text;
}
