/** Dates and times as DuckDB prints them, exact to the microsecond. */

const MICROS_PER_DAY = 86_400_000_000;

function pad(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** `2024-01-31` of a day number (1970-01-01 is 0), for the years 1 to 9999. */
function dateText(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

let cachedDay = Number.NaN;
let cachedText = '';

function cachedDateText(day: number): string {
  if (day !== cachedDay) {
    cachedDay = day;
    cachedText = dateText(day);
  }
  return cachedText;
}

/** Microseconds within which dates are in the years 1 to 9999 and numbers are exact. */
const LOWEST = -9_007_199_254_740_991n;
const HIGHEST = 9_007_199_254_740_991n;

/**
 * `2024-01-31 12:30:00.25` of microseconds since 1970; undefined where a number is not exact (before 1684 and after
 * 2255, and the infinities), for the driver's slower way.
 */
export function timestampText(micros: bigint): string | undefined {
  if (micros < LOWEST || micros > HIGHEST) return undefined;
  const value = Number(micros);
  const day = Math.floor(value / MICROS_PER_DAY);
  const inDay = value - day * MICROS_PER_DAY;
  const seconds = Math.floor(inDay / 1_000_000);
  const fraction = inDay - seconds * 1_000_000;
  const clock = `${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  const text = `${cachedDateText(day)} ${clock}`;
  return fraction === 0 ? text : `${text}.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`;
}

/** Seconds east of UTC at an instant. */
export type ZoneOffset = (epochMilliseconds: number) => number;

/** The offsets of a named zone, as the platform's time zone data has them. */
export function zoneOffset(zone: string): ZoneOffset {
  if (/^(Etc\/)?(UTC|GMT|Zulu|UCT|Universal)$/i.test(zone)) return () => 0;
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const byQuarter = new Map<number, number>();
  return (ms) => {
    const quarter = Math.floor(ms / 900_000);
    let offset = byQuarter.get(quarter);
    if (offset === undefined) {
      const name = format.formatToParts(ms).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
      const m = /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name);
      offset = m ? (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 3600 + Number(m[3]) * 60 + Number(m[4] ?? 0)) : 0;
      byQuarter.set(quarter, offset);
    }
    return offset;
  };
}

/** `+02`, `-03:30`; DuckDB leaves out the seconds that zones had long ago. */
function offsetText(seconds: number): string {
  const rest = Math.abs(seconds);
  let text = `${seconds < 0 ? '-' : '+'}${pad(Math.floor(rest / 3600))}`;
  if (rest % 3600 >= 60) text += `:${pad(Math.floor(rest / 60) % 60)}`;
  return text;
}

/** A timestamp with time zone in the session's zone; undefined where `timestampText` is. */
export function zonedTimestampText(micros: bigint, zone: ZoneOffset): string | undefined {
  if (micros < LOWEST || micros > HIGHEST) return undefined;
  const offset = zone(Math.floor(Number(micros) / 1000));
  const text = timestampText(micros + BigInt(offset) * 1_000_000n);
  return text === undefined ? undefined : text + offsetText(offset);
}
