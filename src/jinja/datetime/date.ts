import { Fault } from '../error.js';
import { NamedTuple } from '../values/collections.js';
import { HostFunction, HostObject } from '../values/host.js';
import { hostFunction } from '../values/signature.js';
import { typeName } from '../values/types.js';
import {
  dateOf,
  daysInMonth,
  daysOf,
  EPOCH_ORDINAL,
  isoDate,
  isoWeek,
  MAX_DAYS,
  MIN_DAYS,
  weekdayOf,
} from './calendar.js';
import { strftime } from './strftime.js';
import { TimeDelta } from './timedelta.js';

/** A number within bounds, or a ValueError in Python's words. */
export function within(value: unknown, name: string, low: number, high: number): number {
  if (typeof value !== 'number')
    throw new Fault('TypeError', `'${typeName(value)}' object cannot be interpreted as an integer`);
  if (value < low || value > high) throw new Fault('ValueError', `${name} must be in ${low}..${high}`);
  return value;
}

export function checkedDays(year: unknown, month: unknown, day: unknown): number {
  const y = within(year, 'year', 1, 9999);
  const m = within(month, 'month', 1, 12);
  if (typeof day !== 'number')
    throw new Fault('TypeError', `'${typeName(day)}' object cannot be interpreted as an integer`);
  if (day < 1 || day > daysInMonth(y, m)) throw new Fault('ValueError', 'day is out of range for month');
  return daysOf(y, m, day);
}

export function checkRange(days: number): number {
  if (days < MIN_DAYS || days > MAX_DAYS) throw new Fault('OverflowError', 'date value out of range');
  return days;
}

/** What `date` and `datetime` share. */
export function dateAttribute(days: number, name: string): unknown {
  switch (name) {
    case 'year':
    case 'month':
    case 'day':
      return dateOf(days)[name];
    case 'weekday':
      return new HostFunction(name, () => weekdayOf(days));
    case 'isoweekday':
      return new HostFunction(name, () => weekdayOf(days) + 1);
    case 'toordinal':
      return new HostFunction(name, () => days + EPOCH_ORDINAL);
    case 'isocalendar':
      return new HostFunction(name, () => {
        const { year, week, weekday } = isoWeek(days);
        return new NamedTuple(['year', 'week', 'weekday'], [year, week, weekday], 'datetime.IsoCalendarDate');
      });
    default:
      return undefined;
  }
}

/** Python's `datetime.date`. */
export class PyDate extends HostObject {
  /** Days since 1970-01-01. */
  readonly days: number;

  constructor(days: number) {
    super();
    this.days = checkRange(days);
  }

  static of(year: number, month: number, day: number): PyDate {
    return new PyDate(checkedDays(year, month, day));
  }

  override get typeName(): string {
    return 'datetime.date';
  }

  override getAttribute(name: string): unknown {
    const { year, month, day } = dateOf(this.days);
    switch (name) {
      case 'isoformat':
        return new HostFunction(name, () => isoDate(this.days));
      case 'strftime':
        return hostFunction(name, ['format'], (format: string) => this.format(format));
      case 'ctime':
        return new HostFunction(name, () => this.format('%a %b %e 00:00:00 %Y'));
      case 'replace':
        return hostFunction(
          name,
          [
            ['year', year],
            ['month', month],
            ['day', day],
          ],
          (...parts: unknown[]) => {
            return new PyDate(checkedDays(parts[0], parts[1], parts[2]));
          },
        );
      default:
        return dateAttribute(this.days, name);
    }
  }

  override isTruthy(): boolean {
    return true;
  }

  override equals(other: unknown): boolean {
    return other instanceof PyDate && other.days === this.days;
  }

  hashKey(): string {
    return `\0d${this.days}`;
  }

  override compare(other: unknown): number | undefined {
    return other instanceof PyDate ? this.days - other.days : undefined;
  }

  override binary(operator: string, other: unknown, reflected: boolean): unknown {
    if (other instanceof PyDate && operator === '-') {
      return new TimeDelta(reflected ? other.days - this.days : this.days - other.days, 0);
    }
    if (!(other instanceof TimeDelta)) return undefined;
    if (operator === '+') return new PyDate(this.days + other.days);
    return operator === '-' && !reflected ? new PyDate(this.days - other.days) : undefined;
  }

  override str(): string {
    return isoDate(this.days);
  }

  /** For JSON.stringify. */
  toJSON(): string {
    return isoDate(this.days);
  }

  override repr(): string {
    const { year, month, day } = dateOf(this.days);
    return `datetime.date(${year}, ${month}, ${day})`;
  }

  override format(spec: string): string {
    return spec === '' ? this.str() : strftime(spec, { days: this.days, micros: 0 }, null);
  }
}
