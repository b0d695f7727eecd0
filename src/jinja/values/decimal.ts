import { Fault } from '../error.js';
import { Float } from './float.js';
import { HostFunction, HostObject } from './host.js';

const PRECISION = 28;
const ten = (digits: number): bigint => 10n ** BigInt(digits);

/** Python's `decimal.Decimal` of a finite value: `unscaled * 10 ** -scale`, exact. What numeric columns hold. */
export class Decimal extends HostObject {
  readonly unscaled: bigint;
  readonly scale: number;

  constructor(unscaled: bigint, scale: number) {
    super();
    this.unscaled = unscaled;
    this.scale = scale;
  }

  /** Throws a ValueError for what is no number. */
  static parse(text: string): Decimal {
    const found = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?\s*$/i.exec(text);
    const [, sign = '', whole = '', fraction = '', exponent = '0'] = found ?? [];
    if (found === null || whole + fraction === '') throw new Fault('ValueError', `'${text}' is not a decimal number`);
    const unscaled = BigInt(whole + fraction);
    return new Decimal(sign === '-' ? -unscaled : unscaled, fraction.length - Number(exponent));
  }

  override get typeName(): string {
    return 'Decimal';
  }

  override getAttribute(name: string): unknown {
    switch (name) {
      case 'is_zero':
        return new HostFunction(name, () => this.unscaled === 0n);
      case 'is_signed':
        return new HostFunction(name, () => this.unscaled < 0n);
      case 'normalize':
        return new HostFunction(name, () => this.#normalized());
      default:
        return undefined;
    }
  }

  #normalized(): Decimal {
    let { unscaled, scale } = this;
    if (unscaled === 0n) return new Decimal(0n, 0);
    while (unscaled % 10n === 0n) {
      unscaled /= 10n;
      scale--;
    }
    return new Decimal(unscaled, scale);
  }

  /** Rounded half to even to `digits` after the point. */
  rounded(digits: number): Decimal {
    if (digits >= this.scale) return new Decimal(this.unscaled * ten(digits - this.scale), digits);
    return new Decimal(divideHalfEven(this.unscaled, ten(this.scale - digits)), digits);
  }

  override isTruthy(): boolean {
    return this.unscaled !== 0n;
  }

  override equals(other: unknown): boolean {
    return this.compare(other) === 0;
  }

  hashKey(): unknown {
    const { unscaled, scale } = this.#normalized();
    if (scale > 0) return Number(this.str());
    const whole = unscaled * ten(-scale);
    return Number.isSafeInteger(Number(whole)) ? Number(whole) : `\0i${whole}`;
  }

  override compare(other: unknown): number | undefined {
    if (other instanceof Float) return Number(this.str()) - other.value;
    const right = asDecimal(other);
    if (right === undefined) return undefined;
    const [a, b] = aligned(this, right);
    return a < b ? -1 : a > b ? 1 : 0;
  }

  override binary(operator: string, other: unknown, reflected: boolean): unknown {
    const value = asDecimal(other);
    if (value === undefined) return undefined;
    const [left, right] = reflected ? [value, this] : [this, value];
    const scale = Math.max(left.scale, right.scale);
    const [a, b] = aligned(left, right);
    switch (operator) {
      case '+':
        return new Decimal(a + b, scale);
      case '-':
        return new Decimal(a - b, scale);
      case '*':
        return new Decimal(left.unscaled * right.unscaled, left.scale + right.scale);
      default:
        break;
    }
    if (operator !== '/' && operator !== '//' && operator !== '%') return undefined;
    if (b === 0n)
      throw new Fault(
        this.unscaled === 0n && left.unscaled === 0n ? 'InvalidOperation' : 'DivisionByZero',
        'division by zero',
      );
    // Unlike for floats, Python's decimals truncate towards zero.
    if (operator === '//') return new Decimal(a / b, 0);
    return operator === '%' ? new Decimal(a % b, scale) : quotient(left, right);
  }

  override str(): string {
    const negative = this.unscaled < 0n;
    const digits = (negative ? -this.unscaled : this.unscaled).toString();
    const sign = negative ? '-' : '';
    const adjusted = digits.length - 1 - this.scale;
    if (this.scale >= 0 && adjusted >= -6) {
      if (this.scale === 0) return sign + digits;
      const padded = digits.padStart(this.scale + 1, '0');
      return `${sign}${padded.slice(0, -this.scale)}.${padded.slice(-this.scale)}`;
    }
    const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
    return `${sign}${mantissa}E${adjusted < 0 ? '' : '+'}${adjusted}`;
  }

  override repr(): string {
    return `Decimal('${this.str()}')`;
  }
}

function asDecimal(value: unknown): Decimal | undefined {
  if (value instanceof Decimal) return value;
  if (typeof value === 'number' || typeof value === 'bigint') return new Decimal(BigInt(value), 0);
  return typeof value === 'boolean' ? new Decimal(value ? 1n : 0n, 0) : undefined;
}

/** Both as whole numbers of the same unit. */
function aligned(a: Decimal, b: Decimal): [bigint, bigint] {
  const scale = Math.max(a.scale, b.scale);
  return [a.unscaled * ten(scale - a.scale), b.unscaled * ten(scale - b.scale)];
}

function divideHalfEven(a: bigint, b: bigint): bigint {
  const negative = a < 0n !== b < 0n;
  const x = a < 0n ? -a : a;
  const y = b < 0n ? -b : b;
  let result = x / y;
  const twice = (x % y) * 2n;
  if (twice > y || (twice === y && result % 2n === 1n)) result++;
  return negative ? -result : result;
}

/** 28 significant digits, without zeros at the end beyond the operands' own. */
function quotient(a: Decimal, b: Decimal): Decimal {
  const digits = (x: bigint): number => (x < 0n ? -x : x).toString().length;
  const extra = Math.max(0, PRECISION - digits(a.unscaled) + digits(b.unscaled) + 1);
  const raw = (a.unscaled * ten(extra)) / b.unscaled;
  const surplus = Math.max(0, digits(raw) - PRECISION);
  const exact = (a.unscaled * ten(extra)) % b.unscaled === 0n;
  let unscaled = divideHalfEven(a.unscaled * ten(extra), b.unscaled * ten(surplus));
  let scale = a.scale - b.scale + extra - surplus;
  if (exact) {
    const ideal = a.scale - b.scale;
    while (scale > ideal && unscaled % 10n === 0n) {
      unscaled /= 10n;
      scale--;
    }
  }
  return new Decimal(unscaled, scale);
}
