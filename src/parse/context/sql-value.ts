/**
 * Values of query results and seeds as templates see them. dbt hands results to agate, which decides the type of a whole
 * column: numbers with a fraction become decimals (floats too), lists and structs JSON text, times of day and intervals text.
 */
import type { SqlValue } from '../../adapters/adapter.js';
import { DateTime, Decimal, Float, fixedZone, jsonDumps, PyDate, str, toJinja, UTC } from '../../jinja/index.js';

const FLOAT_TYPES = /^(float|double|real)/i;
const DECIMAL_TYPES = /^(decimal|numeric|number|fixed)/i;
const DATE_TYPE = /^date$/i;
const TIMESTAMP_TYPES = /^(timestamp|datetime)/i;
const DAY_MS = 86_400_000;
const ISO =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:T|\s+)(\d\d?):(\d\d?)(?::(\d\d?)(?:\.(\d{1,9}))?)?\s*(?:(Z)|([+-])(\d\d)(?::?(\d\d))?)?)?$/;

/** A decimal number's text as Python's Decimal, exact; the text itself where it is no finite number. */
export function decimalValue(text: string): unknown {
  try {
    return Decimal.parse(text);
  } catch {
    return text;
  }
}

/**
 * A date or timestamp as Python's `date` or `datetime`: with a zone where the text has an offset. The text itself where
 * Python has no such date (before year 1, infinity).
 * @param kind `date` drops a time of day that the text may have
 */
export function temporalValue(text: string, kind: 'date' | 'datetime'): unknown {
  const found = ISO.exec(text.trim());
  if (found === null) return text;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', z, sign, zoneHour, zoneMinute] =
    found;
  const days = Math.round(Date.UTC(Number(year), Number(month) - 1, Number(day)) / DAY_MS);
  if (kind === 'date') return new PyDate(days);
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  const micros = seconds * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
  if (z !== undefined) return new DateTime({ days, micros }, UTC);
  if (sign === undefined) return new DateTime({ days, micros });
  const offset = (Number(zoneHour) * 60 + Number(zoneMinute ?? 0)) * 60_000_000 * (sign === '-' ? -1 : 1);
  return new DateTime({ days, micros }, offset === 0 ? UTC : fixedZone(offset));
}

/** A driver's value of a column of SQL type `type`. */
export function sqlToJinja(value: SqlValue, type: string): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === 'number') {
    if (Number.isInteger(value) && !FLOAT_TYPES.test(type)) return value;
    return Number.isFinite(value) ? decimalValue(str(new Float(value))) : new Float(value);
  }
  if (typeof value === 'string') {
    if (type.endsWith(']')) return value;
    if (DECIMAL_TYPES.test(type)) return decimalValue(value);
    if (DATE_TYPE.test(type)) return temporalValue(value, 'date');
    return TIMESTAMP_TYPES.test(type) ? temporalValue(value, 'datetime') : value;
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  return jsonDumps(toJinja(value));
}
