import { Fault } from '../error.js';
import { dateOf, daysOf, isoDate, isoOffset, isoTime, isoWeek, MONTHS, two, WEEKDAYS, weekdayOf } from './calendar.js';
import type { Moment, Zone } from './zone.js';

type Directive = (moment: Moment, zone: Zone | null) => string | number;

const hour = ({ micros }: Moment): number => Math.floor(micros / 3_600_000_000);
const dayOfYear = ({ days }: Moment): number => days - daysOf(dateOf(days).year, 1, 1) + 1;

/** Directives of `strftime`; numbers are padded with zeros to the width given. */
const DIRECTIVES: Readonly<Record<string, readonly [width: number, value: Directive]>> = {
  Y: [0, ({ days }) => dateOf(days).year],
  m: [2, ({ days }) => dateOf(days).month],
  d: [2, ({ days }) => dateOf(days).day],
  e: [-2, ({ days }) => dateOf(days).day],
  H: [2, hour],
  k: [-2, hour],
  I: [2, (at) => hour(at) % 12 || 12],
  l: [-2, (at) => hour(at) % 12 || 12],
  M: [2, ({ micros }) => Math.floor(micros / 60_000_000) % 60],
  S: [2, ({ micros }) => Math.floor(micros / 1_000_000) % 60],
  f: [6, ({ micros }) => micros % 1_000_000],
  y: [2, ({ days }) => dateOf(days).year % 100],
  C: [2, ({ days }) => Math.floor(dateOf(days).year / 100)],
  j: [3, dayOfYear],
  w: [1, ({ days }) => (weekdayOf(days) + 1) % 7],
  u: [1, ({ days }) => weekdayOf(days) + 1],
  U: [2, (at) => Math.floor((dayOfYear(at) + 6 - ((weekdayOf(at.days) + 1) % 7)) / 7)],
  W: [2, (at) => Math.floor((dayOfYear(at) + 6 - weekdayOf(at.days)) / 7)],
  V: [2, ({ days }) => isoWeek(days).week],
  G: [4, ({ days }) => isoWeek(days).year],
  g: [2, ({ days }) => isoWeek(days).year % 100],
  p: [0, (at) => (hour(at) < 12 ? 'AM' : 'PM')],
  P: [0, (at) => (hour(at) < 12 ? 'am' : 'pm')],
  a: [0, ({ days }) => (WEEKDAYS[weekdayOf(days)] ?? '').slice(0, 3)],
  A: [0, ({ days }) => WEEKDAYS[weekdayOf(days)] ?? ''],
  b: [0, ({ days }) => (MONTHS[dateOf(days).month - 1] ?? '').slice(0, 3)],
  h: [0, ({ days }) => (MONTHS[dateOf(days).month - 1] ?? '').slice(0, 3)],
  B: [0, ({ days }) => MONTHS[dateOf(days).month - 1] ?? ''],
  z: [0, (_, zone) => (zone === null ? '' : isoOffset(zone.offset, ''))],
  Z: [0, (_, zone) => zone?.abbreviation ?? ''],
  F: [0, ({ days }) => isoDate(days)],
  D: [0, ({ days }) => `${two(dateOf(days).month)}/${two(dateOf(days).day)}/${two(dateOf(days).year % 100)}`],
  x: [0, ({ days }) => `${two(dateOf(days).month)}/${two(dateOf(days).day)}/${two(dateOf(days).year % 100)}`],
  T: [0, ({ micros }) => isoTime(micros - (micros % 1_000_000))],
  X: [0, ({ micros }) => isoTime(micros - (micros % 1_000_000))],
  R: [0, ({ micros }) => isoTime(micros - (micros % 1_000_000)).slice(0, 5)],
  s: [0, ({ days, micros }, zone) => days * 86_400 + Math.floor((micros - (zone?.offset ?? 0)) / 1_000_000)],
  n: [0, () => '\n'],
  t: [0, () => '\t'],
  '%': [0, () => '%'],
};

/** Python's `strftime` on Linux, in the C locale; `-`, `_`, `0`, `^` and `#` are glibc's flags. */
export function strftime(format: string, moment: Moment, zone: Zone | null): string {
  return format.replace(/%([-_0^#]*)(\d*)(:?[a-zA-Z%])/g, (all: string, flags: string, size: string, type: string) => {
    if (type === 'c') return strftime('%a %b %e %H:%M:%S %Y', moment, zone);
    if (type === 'r') return strftime('%I:%M:%S %p', moment, zone);
    if (type === ':z') return zone === null ? '' : isoOffset(zone.offset);
    if (!Object.hasOwn(DIRECTIVES, type)) return all;
    const [width, value] = DIRECTIVES[type] ?? [0, () => ''];
    const result = value(moment, zone);
    let text = String(result);
    if (typeof result === 'number') {
      const fill = flags.includes('_') || (width < 0 && !flags.includes('0')) ? ' ' : '0';
      const wanted = size === '' ? Math.abs(width) : Number(size);
      if (wanted > 100) throw new Fault('ValueError', 'the width in a time format is too large');
      if (!flags.includes('-')) text = text.padStart(wanted, fill);
    }
    if (flags.includes('^')) return text.toUpperCase();
    return flags.includes('#') ? text.toLowerCase() : text;
  });
}
