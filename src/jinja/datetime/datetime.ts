import { Fault } from '../error.js';
import { Float } from '../values/float.js';
import { HostFunction, HostObject } from '../values/host.js';
import { hostFunction } from '../values/signature.js';
import { DAY, dateOf, isoDate, isoOffset } from './calendar.js';
import { checkedDays, checkRange, dateAttribute, PyDate } from './date.js';
import { strftime } from './strftime.js';
import { checkedMicros, isoTimeSpec, PyTime, TIME_PARTS, timePart, timeParts } from './time.js';
import { TimeDelta } from './timedelta.js';
import { fixedZone, type Moment, shift, UTC, Zone } from './zone.js';

/** Python's `datetime.datetime`: a local time, with a zone or naive (`zone` null). */
export class DateTime extends HostObject implements Moment {
  /** Days since 1970-01-01, local. */
  readonly days: number;
  /** Microseconds since local midnight. */
  readonly micros: number;
  readonly zone: Zone | null;

  constructor({ days, micros }: Moment, zone: Zone | null = null) {
    super();
    this.days = checkRange(days);
    this.micros = micros;
    this.zone = zone;
  }

  /** A moment in UTC from a JS date. */
  static ofDate(date: Date): DateTime {
    return DateTime.ofEpoch(date.getTime() * 1000, UTC);
  }

  /** Microseconds since 1970-01-01 UTC, shown in a zone; naive UTC where the zone is null. */
  static ofEpoch(micros: number, zone: Zone | null): DateTime {
    const utc = shift({ days: 0, micros: 0 }, micros);
    return zone === null ? new DateTime(utc) : new DateTime(utc, UTC).inZone(zone);
  }

  override get typeName(): string {
    return 'datetime.datetime';
  }

  with(changes: Partial<Moment> & { zone?: Zone | null }): DateTime {
    const { days = this.days, micros = this.micros, zone = this.zone } = changes;
    return new DateTime({ days, micros }, zone);
  }

  /** The same moment in UTC; a naive time counts as UTC. */
  utc(): Moment {
    return shift(this, -(this.zone?.offset ?? 0));
  }

  /** The same moment in another zone. */
  inZone(zone: Zone): DateTime {
    const utc = this.zone === null ? shift(this, -localOffset(this)) : this.utc();
    const fixed = zone.atUtc(utc);
    return new DateTime(shift(utc, fixed.offset), fixed);
  }

  zoneInfo(name: 'utcoffset' | 'tzname' | 'dst'): unknown {
    if (this.zone === null) return null;
    if (name === 'tzname') return this.zone.abbreviation;
    return new TimeDelta(0, name === 'dst' ? this.zone.dst : this.zone.offset);
  }

  override getAttribute(name: string): unknown {
    switch (name) {
      case 'tzinfo':
        return this.zone;
      case 'fold':
        return 0;
      case 'date':
        return new HostFunction(name, () => new PyDate(this.days));
      case 'time':
        return new HostFunction(name, () => new PyTime(this.micros));
      case 'timetz':
        return new HostFunction(name, () => new PyTime(this.micros, this.zone));
      case 'isoformat':
        return hostFunction(
          name,
          [
            ['sep', 'T'],
            ['timespec', 'auto'],
          ],
          (sep: string, spec: string) => this.iso(sep, spec),
        );
      case 'strftime':
        return hostFunction(name, ['format'], (format: string) => strftime(format, this, this.zone));
      case 'ctime':
        return new HostFunction(name, () => strftime('%a %b %e %H:%M:%S %Y', this, null));
      case 'timestamp':
        return new HostFunction(name, () => new Float(this.#epoch() / 1_000_000));
      case 'utcoffset':
      case 'tzname':
      case 'dst':
        return new HostFunction(name, () => this.zoneInfo(name));
      case 'astimezone':
        return hostFunction(name, [['tz', null]], (zone: Zone | null) =>
          this.inZone(zone ?? fixedZone(localOffset(this))),
        );
      case 'replace':
        return this.#replace();
      default:
        return timePart(this.micros, name) ?? dateAttribute(this.days, name);
    }
  }

  #replace(): HostFunction {
    const { year, month, day } = dateOf(this.days);
    const time = TIME_PARTS.map((part) => [part, timePart(this.micros, part)] as const);
    return hostFunction(
      'replace',
      [['year', year], ['month', month], ['day', day], ...time, ['tzinfo', this.zone], ['fold', 0]],
      (...values: unknown[]) => {
        const [y, m, d, hour, minute, second, micro, zone] = values;
        const micros = checkedMicros(hour, minute, second, micro);
        return new DateTime({ days: checkedDays(y, m, d), micros }, zone instanceof Zone ? zone : null);
      },
    );
  }

  /** Microseconds since 1970-01-01 UTC; a naive time counts as local. */
  #epoch(): number {
    const { days, micros } = this.zone === null ? shift(this, -localOffset(this)) : this.utc();
    return days * DAY + micros;
  }

  iso(separator = 'T', timespec = 'auto'): string {
    const offset = this.zone === null ? '' : isoOffset(this.zone.offset);
    return `${isoDate(this.days)}${separator}${isoTimeSpec(this.micros, timespec)}${offset}`;
  }

  override isTruthy(): boolean {
    return true;
  }

  override equals(other: unknown): boolean {
    if (!(other instanceof DateTime) || (this.zone === null) !== (other.zone === null)) return false;
    return this.#distance(other) === 0;
  }

  hashKey(): string {
    const { days, micros } = this.utc();
    return `\0dt${days}:${micros}:${this.zone === null}`;
  }

  #distance(other: DateTime): number {
    const a = this.utc();
    const b = other.utc();
    return a.days - b.days || a.micros - b.micros;
  }

  override compare(other: unknown): number | undefined {
    if (!(other instanceof DateTime)) return undefined;
    this.#checkSameKind(other, 'compare');
    return this.#distance(other);
  }

  #checkSameKind(other: DateTime, what: string): void {
    if ((this.zone === null) !== (other.zone === null)) {
      throw new Fault('TypeError', `can't ${what} offset-naive and offset-aware datetimes`);
    }
  }

  override binary(operator: string, other: unknown, reflected: boolean): unknown {
    if (other instanceof DateTime && operator === '-') {
      this.#checkSameKind(other, 'subtract');
      const [a, b] = reflected ? [other.utc(), this.utc()] : [this.utc(), other.utc()];
      return new TimeDelta(a.days - b.days, a.micros - b.micros);
    }
    if (!(other instanceof TimeDelta)) return undefined;
    if (operator === '+') return this.with(shift({ days: this.days + other.days, micros: this.micros }, other.micros));
    if (operator !== '-' || reflected) return undefined;
    return this.with(shift({ days: this.days - other.days, micros: this.micros }, -other.micros));
  }

  override str(): string {
    return this.iso(' ');
  }

  /** For JSON.stringify. */
  toJSON(): string {
    return this.iso();
  }

  override repr(): string {
    const { year, month, day } = dateOf(this.days);
    const zone = this.zone === null ? '' : `, tzinfo=${this.zone.repr()}`;
    return `datetime.datetime(${year}, ${month}, ${day}, ${timeParts(this.micros)}${zone})`;
  }

  override format(spec: string): string {
    return spec === '' ? this.str() : strftime(spec, this, this.zone);
  }
}

/** Microseconds that the machine's own zone is east of UTC at a local time. */
function localOffset({ days, micros }: Moment): number {
  const { year, month, day } = dateOf(days);
  const date = new Date(2000, month - 1, day, 0, 0, 0, Math.floor(micros / 1000));
  date.setFullYear(year);
  return -date.getTimezoneOffset() * 60_000_000;
}
