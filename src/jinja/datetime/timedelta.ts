import { Fault } from '../error.js';
import { numeric } from '../values/compare.js';
import { Float } from '../values/float.js';
import { HostFunction, HostObject } from '../values/host.js';
import { PyClass } from '../values/py-class.js';
import { typeName } from '../values/types.js';
import { DAY, two } from './calendar.js';

/** Python's `datetime.timedelta`: whole days and microseconds of a day (0 to DAY - 1). */
export class TimeDelta extends HostObject {
  readonly days: number;
  readonly micros: number;

  constructor(days: number, micros: number) {
    super();
    const carry = Math.floor(micros / DAY);
    this.days = days + carry;
    this.micros = micros - carry * DAY;
    if (Math.abs(this.days) > 999_999_999) {
      throw new Fault('OverflowError', `days=${this.days}; must have magnitude <= 999999999`);
    }
  }

  override get typeName(): string {
    return 'datetime.timedelta';
  }

  /** Exact microseconds. */
  get total(): bigint {
    return BigInt(this.days) * BigInt(DAY) + BigInt(this.micros);
  }

  static ofMicros(total: bigint): TimeDelta {
    const day = BigInt(DAY);
    const days = total / day - (total % day < 0n ? 1n : 0n);
    return new TimeDelta(Number(days), Number(total - days * day));
  }

  override getAttribute(name: string): unknown {
    switch (name) {
      case 'days':
        return this.days;
      case 'seconds':
        return Math.floor(this.micros / 1_000_000);
      case 'microseconds':
        return this.micros % 1_000_000;
      case 'total_seconds':
        return new HostFunction(name, () => new Float(Number(this.total) / 1_000_000));
      default:
        return undefined;
    }
  }

  override isTruthy(): boolean {
    return this.days !== 0 || this.micros !== 0;
  }

  override equals(other: unknown): boolean {
    return other instanceof TimeDelta && other.days === this.days && other.micros === this.micros;
  }

  hashKey(): string {
    return `\0td${this.total}`;
  }

  override compare(other: unknown): number | undefined {
    return other instanceof TimeDelta ? this.days - other.days || this.micros - other.micros : undefined;
  }

  override binary(operator: string, other: unknown, reflected: boolean): unknown {
    if (other instanceof TimeDelta) {
      const [a, b] = reflected ? [other, this] : [this, other];
      if (operator === '+') return new TimeDelta(a.days + b.days, a.micros + b.micros);
      if (operator === '-') return new TimeDelta(a.days - b.days, a.micros - b.micros);
      if (b.total === 0n) throw new Fault('ZeroDivisionError', 'integer division or modulo by zero');
      if (operator === '/') return new Float(Number(a.total) / Number(b.total));
      const quotient = floorDiv(a.total, b.total);
      if (operator === '//') return Number(quotient);
      return operator === '%' ? TimeDelta.ofMicros(a.total - quotient * b.total) : undefined;
    }
    const factor = numeric(other);
    if (factor === undefined) return undefined;
    if (operator === '*') {
      if (!(other instanceof Float)) return TimeDelta.ofMicros(this.total * BigInt(factor));
      return TimeDelta.ofMicros(BigInt(roundHalfEven(Number(this.total) * Number(factor))));
    }
    // `-delta` comes as 0 - delta.
    if (operator === '-' && reflected && factor === 0) return TimeDelta.ofMicros(-this.total);
    if (reflected) return undefined;
    if (Number(factor) === 0) throw new Fault('ZeroDivisionError', 'integer division or modulo by zero');
    if (operator === '//') return TimeDelta.ofMicros(floorDiv(this.total, BigInt(Math.trunc(Number(factor)))));
    if (operator === '/') return TimeDelta.ofMicros(BigInt(roundHalfEven(Number(this.total) / Number(factor))));
    return undefined;
  }

  override str(): string {
    const seconds = Math.floor(this.micros / 1_000_000);
    const rest = this.micros % 1_000_000;
    const clock = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    const time = rest === 0 ? clock : `${clock}.${String(rest).padStart(6, '0')}`;
    return this.days === 0 ? time : `${this.days} day${Math.abs(this.days) === 1 ? '' : 's'}, ${time}`;
  }

  override repr(): string {
    const seconds = Math.floor(this.micros / 1_000_000);
    const rest = this.micros % 1_000_000;
    const parts = [
      ...(this.days === 0 ? [] : [`days=${this.days}`]),
      ...(seconds === 0 ? [] : [`seconds=${seconds}`]),
      ...(rest === 0 ? [] : [`microseconds=${rest}`]),
    ];
    return `datetime.timedelta(${parts.length === 0 ? '0' : parts.join(', ')})`;
  }
}

function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}

const UNITS = {
  days: DAY,
  seconds: 1_000_000,
  microseconds: 1,
  milliseconds: 1000,
  minutes: 60_000_000,
  hours: 3_600_000_000,
  weeks: 7 * DAY,
};

/** `modules.datetime.timedelta`. */
export const TIMEDELTA = new PyClass(
  'datetime.timedelta',
  Object.keys(UNITS).map((unit) => [unit, 0] as const),
  (...values: unknown[]) => {
    let total = 0n;
    let fraction = 0;
    Object.entries(UNITS).forEach(([unit, size], i) => {
      const value = numeric(values[i]);
      if (value === undefined) {
        throw new Fault('TypeError', `unsupported type for timedelta ${unit} component: ${typeName(values[i])}`);
      }
      const whole = typeof value === 'bigint' ? value : BigInt(Math.trunc(value));
      total += whole * BigInt(size);
      fraction += (Number(value) - Number(whole)) * size;
    });
    return TimeDelta.ofMicros(total + BigInt(roundHalfEven(fraction)));
  },
  [
    ['min', new TimeDelta(-999_999_999, 0)],
    ['max', new TimeDelta(999_999_999, DAY - 1)],
    ['resolution', new TimeDelta(0, 1)],
  ],
);
