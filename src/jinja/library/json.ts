import { Fault } from '../error.js';
import { Dict, Tuple } from '../values/collections.js';
import { compare } from '../values/compare.js';
import { Float, floatRepr } from '../values/float.js';
import { HostObject } from '../values/host.js';
import { quoteJson } from '../values/quote-json.js';
import { str } from '../values/text.js';
import { typeName } from '../values/types.js';
import { Undefined } from '../values/undefined.js';

export interface JsonOptions {
  readonly sortKeys?: boolean;
  /** Blanks a level, or null for one line. */
  readonly indent?: number | null;
}

/** Python's `json.dumps`: `, ` and `: ` as separators, ASCII only. Throws a TypeError for what JSON can't hold. */
export function jsonDumps(value: unknown, options: JsonOptions = {}): string {
  return dump(value, options, '\n', new Set());
}

function dump(value: unknown, options: JsonOptions, newline: string, open: Set<unknown>): string {
  if (typeof value === 'string') return quoteJson(value);
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value === null) return 'null';
  if (value instanceof Float) return floatText(value.value);
  if (open.has(value)) throw new Fault('ValueError', 'Circular reference detected');
  open.add(value);
  const inner = typeof options.indent === 'number' ? newline + ' '.repeat(options.indent) : newline;
  const join = (parts: string[], start: string, end: string): string => {
    if (parts.length === 0) return start + end;
    if (typeof options.indent !== 'number') return start + parts.join(', ') + end;
    return `${start}${inner}${parts.join(`,${inner}`)}${newline}${end}`;
  };
  try {
    if (Array.isArray(value) || value instanceof Tuple) {
      const items: readonly unknown[] = value instanceof Tuple ? value.items : value;
      return join(
        items.map((item) => dump(item, options, inner, open)),
        '[',
        ']',
      );
    }
    if (value instanceof Dict) {
      const entries = [...value.entries()];
      if (options.sortKeys === true) entries.sort((a, b) => compare(a[0], b[0]));
      return join(
        entries.map(([key, item]) => `${quoteJson(keyText(key))}: ${dump(item, options, inner, open)}`),
        '{',
        '}',
      );
    }
    const plain = value instanceof HostObject ? value.toJson() : undefined;
    if (plain !== undefined) return dump(plain, options, newline, open);
    if (value instanceof Undefined) throw new Fault('TypeError', 'Object of type Undefined is not JSON serializable');
    throw new Fault('TypeError', `Object of type ${typeName(value)} is not JSON serializable`);
  } finally {
    open.delete(value);
  }
}

function floatText(x: number): string {
  if (Number.isNaN(x)) return 'NaN';
  if (!Number.isFinite(x)) return x < 0 ? '-Infinity' : 'Infinity';
  return floatRepr(x);
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'boolean') return key ? 'true' : 'false';
  if (key === null) return 'null';
  if (key instanceof Float) return floatText(key.value);
  if (typeof key === 'number' || typeof key === 'bigint') return str(key);
  throw new Fault('TypeError', `keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

/** Python's `json.loads`; numbers with a point or an exponent are floats. Throws a ValueError for what is no JSON. */
export function jsonLoads(text: string): unknown {
  const scanner = new Scanner(text);
  return scanner.whole();
}

const TOKEN =
  /[ \t\n\r]*(?:([[\]{},:])|("(?:[^"\\\p{Cc}]|\\.)*")|(-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)|(true|false|null|NaN|-?Infinity))/uy;

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): unknown {
    const value = this.#value(0);
    if (this.#text.slice(this.#at).trim() !== '') this.#fail('Extra data');
    return value;
  }

  #fail(message: string): never {
    const line = this.#text.slice(0, this.#at).split('\n').length;
    throw new Fault('JSONDecodeError', `${message}: line ${line} (char ${this.#at})`);
  }

  #peek(): string {
    while (/[ \t\n\r]/.test(this.#text.charAt(this.#at))) this.#at++;
    return this.#text.charAt(this.#at);
  }

  #value(depth: number): unknown {
    if (depth > 500) this.#fail('Too deeply nested');
    TOKEN.lastIndex = this.#at;
    const found = TOKEN.exec(this.#text);
    if (found === null) this.#fail('Expecting value');
    const [all, mark, quoted, number, fraction, exponent, word] = found;
    this.#at += all.length;
    if (quoted !== undefined) return this.#string(quoted);
    if (number !== undefined) {
      if (fraction !== undefined || exponent !== undefined) return new Float(Number(number));
      const whole = Number(number);
      return Number.isSafeInteger(whole) ? whole + 0 : BigInt(number);
    }
    if (word !== undefined) return WORDS.get(word);
    if (mark === '[') return this.#list(depth);
    if (mark === '{') return this.#dict(depth);
    return this.#fail('Expecting value');
  }

  #string(quoted: string): string {
    try {
      return JSON.parse(quoted) as string;
    } catch {
      return this.#fail('Invalid string');
    }
  }

  #list(depth: number): unknown[] {
    const items: unknown[] = [];
    if (this.#peek() === ']') {
      this.#at++;
      return items;
    }
    for (;;) {
      items.push(this.#value(depth + 1));
      const next = this.#peek();
      this.#at++;
      if (next === ']') return items;
      if (next !== ',') this.#fail("Expecting ',' delimiter");
    }
  }

  #dict(depth: number): Dict {
    const dict = new Dict();
    if (this.#peek() === '}') {
      this.#at++;
      return dict;
    }
    for (;;) {
      if (this.#peek() !== '"') this.#fail('Expecting property name enclosed in double quotes');
      const key = this.#value(depth + 1);
      if (this.#peek() !== ':') this.#fail("Expecting ':' delimiter");
      this.#at++;
      dict.set(key, this.#value(depth + 1));
      const next = this.#peek();
      this.#at++;
      if (next === '}') return dict;
      if (next !== ',') this.#fail("Expecting ',' delimiter");
    }
  }
}

const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', new Float(Number.NaN)],
  ['Infinity', new Float(Infinity)],
  ['-Infinity', new Float(-Infinity)],
]);
