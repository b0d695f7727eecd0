import { Fault } from '../error.js';
import { HostObject } from '../values/host.js';
import { hostFunction } from '../values/signature.js';
import { DAY, dateOf, daysOf, isoOffset } from './calendar.js';
import type { DateTime } from './datetime.js';
import { TimeDelta } from './timedelta.js';

/** A moment without a zone: days since 1970-01-01 and microseconds of the day. */
export interface Moment {
  readonly days: number;
  readonly micros: number;
}

export function shift({ days, micros }: Moment, by: number): Moment {
  const total = micros + by;
  const carry = Math.floor(total / DAY);
  return { days: days + carry, micros: total - carry * DAY };
}

/** A time zone in the way of pytz: a value with a fixed offset, made by `localize` or `astimezone`. */
export class Zone extends HostObject {
  /** `UTC`, `Europe/Rome`; null for a fixed offset without a name. */
  readonly zone: string | null;
  /** Microseconds east of UTC. */
  readonly offset: number;
  readonly abbreviation: string;
  readonly dst: number;

  constructor(zone: string | null, offset: number, abbreviation: string, dst = 0) {
    super();
    this.zone = zone;
    this.offset = offset;
    this.abbreviation = abbreviation;
    this.dst = dst;
  }

  override get typeName(): string {
    return 'tzinfo';
  }

  /** The zone with the offset that holds at a moment of UTC. */
  atUtc(utc: Moment): Zone {
    if (this.zone === null || this.zone === 'UTC') return this;
    return offsetAt(this.zone, utc);
  }

  /** The zone with the offset that holds at a local time; the standard one where there are two. */
  atLocal(local: Moment, isDst = false): Zone {
    const early = this.atUtc(shift(local, -DAY)).offset;
    const late = this.atUtc(shift(local, DAY)).offset;
    const fits = [early, late]
      .map((offset) => this.atUtc(shift(local, -offset)))
      .filter((zone) => zone.atUtc(shift(local, -zone.offset)).offset === zone.offset);
    const wanted = fits.find((zone) => (zone.dst !== 0) === isDst);
    return wanted ?? fits[0] ?? this.atUtc(shift(local, -(isDst ? Math.max(early, late) : Math.min(early, late))));
  }

  override getAttribute(name: string): unknown {
    switch (name) {
      case 'zone':
        return this.zone;
      case 'localize':
        return hostFunction('localize', ['dt', ['is_dst', false]], (dt: DateTime, isDst: unknown) => {
          if (dt.zone !== null) throw new Fault('ValueError', 'Not naive datetime (tzinfo is already set)');
          return dt.with({ zone: this.atLocal(dt, isDst === true) });
        });
      case 'normalize':
        return hostFunction('normalize', ['dt'], (dt: DateTime) => dt.inZone(this));
      case 'utcoffset':
      case 'tzname':
      case 'dst':
        return hostFunction(name, [['dt', null]], (dt: DateTime | null) =>
          dt === null ? null : dt.with({ zone: this.zone === null ? this : this.atLocal(dt) }).zoneInfo(name),
        );
      default:
        return undefined;
    }
  }

  override equals(other: unknown): boolean {
    return other instanceof Zone && other.zone === this.zone && (this.zone !== null || other.offset === this.offset);
  }

  override str(): string {
    return this.zone ?? this.abbreviation;
  }

  override repr(): string {
    if (this.zone === 'UTC') return '<UTC>';
    if (this.zone === null)
      return this.offset === 0 ? 'datetime.timezone.utc' : `datetime.timezone(${new TimeDelta(0, this.offset).repr()})`;
    return `<DstTzInfo '${this.zone}' ${this.abbreviation}${isoOffset(this.offset)}:00 ${this.dst === 0 ? 'STD' : 'DST'}>`;
  }
}

export const UTC = new Zone('UTC', 0, 'UTC');

/** A fixed offset, as `datetime.timezone(delta)` makes it. */
export function fixedZone(offset: number, name: string | null = null): Zone {
  return new Zone(null, offset, name ?? (offset === 0 ? 'UTC' : `UTC${isoOffset(offset)}`));
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let found = formats.get(zone);
  if (found === undefined) {
    found = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      era: 'short',
    });
    formats.set(zone, found);
  }
  return found;
}

/** pytz' zone of an IANA name; its offset is local mean time until it is localized, as in pytz. */
export function zoneOf(name: string): Zone {
  if (/^(?:utc|gmt)$/i.test(name)) return UTC;
  try {
    format(name);
  } catch {
    throw new Fault('UnknownTimeZoneError', `'${name}'`);
  }
  const mean = Math.round(offsetMicros(name, { days: daysOf(1850, 1, 1), micros: 0 }) / 60_000_000) * 60_000_000;
  return new Zone(name, mean, 'LMT');
}

function offsetMicros(zone: string, utc: Moment): number {
  const seconds = utc.days * 86_400 + Math.floor(utc.micros / 1_000_000);
  const parts = new Map(
    format(zone)
      .formatToParts(seconds * 1000)
      .map((part) => [part.type, part.value]),
  );
  const number = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
  const days = daysOf(number('year'), number('month'), number('day'));
  const local = days * 86_400 + number('hour') * 3600 + number('minute') * 60 + number('second');
  return (local - seconds) * 1_000_000;
}

function offsetAt(zone: string, utc: Moment): Zone {
  const offset = offsetMicros(zone, utc);
  const { year } = dateOf(utc.days);
  const winter = offsetMicros(zone, { days: daysOf(year, 1, 15), micros: 0 });
  const summer = offsetMicros(zone, { days: daysOf(year, 7, 15), micros: 0 });
  const dst = offset - Math.min(winter, summer);
  return new Zone(zone, offset, abbreviation(zone, utc, offset), Math.max(0, dst));
}

/** Locales that know the short names of their own zones. */
const LOCALES = ['en-US', 'en-GB', 'en-AU', 'en-NZ', 'en-IN', 'en-ZA', 'ja-JP', 'ko-KR'];

function abbreviation(zone: string, utc: Moment, offset: number): string {
  const time = utc.days * 86_400_000 + Math.floor(utc.micros / 1000);
  for (const locale of LOCALES) {
    const parts = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'short' }).formatToParts(time);
    const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
    if (/^[A-Z]{3,5}$/.test(name)) return name;
  }
  return isoOffset(offset, '').replace(/00$/, '');
}
