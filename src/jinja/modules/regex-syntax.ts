import { Fault } from '../error.js';

const WORD = '\\p{L}\\p{N}_';
const CLASSES: Readonly<Record<string, string>> = { d: '\\p{Nd}', D: '\\P{Nd}', s: '\\s', S: '\\S' };
const END = '(?![\\s\\S])';

/** Flags of Python's `re` by their bits. */
export const FLAG = { A: 256, I: 2, L: 4, M: 8, S: 16, U: 32, X: 64 } as const;

/** A Python regular expression as one of JS. Throws `re.error` for what JS has no counterpart of. */
export function translate(pattern: string, bits: number): RegExp {
  let flags = bits;
  const inline = /^(?:\(\?[aimsux]+\))*/.exec(pattern)?.[0] ?? '';
  for (const letter of inline.replace(/[(?)]/g, '')) flags |= FLAG[letter.toUpperCase() as keyof typeof FLAG];
  const body = new Translator(pattern.slice(inline.length), flags).whole();
  try {
    const js = `u${flags & FLAG.I ? 'i' : ''}${flags & FLAG.M ? 'm' : ''}${flags & FLAG.S ? 's' : ''}`;
    return new RegExp(body, js);
  } catch (error) {
    throw new Fault('error', `invalid regular expression '${pattern}': ${(error as Error).message}`);
  }
}

class Translator {
  readonly #text: string;
  readonly #verbose: boolean;
  readonly #multiline: boolean;
  #at = 0;

  constructor(text: string, flags: number) {
    this.#text = text;
    this.#verbose = (flags & FLAG.X) !== 0;
    this.#multiline = (flags & FLAG.M) !== 0;
  }

  whole(): string {
    let out = '';
    while (this.#at < this.#text.length) out += this.#next();
    return out;
  }

  #take(length = 1): string {
    const text = this.#text.slice(this.#at, this.#at + length);
    this.#at += length;
    return text;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at += found[0].length;
    return found;
  }

  #next(): string {
    const char = this.#text.charAt(this.#at);
    if (this.#verbose) {
      if (/\s/.test(char)) {
        this.#at++;
        return '';
      }
      if (this.#match(/#[^\n]*/y) !== null) return '';
    }
    switch (char) {
      case '\\':
        return this.#escape(false);
      case '[':
        return this.#set();
      case '(':
        return this.#group();
      case '$':
        this.#at++;
        return this.#multiline ? '$' : `(?=\\n?${END})`;
      case '{': {
        const count = this.#match(/\{(\d*)(,?)(\d*)\}/y);
        if (count === null || (count[1] === '' && count[3] === '')) {
          if (count === null) this.#at++;
          return count === null ? '\\{' : `\\{${count[2]}\\}`;
        }
        return `{${count[1] || '0'}${count[2]}${count[3]}}`;
      }
      case '}':
      case ']':
        this.#at++;
        return `\\${char}`;
      default: {
        const point = this.#text.codePointAt(this.#at) ?? 0;
        return this.#take(point > 0xffff ? 2 : 1);
      }
    }
  }

  #group(): string {
    if (this.#match(/\(\?#[^)]*\)/y) !== null) return '';
    const named = this.#match(/\(\?P<(\w+)>/y);
    if (named !== null) return `(?<${named[1]}>`;
    const reference = this.#match(/\(\?P=(\w+)\)/y);
    if (reference !== null) return `\\k<${reference[1]}>`;
    const plain = this.#match(/\((?:\?(?::|=|!|<=|<!))?/y);
    if (plain !== null && this.#text.charAt(this.#at) !== '?') return plain[0];
    throw new Fault('error', `this kind of group is not supported: '${this.#text.slice(this.#at - 1, this.#at + 4)}'`);
  }

  #set(): string {
    let out = this.#match(/\[\^?/y)?.[0] ?? '[';
    if (this.#text.charAt(this.#at) === ']') {
      this.#at++;
      out += '\\]';
    }
    while (this.#text.charAt(this.#at) !== ']') {
      if (this.#at >= this.#text.length) throw new Fault('error', 'unterminated character set');
      const char = this.#text.charAt(this.#at);
      if (char === '\\') out += this.#escape(true);
      else {
        this.#at++;
        out += '[^$.*+?(){}|/'.includes(char) && char !== '^' ? `\\${char}` : char;
      }
    }
    this.#at++;
    return `${out}]`;
  }

  #escape(inSet: boolean): string {
    this.#at++;
    const code = this.#match(/x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|0([0-7]{0,2})/y);
    if (code !== null) {
      const point =
        code[4] === undefined
          ? Number.parseInt(code[1] ?? code[2] ?? code[3] ?? '0', 16)
          : Number.parseInt(code[4] || '0', 8);
      return `\\u{${point.toString(16)}}`;
    }
    const digits = inSet ? null : this.#match(/[1-9]\d?/y);
    if (digits !== null) return `(?:\\${digits[0]})`;
    const char = this.#take();
    if (Object.hasOwn(CLASSES, char)) return CLASSES[char] ?? '';
    switch (char) {
      case 'w':
        return inSet ? WORD : `[${WORD}]`;
      case 'W':
        return inSet ? '\\W' : `[^${WORD}]`;
      case 'b':
        return inSet ? '\\u{8}' : `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`;
      case 'B':
        return `(?:(?<=[${WORD}])(?=[${WORD}])|(?<![${WORD}])(?![${WORD}]))`;
      case 'A':
        return '(?<![\\s\\S])';
      case 'Z':
        return END;
      case 'a':
        return '\\u{7}';
      default:
        break;
    }
    if ('nrtfv'.includes(char)) return `\\${char}`;
    if (/[a-zA-Z]/.test(char)) throw new Fault('error', `bad escape \\${char}`);
    if (char === '') throw new Fault('error', 'bad escape (end of pattern)');
    return /[\^$\\.*+?()[\]{}|/-]/.test(char) ? (char === '-' && !inSet ? '-' : `\\${char}`) : char;
  }
}
