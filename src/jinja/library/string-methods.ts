import { Fault } from '../error.js';
import { checkText } from '../runtime/limits.js';
import { type Dict, Tuple } from '../values/collections.js';
import { characters, iterate, textLength } from '../values/iterate.js';
import { typeName } from '../values/types.js';
import { formatText } from './format-text.js';
import { methodTable } from './methods.js';
import {
  capitalize,
  isCased,
  lower,
  splitLines,
  swapCase,
  title,
  trim,
  trimEnd,
  trimStart,
  upper,
} from './text-case.js';

function text(value: unknown, what = 'argument'): string {
  if (typeof value === 'string') return value;
  throw new Fault('TypeError', `${what} must be str, not ${typeName(value)}`);
}

function count(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  throw new Fault('TypeError', `'${typeName(value)}' object cannot be interpreted as an integer`);
}

function optionalText(value: unknown): string | null {
  return value === null ? null : text(value);
}

/** Bounds as Python's slices take them: negative from the end, cut to the length. */
function bounds(length: number, start: unknown, end: unknown): [number, number] {
  const clip = (value: unknown, otherwise: number): number => {
    if (value === null) return otherwise;
    const n = count(value);
    return n < 0 ? Math.max(0, n + length) : n;
  };
  return [clip(start, 0), Math.min(length, clip(end, length))];
}

function find(self: string, sub: unknown, start: unknown, end: unknown, last = false): number {
  const needle = text(sub);
  const [from, to] = bounds(self.length, start, end);
  if (from > to) return -1;
  const part = self.slice(from, to);
  const index = last ? part.lastIndexOf(needle) : part.indexOf(needle);
  return index === -1 ? -1 : index + from;
}

function index(self: string, sub: unknown, start: unknown, end: unknown, last = false): number {
  const found = find(self, sub, start, end, last);
  if (found === -1) throw new Fault('ValueError', 'substring not found');
  return found;
}

export function replaceText(self: string, old: string, by: string, limit = -1): string {
  const parts = old === '' ? ['', ...characters(self), ''] : self.split(old);
  const times = limit < 0 ? parts.length - 1 : Math.min(limit, parts.length - 1);
  checkText(self.length + times * Math.max(0, by.length - old.length));
  if (times === parts.length - 1) return parts.join(by);
  let out = parts[0] ?? '';
  for (let i = 1; i < parts.length; i++) out += (i <= times ? by : old) + parts[i];
  return out;
}

function split(self: string, separator: unknown, limit: unknown): string[] {
  const most = count(limit);
  if (separator === null) return splitWhitespace(self, most);
  const mark = text(separator);
  if (mark === '') throw new Fault('ValueError', 'empty separator');
  const parts = self.split(mark);
  if (most < 0 || parts.length <= most + 1) return parts;
  return [...parts.slice(0, most), parts.slice(most).join(mark)];
}

function splitWhitespace(self: string, most: number): string[] {
  const out: string[] = [];
  let rest = trimStart(self);
  while (rest !== '' && (most < 0 || out.length < most)) {
    const end = rest.search(/\s/);
    if (end === -1) break;
    out.push(rest.slice(0, end));
    rest = trimStart(rest.slice(end));
  }
  if (rest !== '') out.push(most < 0 ? trimEnd(rest) : rest);
  return out;
}

function splitEnd(self: string, separator: unknown, limit: unknown): string[] {
  const most = count(limit);
  if (most < 0) return split(self, separator, -1);
  if (separator === null) {
    const reversed = splitWhitespace(characters(self).reverse().join(''), most);
    return reversed.map((part) => characters(part).reverse().join('')).reverse();
  }
  const mark = text(separator);
  if (mark === '') throw new Fault('ValueError', 'empty separator');
  const parts = self.split(mark);
  const head = parts.length - most;
  return head <= 1 ? parts : [parts.slice(0, head).join(mark), ...parts.slice(head)];
}

function affix(self: string, given: unknown, test: (part: string) => boolean): boolean {
  if (given instanceof Tuple) return given.items.some((item) => affix(self, item, test));
  return test(text(given, 'first arg'));
}

function pad(self: string, width: unknown, fill: unknown, left: (missing: number) => number): string {
  const char = text(fill);
  if (textLength(char) !== 1) throw new Fault('TypeError', 'The fill character must be exactly one character long');
  const wanted = count(width);
  checkText(wanted);
  const missing = wanted - textLength(self);
  if (missing <= 0) return self;
  const before = left(missing);
  return char.repeat(before) + self + char.repeat(missing - before);
}

export function center(self: string, width: number, fill = ' '): string {
  // CPython puts the odd blank on the left where both the gap and the width are odd.
  return pad(self, width, fill, (missing) => Math.floor(missing / 2) + (missing & width & 1));
}

function partition(self: string, separator: unknown, last: boolean): Tuple {
  const mark = text(separator);
  if (mark === '') throw new Fault('ValueError', 'empty separator');
  const at = last ? self.lastIndexOf(mark) : self.indexOf(mark);
  if (at === -1) return new Tuple(last ? ['', '', self] : [self, '', '']);
  return new Tuple([self.slice(0, at), mark, self.slice(at + mark.length)]);
}

const every = (pattern: RegExp) => (self: string) => pattern.test(self);

export const STRING_METHODS = methodTable<string>({
  upper: [[], upper],
  lower: [[], lower],
  casefold: [[], (s) => lower(s).replaceAll('ß', 'ss')],
  title: [[], title],
  capitalize: [[], capitalize],
  swapcase: [[], swapCase],
  strip: [[['chars', null]], (s, chars: unknown) => trim(s, optionalText(chars))],
  lstrip: [[['chars', null]], (s, chars: unknown) => trimStart(s, optionalText(chars))],
  rstrip: [[['chars', null]], (s, chars: unknown) => trimEnd(s, optionalText(chars))],
  split: [
    [
      ['sep', null],
      ['maxsplit', -1],
    ],
    split,
  ],
  rsplit: [
    [
      ['sep', null],
      ['maxsplit', -1],
    ],
    splitEnd,
  ],
  splitlines: [[['keepends', false]], (s, keep: unknown) => splitLines(s, keep === true)],
  partition: [['sep'], (s, sep: unknown) => partition(s, sep, false)],
  rpartition: [['sep'], (s, sep: unknown) => partition(s, sep, true)],
  replace: [
    ['old', 'new', ['count', -1]],
    (s, old: unknown, by: unknown, limit: unknown) => replaceText(s, text(old), text(by), count(limit)),
  ],
  join: [
    ['iterable'],
    (s, items: unknown) => {
      const parts: string[] = [];
      let length = 0;
      for (const item of iterate(items)) {
        if (typeof item !== 'string') {
          const message = `sequence item ${parts.length}: expected str instance, ${typeName(item)} found`;
          throw new Fault('TypeError', message, 'The `join` filter takes any value.');
        }
        length += item.length + s.length;
        checkText(length);
        parts.push(item);
      }
      return parts.join(s);
    },
  ],
  startswith: [
    ['prefix', ['start', null], ['end', null]],
    (s, prefix: unknown, start: unknown, end: unknown) => {
      const [from, to] = bounds(s.length, start, end);
      return from <= to && affix(s, prefix, (part) => s.slice(from, to).startsWith(part));
    },
  ],
  endswith: [
    ['suffix', ['start', null], ['end', null]],
    (s, suffix: unknown, start: unknown, end: unknown) => {
      const [from, to] = bounds(s.length, start, end);
      return from <= to && affix(s, suffix, (part) => s.slice(from, to).endsWith(part));
    },
  ],
  removeprefix: [['prefix'], (s, part: unknown) => (s.startsWith(text(part)) ? s.slice(text(part).length) : s)],
  removesuffix: [
    ['suffix'],
    (s, part: unknown) => (part !== '' && s.endsWith(text(part)) ? s.slice(0, -text(part).length) : s),
  ],
  find: [['sub', ['start', null], ['end', null]], (s, sub: unknown, a: unknown, b: unknown) => find(s, sub, a, b)],
  rfind: [
    ['sub', ['start', null], ['end', null]],
    (s, sub: unknown, a: unknown, b: unknown) => find(s, sub, a, b, true),
  ],
  index: [['sub', ['start', null], ['end', null]], (s, sub: unknown, a: unknown, b: unknown) => index(s, sub, a, b)],
  rindex: [
    ['sub', ['start', null], ['end', null]],
    (s, sub: unknown, a: unknown, b: unknown) => index(s, sub, a, b, true),
  ],
  count: [
    ['sub', ['start', null], ['end', null]],
    (s, sub: unknown, start: unknown, end: unknown) => {
      const [from, to] = bounds(s.length, start, end);
      if (from > to) return 0;
      const part = s.slice(from, to);
      return sub === '' ? textLength(part) + 1 : part.split(text(sub)).length - 1;
    },
  ],
  ljust: [['width', ['fillchar', ' ']], (s, width: unknown, fill: unknown) => pad(s, width, fill, () => 0)],
  rjust: [['width', ['fillchar', ' ']], (s, width: unknown, fill: unknown) => pad(s, width, fill, (n) => n)],
  center: [['width', ['fillchar', ' ']], (s, width: unknown, fill: unknown) => center(s, count(width), text(fill))],
  zfill: [
    ['width'],
    (s, width: unknown) => {
      const sign = /^[+-]/.exec(s)?.[0] ?? '';
      return sign + pad(s.slice(sign.length), count(width) - sign.length, '0', (n) => n);
    },
  ],
  expandtabs: [
    [['tabsize', 8]],
    (s, size: unknown) => {
      let column = 0;
      let out = '';
      for (const char of s) {
        if (char === '\t') {
          const blanks = count(size) > 0 ? count(size) - (column % count(size)) : 0;
          checkText(out.length + blanks);
          out += ' '.repeat(blanks);
          column += blanks;
        } else {
          out += char;
          column = char === '\n' || char === '\r' ? 0 : column + 1;
        }
      }
      return out;
    },
  ],
  format: [['*args', '**kwargs'], (s, args: Tuple, kwargs: Dict) => formatText(s, args.items, kwargs)],
  format_map: [['mapping'], (s, mapping: Dict) => formatText(s, [], mapping)],
  isdigit: [[], every(/^[\p{Nd}²³¹⁰⁴-⁹₀-₉]+$/u)],
  isdecimal: [[], every(/^\p{Nd}+$/u)],
  isnumeric: [[], every(/^\p{N}+$/u)],
  isalpha: [[], every(/^\p{L}+$/u)],
  isalnum: [[], every(/^[\p{L}\p{N}]+$/u)],
  isspace: [[], every(/^\s+$/u)],
  isascii: [[], (s) => characters(s).every((c) => (c.codePointAt(0) ?? 0) < 128)],
  isidentifier: [[], every(/^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}]*$/u)],
  isupper: [[], (s) => isCased(s) && s === upper(s)],
  islower: [[], (s) => isCased(s) && s === lower(s)],
  istitle: [[], (s) => isCased(s) && s === title(s)],
  isprintable: [[], (s) => !/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(s)],
  translate: [
    ['table'],
    (s, table: Dict) =>
      characters(s)
        .map((char) => {
          const to = table.get(char.codePointAt(0));
          if (to === undefined) return char;
          return to === null ? '' : typeof to === 'number' ? String.fromCodePoint(to) : text(to);
        })
        .join(''),
  ],
});
