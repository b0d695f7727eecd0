/** Microseconds of a day. */
export const DAY = 86_400_000_000;
/** Days from 0001-01-01 to 1970-01-01, and Python's ordinal of 1970-01-01. */
export const EPOCH_ORDINAL = 719_163;
export const MIN_DAYS = daysOf(1, 1, 1);
export const MAX_DAYS = daysOf(9999, 12, 31);

export const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
/** From Monday, as Python's `weekday()` counts. */
export const WEEKDAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');

export interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant's days_from_civil). */
export function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The date of a number of days since 1970-01-01 (Howard Hinnant's civil_from_days). */
export function dateOf(days: number): CalendarDate {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const m = Math.floor((5 * dayOfYear + 2) / 153);
  const month = m < 10 ? m + 3 : m - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * m + 2) / 5) + 1,
  };
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInMonth(year: number, month: number): number {
  return month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Monday is 0. */
export function weekdayOf(days: number): number {
  return (((days + 3) % 7) + 7) % 7;
}

/** ISO year, ISO week (1 to 53) and ISO weekday (Monday is 1). */
export function isoWeek(days: number): { year: number; week: number; weekday: number } {
  const weekday = weekdayOf(days);
  const thursday = days - weekday + 3;
  const { year } = dateOf(thursday);
  return { year, week: Math.floor((thursday - daysOf(year, 1, 1)) / 7) + 1, weekday: weekday + 1 };
}

export function two(value: number): string {
  return String(value).padStart(2, '0');
}

export function isoDate(days: number): string {
  const { year, month, day } = dateOf(days);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** `HH:MM:SS`, with six digits of microseconds where there are some. */
export function isoTime(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const rest = micros % 1_000_000;
  const text = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return rest === 0 ? text : `${text}.${String(rest).padStart(6, '0')}`;
}

/** An offset from UTC in microseconds as `+HH:MM` (with seconds where there are some). */
export function isoOffset(micros: number, separator = ':'): string {
  const seconds = Math.abs(micros) / 1_000_000;
  const sign = micros < 0 ? '-' : '+';
  const text = `${sign}${two(Math.floor(seconds / 3600))}${separator}${two(Math.floor(seconds / 60) % 60)}`;
  const rest = Math.floor(seconds) % 60;
  return rest === 0 ? text : `${text}${separator}${two(rest)}`;
}
