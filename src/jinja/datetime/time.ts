import { HostFunction, HostObject } from '../values/host.js';
import { hostFunction } from '../values/signature.js';
import { isoOffset, isoTime } from './calendar.js';
import { within } from './date.js';
import { strftime } from './strftime.js';
import { Zone } from './zone.js';

export const TIME_PARTS = ['hour', 'minute', 'second', 'microsecond'] as const;

/** Microseconds of the day from hour, minute, second and microsecond, each within its bounds. */
export function checkedMicros(hour: unknown, minute: unknown, second: unknown, micro: unknown): number {
  const seconds =
    within(hour, 'hour', 0, 23) * 3600 + within(minute, 'minute', 0, 59) * 60 + within(second, 'second', 0, 59);
  return seconds * 1_000_000 + within(micro, 'microsecond', 0, 999_999);
}

export function timePart(micros: number, name: string): number | undefined {
  switch (name) {
    case 'hour':
      return Math.floor(micros / 3_600_000_000);
    case 'minute':
      return Math.floor(micros / 60_000_000) % 60;
    case 'second':
      return Math.floor(micros / 1_000_000) % 60;
    case 'microsecond':
      return micros % 1_000_000;
    default:
      return undefined;
  }
}

/** The parts of a time as Python's `repr` writes them: seconds and microseconds only where they are not 0. */
export function timeParts(micros: number): string {
  const [hour, minute, second, micro] = TIME_PARTS.map((name) => timePart(micros, name) ?? 0);
  const tail = micro !== 0 ? `, ${second}, ${micro}` : second !== 0 ? `, ${second}` : '';
  return `${hour}, ${minute}${tail}`;
}

/** `timespec` of `isoformat`. */
export function isoTimeSpec(micros: number, timespec: string): string {
  const full = isoTime(micros - (micros % 1_000_000));
  const fraction = String(micros % 1_000_000).padStart(6, '0');
  switch (timespec) {
    case 'hours':
      return full.slice(0, 2);
    case 'minutes':
      return full.slice(0, 5);
    case 'seconds':
      return full;
    case 'milliseconds':
      return `${full}.${fraction.slice(0, 3)}`;
    case 'microseconds':
      return `${full}.${fraction}`;
    default:
      return isoTime(micros);
  }
}

/** Python's `datetime.time`. */
export class PyTime extends HostObject {
  /** Microseconds since midnight. */
  readonly micros: number;
  readonly zone: Zone | null;

  constructor(micros: number, zone: Zone | null = null) {
    super();
    this.micros = micros;
    this.zone = zone;
  }

  override get typeName(): string {
    return 'datetime.time';
  }

  override getAttribute(name: string): unknown {
    switch (name) {
      case 'tzinfo':
        return this.zone;
      case 'isoformat':
        return hostFunction(
          name,
          [['timespec', 'auto']],
          (spec: string) => isoTimeSpec(this.micros, spec) + this.#offset(),
        );
      case 'strftime':
        return hostFunction(name, ['format'], (format: string) => this.format(format));
      case 'utcoffset':
      case 'dst':
        return new HostFunction(name, () => null);
      case 'replace':
        return hostFunction(
          name,
          [...TIME_PARTS.map((part) => [part, timePart(this.micros, part)] as const), ['tzinfo', this.zone]],
          (hour: unknown, minute: unknown, second: unknown, micro: unknown, zone: unknown) =>
            new PyTime(checkedMicros(hour, minute, second, micro), zone instanceof Zone ? zone : null),
        );
      default:
        return timePart(this.micros, name);
    }
  }

  #offset(): string {
    return this.zone === null ? '' : isoOffset(this.zone.offset);
  }

  override isTruthy(): boolean {
    return true;
  }

  override equals(other: unknown): boolean {
    return other instanceof PyTime && other.micros === this.micros;
  }

  hashKey(): string {
    return `\0ti${this.micros}`;
  }

  override compare(other: unknown): number | undefined {
    return other instanceof PyTime ? this.micros - other.micros : undefined;
  }

  override str(): string {
    return isoTime(this.micros) + this.#offset();
  }

  override repr(): string {
    return `datetime.time(${timeParts(this.micros)})`;
  }

  override format(spec: string): string {
    // A time alone counts as one on 1900-01-01.
    return spec === '' ? this.str() : strftime(spec, { days: -25_567, micros: this.micros }, this.zone);
  }
}
