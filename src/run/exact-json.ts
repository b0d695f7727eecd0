import { Float, floatRepr } from '../jinja/values/float.js';
import { quoteJson } from '../jinja/values/quote-json.js';

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
  if (Array.isArray(value)) return value.some(holdsExactNumber);
  if (value instanceof Float) return true;
  for (const key in value) {
    const inner = (value as Record<string, unknown>)[key];
    // Nearly all are one of these.
    if (typeof inner === 'string' || typeof inner === 'boolean' || inner === null) continue;
    if (holdsExactNumber(inner)) return true;
  }
  return false;
}

/** The same laid out as Python's `json.dumps` does: blanks after commas and colons, ASCII only. */
export function toPythonJson(value: unknown): string {
  if (typeof value === 'string') return quoteJson(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Float) return Number.isFinite(value.value) ? floatRepr(value.value) : 'null';
  if (Array.isArray(value)) return `[${value.map(toPythonJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries.map(([key, item]) => `${quoteJson(key)}: ${toPythonJson(item)}`).join(', ')}}`;
}
