/**
 * Plain scalars of YAML 1.1 resolved as PyYAML's SafeLoader resolves them: `yes` is a boolean, `010` is eight, `1e3` is a
 * string, `1:30` is ninety, a date is Python's `date` or `datetime`.
 */
import { PyDate } from '../jinja/datetime/date.js';
import { DateTime } from '../jinja/datetime/datetime.js';
import { checkedMicros } from '../jinja/datetime/time.js';
import { fixedZone, type Zone } from '../jinja/datetime/zone.js';
import { Fault } from '../jinja/error.js';
import { Float, floatRepr } from '../jinja/values/float.js';
import { HostObject } from '../jinja/values/host.js';
import type { YamlDate, YamlValue } from './project.js';

export type Scalar = null | boolean | number | bigint | string | Float | YamlDate;

const BOOLEANS = new Map<string, boolean>();
for (const [word, value] of [
  ['yes', true],
  ['no', false],
  ['true', true],
  ['false', false],
  ['on', true],
  ['off', false],
] as const) {
  for (const form of [word, word.charAt(0).toUpperCase() + word.slice(1), word.toUpperCase()])
    BOOLEANS.set(form, value);
}
const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);

const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const INT =
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const TIMESTAMP =
  /^([0-9]{4})-([0-9][0-9]?)-([0-9][0-9]?)(?:[Tt]|[ \t]+)([0-9][0-9]?):([0-9]{2}):([0-9]{2})(?:\.([0-9]*))?(?:[ \t]*(Z|([-+])([0-9][0-9]?)(?::([0-9]{2}))?))?$/;

/** The value of a plain (unquoted, untagged) scalar. */
export function resolvePlain(text: string): Scalar {
  const first = text.charCodeAt(0);
  const numeric = (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46;
  if (!numeric) {
    if (NULLS.has(text)) return null;
    return text.length <= 5 ? (BOOLEANS.get(text) ?? text) : text;
  }
  if (FLOAT.test(text)) return parseFloat11(text);
  if (INT.test(text)) return parseInt11(text) ?? text;
  return resolveDate(text) ?? text;
}

/**
 * The value of a scalar with a `tag:yaml.org,2002:` tag, by the tag's last part; undefined for a tag or a text that
 * SafeLoader refuses.
 */
export function resolveTagged(tag: string, text: string): Scalar | undefined {
  switch (tag) {
    case 'str':
      return text;
    case 'null':
      return null;
    case 'bool':
      return BOOLEANS.get(text.toLowerCase());
    case 'int':
      return INT.test(text) ? parseInt11(text) : undefined;
    case 'float':
      return FLOAT.test(text) || /^[-+]?[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?$/.test(text) ? parseFloat11(text) : undefined;
    case 'timestamp':
      return resolveDate(text);
    default:
      return undefined;
  }
}

/** A float as a YamlValue: one with a whole value is a `Float`, so that it still prints with its `.0`. */
export function floatValue(x: number): number | Float {
  return Number.isInteger(x) ? new Float(x) : x;
}

function parseFloat11(text: string): number | Float {
  let body = text.replaceAll('_', '').toLowerCase();
  let sign = 1;
  if (body.startsWith('-') || body.startsWith('+')) {
    if (body.startsWith('-')) sign = -1;
    body = body.slice(1);
  }
  if (body === '.inf') return sign * Number.POSITIVE_INFINITY;
  if (body === '.nan') return Number.NaN;
  if (body.includes(':')) return floatValue(sign * body.split(':').reduce((sum, part) => sum * 60 + Number(part), 0));
  return floatValue(sign * Number(body));
}

function parseInt11(text: string): number | bigint | undefined {
  let body = text.replaceAll('_', '');
  let negative = false;
  if (body.startsWith('-') || body.startsWith('+')) {
    negative = body.startsWith('-');
    body = body.slice(1);
  }
  let value: bigint;
  if (body.includes(':')) value = body.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
  else if (body === '0b' || body === '0x' || body === '') return undefined;
  else if (/^0[bx]/.test(body)) value = BigInt(body);
  else if (body.length > 1 && body.startsWith('0')) value = BigInt(`0o${body.slice(1)}`);
  else if (body.length < 16) return negative && body !== '0' ? -Number(body) : Number(body);
  else value = BigInt(body);
  if (negative) value = -value;
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** A YAML date or timestamp; undefined where the text is none, or no day of the calendar. */
function resolveDate(text: string): YamlDate | undefined {
  const m = DATE.exec(text) ?? TIMESTAMP.exec(text);
  if (m === null) return undefined;
  const [year, month, day, hour, minute, second] = m.slice(1, 7).map(Number);
  try {
    const { days } = PyDate.of(year ?? 0, month ?? 0, day ?? 0);
    if (hour === undefined) return new PyDate(days);
    const micro = Number((m[7] ?? '').slice(0, 6).padEnd(6, '0'));
    return new DateTime({ days, micros: checkedMicros(hour, minute, second, micro) }, zoneOf(m));
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function zoneOf(m: RegExpExecArray): Zone | null {
  if (m[8] === undefined) return null;
  const minutes = Number(m[10] ?? 0) * 60 + Number(m[11] ?? 0);
  return fixedZone(minutes === 0 ? 0 : (m[9] === '-' ? -minutes : minutes) * 60_000_000);
}

/** A key as Python would print it: keys of a JS object are texts. */
export function keyText(value: YamlValue): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value instanceof Float) return floatRepr(value.value);
  return value instanceof HostObject ? value.str() : String(value);
}
