import { Fault } from '../error.js';
import { checkText } from '../runtime/limits.js';
import { Dict, PyIterator, Tuple } from '../values/collections.js';
import { HostFunction, HostObject } from '../values/host.js';
import { PyModule } from '../values/py-class.js';
import { hostFunction, type Parameter } from '../values/signature.js';
import { repr } from '../values/text.js';
import { typeName } from '../values/types.js';
import { FLAG, translate } from './regex-syntax.js';

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Fault('TypeError', `expected string or bytes-like object, got '${typeName(value)}'`);
}

/** Python's match object. */
class Match extends HostObject {
  readonly #found: RegExpExecArray;

  constructor(found: RegExpExecArray) {
    super();
    this.#found = found;
  }

  override get typeName(): string {
    return 're.Match';
  }

  group(key: unknown): string | null {
    const value = typeof key === 'number' ? this.#found[key] : this.#found.groups?.[String(key)];
    const exists =
      typeof key === 'number'
        ? key >= 0 && key < this.#found.length
        : Object.hasOwn(this.#found.groups ?? {}, String(key));
    if (!exists) throw new Fault('IndexError', 'no such group');
    return value ?? null;
  }

  get start(): number {
    return this.#found.index;
  }

  get end(): number {
    return this.#found.index + this.#found[0].length;
  }

  /** All groups, or the whole match where there are none, as `findall` gives them. */
  listed(): unknown {
    const groups = this.#found.slice(1).map((group) => group ?? '');
    return groups.length === 0 ? this.#found[0] : groups.length === 1 ? groups[0] : new Tuple(groups);
  }

  groups(otherwise: unknown = null): unknown[] {
    return this.#found.slice(1).map((group) => group ?? otherwise);
  }

  override getAttribute(name: string): unknown {
    switch (name) {
      case 'group':
        return hostFunction(name, ['*groups'], ({ items }: Tuple) =>
          items.length === 0
            ? this.group(0)
            : items.length === 1
              ? this.group(items[0])
              : new Tuple(items.map((key) => this.group(key))),
        );
      case 'groups':
        return hostFunction(name, [['default', null]], (otherwise: unknown) => new Tuple(this.groups(otherwise)));
      case 'groupdict':
        return hostFunction(
          name,
          [['default', null]],
          (otherwise: unknown) =>
            new Dict(Object.entries(this.#found.groups ?? {}).map(([key, value]) => [key, value ?? otherwise])),
        );
      case 'start':
        return new HostFunction(name, () => this.start);
      case 'end':
        return new HostFunction(name, () => this.end);
      case 'span':
        return new HostFunction(name, () => new Tuple([this.start, this.end]));
      case 'string':
        return this.#found.input;
      default:
        return undefined;
    }
  }

  override getItem(key: unknown): unknown {
    return this.group(key);
  }

  override repr(): string {
    return `<re.Match object; span=(${this.start}, ${this.end}), match=${repr(this.#found[0])}>`;
  }
}

/** A compiled Python regular expression. */
class Pattern extends HostObject {
  readonly source: string;
  readonly flags: number;
  readonly regex: RegExp;

  constructor(source: string, flags: number) {
    super();
    this.source = source;
    this.flags = flags;
    this.regex = translate(source, flags);
  }

  override get typeName(): string {
    return 're.Pattern';
  }

  #with(flags: string, source = this.regex.source): RegExp {
    return new RegExp(source, this.regex.flags + flags);
  }

  match(string: string): Match | null {
    const found = this.#with('y').exec(string);
    return found === null ? null : new Match(found);
  }

  fullmatch(string: string): Match | null {
    const found = this.#with('y', `(?:${this.regex.source})(?![\\s\\S])`).exec(string);
    return found === null ? null : new Match(found);
  }

  search(string: string): Match | null {
    const found = this.regex.exec(string);
    return found === null ? null : new Match(found);
  }

  all(string: string): Match[] {
    return [...string.matchAll(this.#with('g'))].map((found) => new Match(found));
  }

  split(string: string, limit: number): unknown[] {
    const out: unknown[] = [];
    let end = 0;
    for (const [i, match] of this.all(string).entries()) {
      if (limit > 0 && i >= limit) break;
      out.push(string.slice(end, match.start), ...match.groups());
      end = match.end;
    }
    return [...out, string.slice(end)];
  }

  replace(by: unknown, string: string, limit: number): [string, number] {
    let out = '';
    let end = 0;
    let count = 0;
    for (const match of this.all(string)) {
      if (limit > 0 && count >= limit) break;
      out +=
        string.slice(end, match.start) + (by instanceof HostFunction ? called(by, match) : expand(text(by), match));
      checkText(out.length);
      end = match.end;
      count++;
    }
    return [out + string.slice(end), count];
  }

  override getAttribute(name: string): unknown {
    if (name === 'pattern') return this.source;
    if (name === 'flags') return this.flags | FLAG.U;
    if (name === 'groups') return new RegExp(`${this.regex.source}|`, this.regex.flags).exec('')?.slice(1).length ?? 0;
    const method = OPERATIONS[name];
    if (method === undefined) return undefined;
    return hostFunction(name, method[0], (...values: unknown[]) => method[1](this, ...values));
  }

  override repr(): string {
    return `re.compile(${repr(this.source)})`;
  }
}

function called(by: HostFunction, match: Match): string {
  return text(by.call({ positional: [match], named: new Map() }));
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  f: '\f',
  v: '\v',
  b: '\b',
  '\\': '\\',
};

/** A replacement with `\1`, `\g<1>` and `\g<name>`. */
function expand(template: string, match: Match): string {
  return template.replace(
    /\\(?:g<(\w+)>|([1-9]\d?)|([\s\S]))/g,
    (all: string, name?: string, index?: string, char = '') => {
      const key = index ?? name;
      if (key !== undefined) return match.group(/^\d+$/.test(key) ? Number(key) : key) ?? '';
      if (char === '0') return '\0';
      if (/[a-zA-Z]/.test(char) && ESCAPES[char] === undefined) throw new Fault('error', `bad escape \\${char}`);
      return ESCAPES[char] ?? all;
    },
  );
}

type Operation = (pattern: Pattern, ...values: unknown[]) => unknown;

/** What a pattern can do, with the parameters after the pattern. */
const OPERATIONS: Readonly<Record<string, readonly [readonly Parameter[], Operation]>> = {
  match: [['string'], (pattern, string) => pattern.match(text(string))],
  fullmatch: [['string'], (pattern, string) => pattern.fullmatch(text(string))],
  search: [['string'], (pattern, string) => pattern.search(text(string))],
  findall: [['string'], (pattern, string) => pattern.all(text(string)).map((match) => match.listed())],
  finditer: [['string'], (pattern, string) => new PyIterator('callable_iterator object', pattern.all(text(string)))],
  split: [['string', ['maxsplit', 0]], (pattern, string, limit) => pattern.split(text(string), Number(limit))],
  sub: [
    ['repl', 'string', ['count', 0]],
    (pattern, by, string, limit) => pattern.replace(by, text(string), Number(limit))[0],
  ],
  subn: [
    ['repl', 'string', ['count', 0]],
    (pattern, by, string, limit) => new Tuple(pattern.replace(by, text(string), Number(limit))),
  ],
};

function compiled(pattern: unknown, flags: unknown): Pattern {
  return pattern instanceof Pattern ? pattern : new Pattern(text(pattern), Number(flags));
}

const FLAG_NAMES = {
  A: 'ASCII',
  I: 'IGNORECASE',
  L: 'LOCALE',
  M: 'MULTILINE',
  S: 'DOTALL',
  U: 'UNICODE',
  X: 'VERBOSE',
} as const;

/** dbt's `modules.re`. */
export const RE_MODULE = new PyModule('re', [
  ...Object.entries(OPERATIONS).map(([name, [parameters, run]]) => {
    const all: Parameter[] = ['pattern', ...parameters, ['flags', 0]];
    const call = (pattern: unknown, ...rest: unknown[]) => run(compiled(pattern, rest.at(-1)), ...rest.slice(0, -1));
    return [name, hostFunction(name, all, call)] as const;
  }),
  ['compile', hostFunction('compile', ['pattern', ['flags', 0]], compiled)],
  [
    'escape',
    hostFunction('escape', ['pattern'], (pattern: unknown) =>
      text(pattern).replace(/[\\^$.*+?()[\]{}|\-&~#\s]/g, '\\$&'),
    ),
  ],
  ['purge', new HostFunction('purge', () => null)],
  ...Object.entries(FLAG).map(([name, bit]) => [name, bit] as const),
  ...Object.entries(FLAG_NAMES).map(([short, name]) => [name, FLAG[short as keyof typeof FLAG]] as const),
]);
