import { Fault } from '../error.js';
import { repr } from '../values/text.js';
import { daysInMonth, daysOf, MONTHS, WEEKDAYS, weekdayOf } from './calendar.js';
import { fixedZone, type Moment, UTC, type Zone } from './zone.js';

const PATTERNS: Readonly<Record<string, string>> = {
  d: '(3[01]|[12]\\d|0[1-9]|[1-9]| [1-9])',
  f: '(\\d{1,6})',
  H: '(2[0-3]|[01]\\d|\\d)',
  I: '(1[0-2]|0[1-9]|[1-9])',
  j: '(36[0-6]|3[0-5]\\d|[12]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9])',
  m: '(1[0-2]|0[1-9]|[1-9])',
  M: '([0-5]\\d|\\d)',
  S: '(6[01]|[0-5]\\d|\\d)',
  y: '(\\d\\d)',
  Y: '(\\d{4})',
  w: '([0-6])',
  u: '([1-7])',
  G: '(\\d{4})',
  V: '(5[0-3]|0[1-9]|[1-4]\\d|\\d)',
  z: '([+-]\\d\\d:?[0-5]\\d(?::?[0-5]\\d(?:\\.\\d{1,6})?)?|Z)',
  Z: '(utc|gmt)',
  p: '(am|pm)',
  a: `(${WEEKDAYS.map((day) => day.slice(0, 3)).join('|')})`,
  A: `(${WEEKDAYS.join('|')})`,
  b: `(${MONTHS.map((month) => month.slice(0, 3)).join('|')})`,
  B: `(${MONTHS.join('|')})`,
};
const COMPOSED: Readonly<Record<string, string>> = {
  c: '%a %b %d %H:%M:%S %Y',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  D: '%m/%d/%y',
  T: '%H:%M:%S',
  F: '%Y-%m-%d',
};

/** Python's `strptime`: the moment and the zone that a text in a format stands for. */
export function strptime(text: string, format: string): Moment & { zone: Zone | null } {
  const types: string[] = [];
  const expanded = format.replace(/%([cxXDTF])/g, (_, type: string) => COMPOSED[type] ?? '');
  const pattern = expanded.replace(/%(.)|\s+|[.*+?^${}()|[\]\\]/g, (all: string, type?: string) => {
    if (type === '%') return '%';
    if (type === undefined) return /\s/.test(all) ? '\\s+' : `\\${all}`;
    const part = Object.hasOwn(PATTERNS, type) ? PATTERNS[type] : undefined;
    if (part === undefined) throw new Fault('ValueError', `'${type}' is a bad directive in format ${repr(format)}`);
    types.push(type);
    return part;
  });
  const found = new RegExp(`^${pattern}`, 'i').exec(text);
  if (found === null) throw new Fault('ValueError', `time data ${repr(text)} does not match format ${repr(format)}`);
  if (found[0].length < text.length) {
    throw new Fault('ValueError', `unconverted data remains: ${text.slice(found[0].length)}`);
  }
  return assemble(new Map(types.map((type, i) => [type, found[i + 1] ?? ''])));
}

function assemble(parts: ReadonlyMap<string, string>): Moment & { zone: Zone | null } {
  const number = (type: string): number | undefined => (parts.has(type) ? Number(parts.get(type)) : undefined);
  const name = (type: string, names: readonly string[]): number | undefined => {
    const text = parts.get(type)?.toLowerCase();
    if (text === undefined) return undefined;
    const index = names.findIndex((n) => n.toLowerCase().startsWith(text));
    return index === -1 ? undefined : index;
  };
  const short = number('y');
  const year = number('Y') ?? (short === undefined ? 1900 : short < 69 ? 2000 + short : 1900 + short);
  const monthName = name('B', MONTHS) ?? name('b', MONTHS);
  const month = number('m') ?? (monthName === undefined ? 1 : monthName + 1);
  const day = number('d') ?? 1;
  if (day > daysInMonth(year, month)) throw new Fault('ValueError', 'day is out of range for month');
  let days = daysOf(year, month, day);
  const ofYear = number('j');
  if (ofYear !== undefined) days = daysOf(year, 1, 1) + ofYear - 1;
  const isoYear = number('G');
  const week = number('V');
  if (isoYear !== undefined && week !== undefined) {
    const fourth = daysOf(isoYear, 1, 4);
    days = fourth - weekdayOf(fourth) + (week - 1) * 7 + (number('u') ?? 1) - 1;
  }
  let hour = number('H') ?? 0;
  const half = number('I');
  if (half !== undefined) hour = (half % 12) + (parts.get('p')?.toLowerCase() === 'pm' ? 12 : 0);
  const fraction = Number((parts.get('f') ?? '').padEnd(6, '0'));
  const seconds = hour * 3600 + (number('M') ?? 0) * 60 + (number('S') ?? 0);
  const offset = parts.get('z');
  return { days, micros: seconds * 1_000_000 + fraction, zone: offset === undefined ? null : zoneOfOffset(offset) };
}

/** The zone of `+02:00`, `-0530` or `Z`. */
export function zoneOfOffset(text: string): Zone {
  if (/^z$/i.test(text)) return UTC;
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = /^([+-])(\d\d):?(\d\d)(?::?(\d\d))?/.exec(text) ?? [];
  const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1_000_000;
  return fixedZone(sign === '-' ? -size : size);
}
