import { Fault } from '../error.js';
import { checkText } from '../runtime/limits.js';
import { percentFormat } from '../runtime/percent-format.js';
import type { Dict, Tuple } from '../values/collections.js';
import { isTruthy, lengthOf } from '../values/iterate.js';
import { repr, str } from '../values/text.js';
import { typeName } from '../values/types.js';
import { Undefined } from '../values/undefined.js';
import type { FilterEntry } from './apply.js';
import { pretty } from './pretty.js';
import { center, replaceText } from './string-methods.js';
import { capitalize, lower, splitLines, trim, upper } from './text-case.js';
import { wrapText } from './word-wrap.js';

const optional = (value: unknown): string | null => (value === null ? null : str(value));

/** Jinja2's `title`: words start after blanks, hyphens and opening brackets only. */
function title(value: unknown): string {
  return str(value)
    .split(/([-\s({[<]+)/)
    .map((part) => {
      const [first = ''] = part;
      return upper(first) + lower(part.slice(first.length));
    })
    .join('');
}

function indent(value: unknown, width: unknown, first: unknown, blank: unknown): string {
  if (value instanceof Undefined) value.fail();
  if (Array.isArray(value)) throw new Fault('AttributeError', "'list' object has no attribute 'splitlines'");
  if (typeof value !== 'string') throw new Fault('TypeError', `indent works on text, not on ${repr(value)}`);
  if (typeof width === 'number') checkText(width);
  const space = typeof width === 'string' ? width : ' '.repeat(Math.max(0, Number(width)));
  // Jinja2 adds a newline first, so that a text which ends with one keeps its last, empty line.
  const lines = splitLines(`${value}\n`);
  checkText(value.length + lines.length * space.length);
  let out: string;
  if (isTruthy(blank)) out = lines.join(`\n${space}`);
  else out = lines.map((line, i) => (i > 0 && line !== '' ? space + line : line)).join('\n');
  return isTruthy(first) ? space + out : out;
}

function truncate(value: unknown, length: number, killWords: unknown, end: string, leeway: unknown): unknown {
  const size = lengthOf(value);
  if (size === undefined) throw new Fault('TypeError', `object of type '${typeName(value)}' has no len()`);
  const slack = leeway === null ? 5 : Number(leeway);
  if (length < end.length) throw new Fault('AssertionError', `expected length >= ${end.length}, got ${length}`);
  if (slack < 0) throw new Fault('AssertionError', `expected leeway >= 0, got ${slack}`);
  if (size <= length + slack) return value;
  if (typeof value !== 'string') throw new Fault('TypeError', `truncate works on text, not on ${typeName(value)}`);
  const cut = Array.from(value)
    .slice(0, length - end.length)
    .join('');
  if (isTruthy(killWords)) return cut + end;
  const space = cut.lastIndexOf(' ');
  return (space === -1 ? cut : cut.slice(0, space)) + end;
}

/** Jinja2's filters over text, and those that take any value. */
export const TEXT_FILTERS: Readonly<Record<string, FilterEntry>> = {
  upper: [[], (value: unknown) => upper(str(value))],
  lower: [[], (value: unknown) => lower(str(value))],
  title: [[], title],
  capitalize: [[], (value: unknown) => capitalize(str(value))],
  trim: [[['chars', null]], (value: unknown, chars: unknown) => trim(str(value), optional(chars))],
  string: [[], str],
  replace: [
    ['old', 'new', ['count', null]],
    (value: unknown, old: unknown, by: unknown, count: unknown) =>
      replaceText(str(value), str(old), str(by), count === null ? -1 : Number(count)),
  ],
  center: [[['width', 80]], (value: unknown, width: number) => center(str(value), width)],
  indent: [
    [
      ['width', 4],
      ['first', false],
      ['blank', false],
    ],
    indent,
  ],
  truncate: [
    [
      ['length', 255],
      ['killwords', false],
      ['end', '...'],
      ['leeway', null],
    ],
    truncate,
  ],
  wordcount: [[], (value: unknown) => str(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0],
  wordwrap: [
    [
      ['width', 79],
      ['break_long_words', true],
      ['wrapstring', null],
      ['break_on_hyphens', true],
    ],
    (value: unknown, width: number, breakLong: unknown, mark: unknown, onHyphens: unknown) => {
      if (typeof value !== 'string') {
        throw new Fault('AttributeError', `'${typeName(value)}' object has no attribute 'splitlines'`);
      }
      const newline = optional(mark) ?? '\n';
      const lines = splitLines(value);
      return lines
        .map((line) => wrapText(line, width, isTruthy(breakLong), isTruthy(onHyphens)).join(newline))
        .join(newline);
    },
  ],
  format: [
    ['*args', '**kwargs'],
    (value: unknown, args: Tuple, kwargs: Dict) => {
      if (args.items.length > 0 && kwargs.size > 0) {
        throw new Fault('FilterArgumentError', "can't handle positional and keyword arguments at the same time");
      }
      return percentFormat(str(value), kwargs.size > 0 ? kwargs : args);
    },
  ],
  default: [
    [
      ['default_value', ''],
      ['boolean', false],
    ],
    defaultTo,
  ],
  d: [
    [
      ['default_value', ''],
      ['boolean', false],
    ],
    defaultTo,
  ],
  pprint: [[], (value: unknown) => pretty(value)],
  // dbt's filters for native rendering; in text they change nothing.
  as_text: [[], (value: unknown) => value],
  as_bool: [[], (value: unknown) => value],
  as_native: [[], (value: unknown) => value],
  as_number: [[], (value: unknown) => value],
};

function defaultTo(value: unknown, otherwise: unknown, boolean: unknown): unknown {
  return value instanceof Undefined || (isTruthy(boolean) && !isTruthy(value)) ? otherwise : value;
}
