/** Numbers and dates as the page shows them: English, UTC, the same on every machine. */

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** 1,234 */
export const count = (value: number): string => whole.format(value);
/** 12.3 */
export const decimal = (value: number): string => one.format(value);
/** 1.2K */
export const compact = (value: number): string => short.format(value);
/** 12.3% */
export const percent = (share: number): string => `${one.format(share * 100)}%`;
/** 12% */
export const roundPercent = (share: number): string => `${whole.format(share * 100)}%`;

/** 31 Dec 2025, from an ISO date; another text is returned as it is. */
export function day(iso: string): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(iso);
  const month = MONTHS[Number(match?.[2]) - 1];
  return match === null || month === undefined ? iso : `${Number(match[3])} ${month} ${match[1]}`;
}

/** 31 Dec 2025, 14:05 UTC, from an ISO timestamp. */
export function time(iso: string): string {
  const clock = /T(\d{2}:\d{2})/.exec(iso)?.[1];
  return clock === undefined ? iso : `${day(iso.slice(0, 10))}, ${clock} UTC`;
}

/** Dec 2025, from an ISO date. */
export function month(iso: string): string {
  return day(iso).replace(/^\d+ /, '');
}

/** The time of an ISO date at midnight UTC. */
export function utc(iso: string): Date {
  return new Date(`${iso}T00:00:00Z`);
}

/** The ISO date `days` later. */
export function addDays(iso: string, days: number): string {
  const date = utc(iso);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** `pay_bill` as `Pay bill`. */
export function readable(name: string): string {
  const text = name.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
