import type { SqlValue } from '../adapters/adapter.js';

const NUMERAL = /^([+-]?)(\d+)(?:\.(\d*))?$/;
const MOMENT = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.(\d+))?$/;

/**
 * A value as a text that is the same from every driver: no zeros behind a fraction, times without parts of zero. `exact`
 * leaves texts as they are: those of text columns.
 */
export function canonical(value: SqlValue, exact = false): string | null {
  if (value === null) return null;
  if (exact && typeof value === 'string') return value;
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'object')
    return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner));
  const text = String(value);
  const numeral = NUMERAL.exec(text);
  if (numeral !== null && text.includes('.')) {
    const fraction = (numeral[3] ?? '').replace(/0+$/, '');
    const whole = `${numeral[1] === '-' ? '-' : ''}${numeral[2]}`;
    return fraction === '' ? whole : `${whole}.${fraction}`;
  }
  const moment = MOMENT.exec(text);
  if (moment === null) return text;
  const fraction = (moment[3] ?? '').replace(/0+$/, '');
  return `${moment[1]} ${moment[2]}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Whether two numbers are as good as the same: within `tolerance`, relative above 1. */
export function near(a: SqlValue, b: SqlValue, tolerance: number): boolean {
  if (a === null || b === null) return false;
  const [x, y] = [Number(a), Number(b)];
  return Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(x), Math.abs(y));
}

/** The order of `order by key nulls last`, in which texts go byte by byte. */
export function compareKeys(
  a: readonly SqlValue[],
  b: readonly SqlValue[],
  kinds: readonly ('number' | 'text' | 'other')[],
): number {
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? null;
    if (x === null || y === null) {
      if (x === y) continue;
      return x === null ? 1 : -1;
    }
    const kind = kinds[i] ?? 'other';
    const text = (value: SqlValue) => canonical(value, kind === 'text') ?? '';
    const order = kind === 'number' ? compareNumbers(x, y) : compareTexts(text(x), text(y));
    if (order !== 0) return order;
  }
  return 0;
}

function compareNumbers(a: SqlValue, b: SqlValue): number {
  if (typeof a === 'number' && typeof b === 'number') return Math.sign(a - b);
  const [x, y] = [scaled(String(a)), scaled(String(b))];
  if (x === undefined || y === undefined) return Math.sign(Number(a) - Number(b));
  const [p, q] = [x.digits * 10n ** BigInt(y.scale), y.digits * 10n ** BigInt(x.scale)];
  return p < q ? -1 : p > q ? 1 : 0;
}

function scaled(text: string): { readonly digits: bigint; readonly scale: number } | undefined {
  const [, sign, whole, fraction = ''] = NUMERAL.exec(text) ?? [];
  if (whole === undefined) return undefined;
  return { digits: BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`), scale: fraction.length };
}

/** By code point, which is the order of the bytes in UTF-8; JavaScript's own order differs beyond U+FFFF. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
