import { Fault } from '../error.js';
import { checkText } from '../runtime/limits.js';
import { formatFloat } from '../runtime/number-format.js';
import { numeric } from '../values/compare.js';
import { Float, floatRepr } from '../values/float.js';
import { HostObject } from '../values/host.js';
import { textLength } from '../values/iterate.js';
import { str } from '../values/text.js';
import { typeName } from '../values/types.js';

const SPEC = /^(?:([\s\S])?([<>=^]))?([-+ ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/u;

interface Spec {
  readonly fill: string;
  readonly align: string | undefined;
  readonly sign: string;
  readonly alternate: boolean;
  readonly width: number;
  readonly group: string;
  readonly precision: number | undefined;
  readonly type: string;
}

/** Python's `format(value, spec)`. */
export function formatValue(value: unknown, spec: string): string {
  if (value instanceof HostObject && value.typeName !== 'Decimal') return value.format(spec);
  if (spec === '') return str(value);
  const found = SPEC.exec(spec);
  if (found === null)
    throw new Fault('ValueError', `Invalid format specifier '${spec}' for object of type '${typeName(value)}'`);
  const [, fill, align, sign = '-', alternate, zero, width, group = '', precision, type = ''] = found;
  const parsed: Spec = {
    fill: fill ?? (zero !== undefined && align === undefined ? '0' : ' '),
    align: align ?? (zero === undefined ? undefined : '='),
    sign,
    alternate: alternate !== undefined,
    width: Number(width ?? 0),
    group,
    precision: precision === undefined ? undefined : Number(precision),
    type,
  };
  checkText(parsed.width);
  const isDecimal = value instanceof HostObject;
  const x = isDecimal ? Number(value.str()) : typeof value === 'boolean' && type === '' ? undefined : numeric(value);
  if (x !== undefined) return number(x, value instanceof Float || isDecimal, value, parsed);
  if (typeof value === 'string' || typeof value === 'boolean') return text(value, parsed);
  throw new Fault('TypeError', `unsupported format string passed to ${typeName(value)}.__format__`);
}

function text(value: unknown, spec: Spec): string {
  if (spec.type !== '' && spec.type !== 's') unknownType(value, spec);
  if (spec.align === '=') throw new Fault('ValueError', "'=' alignment not allowed in string format specifier");
  const whole = str(value);
  return pad(spec.precision === undefined ? whole : whole.slice(0, spec.precision), '', spec, '<');
}

function unknownType(value: unknown, spec: Spec): never {
  throw new Fault('ValueError', `Unknown format code '${spec.type}' for object of type '${typeName(value)}'`);
}

function number(x: number | bigint, isFloat: boolean, value: unknown, spec: Spec): string {
  const isWhole = 'bcdoxXn'.includes(spec.type) && !(isFloat && spec.type === 'n');
  if (isFloat && spec.type !== '' && isWhole) unknownType(value, spec);
  if (!isFloat && (spec.type === '' || isWhole)) {
    if (spec.precision !== undefined)
      throw new Fault('ValueError', 'Precision not allowed in integer format specifier');
    return whole(BigInt(x), spec);
  }
  const given = Number(x);
  const magnitude = Math.abs(given);
  let body: string;
  switch (spec.type) {
    case '':
      body = spec.precision === undefined ? floatRepr(magnitude) : general(magnitude, spec);
      break;
    case '%':
      body = `${formatFloat(magnitude * 100, 'f', spec.precision ?? 6)}%`;
      break;
    case 'n':
      body = formatFloat(magnitude, 'g', spec.precision ?? 6);
      break;
    default:
      if (!'eEfFgG'.includes(spec.type)) unknownType(value, spec);
      body = formatFloat(magnitude, spec.type, spec.precision ?? 6, spec.alternate);
  }
  return signed(given < 0 || Object.is(given, -0), '', grouped(body, spec.group), spec);
}

/** No type but a precision: like `g`, with at least one digit after the point. */
function general(x: number, spec: Spec): string {
  const body = formatFloat(x, 'g', spec.precision ?? 6);
  return /[.en]/.test(body) ? body : `${body}.0`;
}

function whole(x: bigint, spec: Spec): string {
  const magnitude = x < 0n ? -x : x;
  if (spec.type === 'c') return pad(String.fromCodePoint(Number(magnitude)), '', spec, '<');
  const base = { b: 2, o: 8, x: 16, X: 16 }[spec.type] ?? 10;
  const digits = magnitude.toString(base);
  const prefix = spec.alternate && base !== 10 ? `0${spec.type}` : '';
  const body = grouped(spec.type === 'X' ? digits.toUpperCase() : digits, spec.group, base === 10 ? 3 : 4);
  return signed(x < 0n, prefix, body, spec);
}

function grouped(body: string, mark: string, size = 3): string {
  if (mark === '') return body;
  const [, head = '', rest = ''] = /^([0-9a-fA-F]*)(.*)$/.exec(body) ?? [];
  return head.replace(new RegExp(`(?<=.)(?=(?:.{${size}})+$)`, 'g'), mark) + rest;
}

function signed(negative: boolean, prefix: string, body: string, spec: Spec): string {
  const sign = negative ? '-' : spec.sign === '-' ? '' : spec.sign;
  return pad(body, sign + prefix, spec, '>');
}

function pad(body: string, head: string, spec: Spec, usual: string): string {
  const missing = spec.width - textLength(body) - head.length;
  if (missing <= 0) return head + body;
  const align = spec.align ?? usual;
  if (align === '=') {
    if (spec.group !== '' && spec.fill === '0') return head + zeroGrouped(body, spec, spec.width - head.length);
    return head + spec.fill.repeat(missing) + body;
  }
  if (align === '<') return head + body + spec.fill.repeat(missing);
  if (align === '>') return spec.fill.repeat(missing) + head + body;
  const before = Math.floor(missing / 2);
  return spec.fill.repeat(before) + head + body + spec.fill.repeat(missing - before);
}

/** Zeros in front count as digits, so they are grouped as well. */
function zeroGrouped(body: string, spec: Spec, width: number): string {
  const [, digits = '', rest = ''] = /^([0-9,_]*)(.*)$/.exec(body) ?? [];
  let plain = digits.replace(/[,_]/g, '');
  while (grouped(plain, spec.group).length + rest.length < width) plain = `0${plain}`;
  return grouped(plain, spec.group) + rest;
}
