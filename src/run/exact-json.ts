import { Float, floatRepr } from '../jinja/values/float.js';

const MARK = '\u0000number:';
const MARKED = /"\\u0000number:([^"]+)"/g;

/**
 * JSON with numbers as Python writes them: integers of any size exact, and a float with a whole value as `1.0`. What is no
 * number in JSON (NaN, infinities) becomes null.
 */
export function toJson(value: unknown): string {
  if (!holdsExactNumber(value)) return JSON.stringify(value) ?? 'null';
  const marked = JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === 'bigint') return `${MARK}${inner}`;
    if (inner instanceof Float) return Number.isFinite(inner.value) ? `${MARK}${floatRepr(inner.value)}` : null;
    return inner;
  });
  return marked.replace(MARKED, '$1');
}

/** Whether JSON.stringify alone would lose or refuse a number. Cheaper than a replacer, which sees every value. */
function holdsExactNumber(value: unknown): boolean {
  if (typeof value === 'bigint') return true;
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof Float) return true;
  if (Array.isArray(value)) return value.some(holdsExactNumber);
  for (const key in value) if (holdsExactNumber((value as Record<string, unknown>)[key])) return true;
  return false;
}
