import { Fault } from '../error.js';
import { fixed } from '../runtime/number-format.js';
import { neg } from '../runtime/operators.js';
import { compare, numeric } from '../values/compare.js';
import { Decimal } from '../values/decimal.js';
import { Float } from '../values/float.js';
import { HostObject } from '../values/host.js';
import { str } from '../values/text.js';
import { typeName } from '../values/types.js';
import { Undefined } from '../values/undefined.js';
import type { FilterEntry } from './apply.js';

/** Python's `float(text)`, or JS undefined. */
function parseFloatText(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?$/i.test(trimmed)) {
    return Number(trimmed.replaceAll('_', ''));
  }
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(trimmed);
  if (special === null) return undefined;
  const value = special[2]?.toLowerCase() === 'nan' ? Number.NaN : Infinity;
  return special[1] === '-' ? -value : value;
}

const PREFIXES: Readonly<Record<number, RegExp>> = { 2: /^0b/i, 8: /^0o/i, 16: /^0x/i };

/** Python's `int(text, base)`, or JS undefined. */
function parseInteger(text: string, base: number): number | bigint | undefined {
  const [, sign = '', body = ''] = /^([+-]?)(.*)$/s.exec(text.trim()) ?? [];
  let radix = base;
  let digits = body;
  if (base === 0) {
    radix = /^0b/i.test(body) ? 2 : /^0o/i.test(body) ? 8 : /^0x/i.test(body) ? 16 : 10;
    if (radix === 10 && /^0\d/.test(body) && !/^0+$/.test(body)) return undefined;
  }
  const prefix = PREFIXES[radix];
  if (prefix !== undefined) digits = digits.replace(prefix, '');
  if (!/^[0-9a-z]+(?:_[0-9a-z]+)*$/i.test(digits)) return undefined;
  let value = 0n;
  for (const char of digits.replaceAll('_', '').toLowerCase()) {
    const digit = Number.parseInt(char, 36);
    if (digit >= radix) return undefined;
    value = value * BigInt(radix) + BigInt(digit);
  }
  return smallest(sign === '-' ? -value : value);
}

function smallest(value: bigint): number | bigint {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

/** Python's `int(x)` for numbers; JS undefined for infinities and NaN. */
export function truncate(x: number | bigint): number | bigint | undefined {
  if (typeof x === 'bigint') return x;
  return Number.isFinite(x) ? smallest(BigInt(Math.trunc(x))) : undefined;
}

function decimalNumber(value: unknown): number | undefined {
  return value instanceof HostObject && value.typeName === 'Decimal' ? Number(value.str()) : numericOf(value);
}

function numericOf(value: unknown): number | undefined {
  const x = numeric(value);
  return x === undefined ? undefined : Number(x);
}

function toInt(value: unknown, otherwise: unknown, base: unknown): unknown {
  if (value instanceof Undefined) value.fail();
  if (typeof value === 'string') {
    const whole = parseInteger(value, typeof base === 'number' ? base : 10);
    if (whole !== undefined) return whole;
    const float = parseFloatText(value);
    return (float === undefined ? undefined : truncate(float)) ?? otherwise;
  }
  const x = numeric(value);
  if (x === Infinity || x === -Infinity) throw new Fault('OverflowError', 'cannot convert float infinity to integer');
  return (x === undefined ? truncate(decimalNumber(value) ?? Number.NaN) : truncate(x)) ?? otherwise;
}

function toFloat(value: unknown, otherwise: unknown): unknown {
  if (value instanceof Undefined) value.fail();
  if (typeof value === 'string') {
    const parsed = parseFloatText(value);
    return parsed === undefined ? otherwise : new Float(parsed);
  }
  const x = decimalNumber(value);
  if (typeof value === 'bigint' && x !== undefined && !Number.isFinite(x)) {
    throw new Fault('OverflowError', 'int too large to convert to float');
  }
  return x === undefined ? otherwise : new Float(x);
}

/** Half to even on the exact binary value, as Python's `round(x, digits)`. */
function roundFloat(x: number, digits: number): number {
  if (!Number.isFinite(x) || digits > 323) return x;
  if (digits >= 0) {
    const magnitude = Number(fixed(Math.abs(x), digits));
    return x < 0 ? -magnitude : magnitude;
  }
  const unit = 10 ** -digits;
  const quotient = Math.abs(x) / unit;
  const floor = Math.floor(quotient);
  const rest = quotient - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
  return x < 0 ? -(rounded * unit) : rounded * unit;
}

function round(value: unknown, precision: unknown, method: unknown): unknown {
  if (method !== 'common' && method !== 'ceil' && method !== 'floor') {
    throw new Fault('FilterArgumentError', 'method must be common, ceil or floor');
  }
  const x = numeric(value) ?? decimalNumber(value);
  if (x === undefined) {
    throw new Fault('TypeError', `type ${typeName(value)} doesn't define __round__ method`);
  }
  const digits = Number(numeric(precision) ?? 0);
  const isWhole = !(value instanceof Float) && numeric(value) !== undefined;
  if (method === 'common') {
    if (value instanceof Decimal) return value.rounded(digits);
    if (!isWhole) return new Float(roundFloat(Number(x), digits));
    if (digits >= 0) return typeof value === 'boolean' ? Number(value) : value;
    return smallest(roundWhole(BigInt(x), 10n ** BigInt(-digits)));
  }
  const unit = 10 ** digits;
  const scaled = Math[method](Number(x) * unit);
  return new Float(scaled / unit);
}

function roundWhole(x: bigint, unit: bigint): bigint {
  const negative = x < 0n;
  const magnitude = negative ? -x : x;
  let quotient = magnitude / unit;
  const twice = (magnitude % unit) * 2n;
  if (twice > unit || (twice === unit && quotient % 2n === 1n)) quotient++;
  return (negative ? -quotient : quotient) * unit;
}

function fileSize(value: unknown, binary: unknown): string {
  const bytes = typeof value === 'string' ? parseFloatText(value) : decimalNumber(value);
  if (bytes === undefined) throw new Fault('ValueError', `could not convert to a number: ${str(value)}`);
  const base = binary === true ? 1024 : 1000;
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  const letters = binary === true ? 'KMGTPEZY' : 'kMGTPEZY';
  let unit = base;
  let letter = '';
  for (letter of letters) {
    unit *= base;
    if (bytes < unit) break;
  }
  return `${fixed((base * bytes) / unit, 1)} ${letter}${binary === true ? 'iB' : 'B'}`;
}

/** Jinja2's filters over numbers. */
export const NUMBER_FILTERS: Readonly<Record<string, FilterEntry>> = {
  abs: [
    [],
    (value: unknown) => {
      if (value instanceof HostObject) return compare(value, 0) < 0 ? neg(value) : value;
      const x = numeric(value);
      if (x === undefined) throw new Fault('TypeError', `bad operand type for abs(): '${typeName(value)}'`);
      if (value instanceof Float) return new Float(Math.abs(value.value));
      return x < 0 ? neg(x) : x;
    },
  ],
  int: [
    [
      ['default', 0],
      ['base', 10],
    ],
    toInt,
  ],
  float: [[['default', new Float(0)]], toFloat],
  round: [
    [
      ['precision', 0],
      ['method', 'common'],
    ],
    round,
  ],
  filesizeformat: [[['binary', false]], fileSize],
};
