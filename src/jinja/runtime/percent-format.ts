import { Fault } from '../error.js';
import { Dict, Tuple } from '../values/collections.js';
import { numeric } from '../values/compare.js';
import { Float } from '../values/float.js';
import { HostObject } from '../values/host.js';
import { repr, str } from '../values/text.js';
import { typeName } from '../values/types.js';
import { Undefined } from '../values/undefined.js';
import { checkText } from './limits.js';
import { formatFloat } from './number-format.js';

const SPECIFIER = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]?([\s\S]|$)/g;

/** Python's `text % values`. */
export function percentFormat(text: string, values: unknown): string {
  const items = values instanceof Tuple ? values.items : [values];
  let next = 0;
  let usedNames = false;
  const take = (): unknown => {
    if (next >= items.length) throw new Fault('TypeError', 'not enough arguments for format string');
    return items[next++];
  };
  const size = (given: string | undefined): number | undefined => {
    if (given === undefined) return undefined;
    const value = given === '*' ? take() : Number(given);
    if (typeof value !== 'number') throw new Fault('TypeError', '* wants int');
    checkText(value);
    return value;
  };
  const out = text.replace(
    SPECIFIER,
    (all: string, name?: string, flags = '', width?: string, precision?: string, type = '') => {
      if (type === '%') return '%';
      let value: unknown;
      if (name !== undefined) {
        if (!(values instanceof Dict)) throw new Fault('TypeError', 'format requires a mapping');
        value = values.get(name);
        if (value === undefined) throw new Fault('KeyError', repr(name));
        usedNames = true;
      }
      const w = size(width);
      const hasPoint = all.includes('.', name === undefined ? 1 : name.length + 3);
      const p = size(precision) ?? (hasPoint ? 0 : undefined);
      if (name === undefined) value = take();
      return pad(convert(value, type, flags, p), flags, w, 'srac'.includes(type));
    },
  );
  // What has `__getitem__` counts as a mapping, of which nothing need be used.
  const isMapping = values instanceof Dict || Array.isArray(values) || values instanceof Undefined;
  if (!usedNames && next < items.length && !isMapping) {
    throw new Fault('TypeError', 'not all arguments converted during string formatting');
  }
  checkText(out.length);
  return out;
}

function convert(value: unknown, type: string, flags: string, precision: number | undefined): string {
  switch (type) {
    case 's':
    case 'r':
    case 'a': {
      const text = type === 's' ? str(value) : repr(value);
      return precision === undefined ? text : text.slice(0, precision);
    }
    case 'c':
      if (typeof value === 'string' && value.length > 0) return value;
      if (typeof value === 'number') return String.fromCodePoint(value);
      throw new Fault('TypeError', '%c requires int or char');
    case 'd':
    case 'i':
    case 'u':
      return whole(number(value, type, false), 10, '', flags, precision);
    case 'x':
      return whole(number(value, type, true), 16, flags.includes('#') ? '0x' : '', flags, precision);
    case 'X':
      return whole(number(value, type, true), 16, flags.includes('#') ? '0x' : '', flags, precision).toUpperCase();
    case 'o':
      return whole(number(value, type, true), 8, flags.includes('#') ? '0o' : '', flags, precision);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': {
      const x = numeric(value) ?? decimal(value);
      if (x === undefined) {
        if (value instanceof Undefined) value.fail();
        throw new Fault('TypeError', `must be real number, not ${typeName(value)}`);
      }
      return sign(formatFloat(Number(x), type, precision ?? 6, flags.includes('#')), flags);
    }
    default:
      if (type === '') throw new Fault('ValueError', 'incomplete format');
      throw new Fault('ValueError', `unsupported format character '${type}' (0x${type.charCodeAt(0).toString(16)})`);
  }
}

function decimal(value: unknown): number | undefined {
  return value instanceof HostObject && value.typeName === 'Decimal' ? Number(value.str()) : undefined;
}

function number(value: unknown, type: string, wholeOnly: boolean): bigint {
  const x = wholeOnly && value instanceof Float ? undefined : (numeric(value) ?? decimal(value));
  if (x === undefined) {
    if (value instanceof Undefined) value.fail();
    const wanted = wholeOnly ? 'an integer' : 'a real number';
    throw new Fault('TypeError', `%${type} format: ${wanted} is required, not ${typeName(value)}`);
  }
  if (typeof x === 'bigint') return x;
  if (!Number.isFinite(x)) throw new Fault('OverflowError', `cannot convert float ${x} to integer`);
  return BigInt(Math.trunc(x));
}

function whole(x: bigint, base: number, prefix: string, flags: string, precision: number | undefined): string {
  const digits = (x < 0n ? -x : x).toString(base).padStart(precision ?? 0, '0');
  return sign(`${x < 0n ? '-' : ''}${prefix}${digits}`, flags);
}

function sign(text: string, flags: string): string {
  if (text.startsWith('-')) return text;
  return flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text;
}

function pad(text: string, flags: string, width: number | undefined, isText: boolean): string {
  if (width === undefined || text.length >= width) return text;
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0') || isText) return text.padStart(width);
  const head = /^[-+ ]?(?:0[xo])?/i.exec(text)?.[0] ?? '';
  return head + text.slice(head.length).padStart(width - head.length, '0');
}
