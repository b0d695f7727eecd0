/** Values of a parsed project as JSON and back, with the numbers that JSON alone would lose. */
import { PyDate } from '../../jinja/datetime/date.js';
import { DateTime } from '../../jinja/datetime/datetime.js';
import { Float } from '../../jinja/values/float.js';
import type { YamlDate } from '../../project/project.js';
import { resolvePlain } from '../../project/yaml-scalar.js';

/** The key of an object that stands for something else. */
const MARK = '\u0000';

/** Thrown for a value that could not be read back as it is. */
export class NotKept extends Error {}

type Shape = 'plain' | 'marked';

/** Whether JSON keeps a value as it is, or needs marks in it. Throws NotKept for what neither could keep. */
function shapeOf(value: unknown): Shape {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return 'plain';
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? 'plain' : 'marked';
    case 'bigint':
      return 'marked';
    case 'object':
      return value === null ? 'plain' : shapeOfObject(value);
    default:
      throw new NotKept(`a ${typeof value}`);
  }
}

function shapeOfObject(value: object): Shape {
  let shape: Shape = 'plain';
  if (Array.isArray(value)) {
    for (const item of value) {
      if (item === undefined) throw new NotKept('undefined in a list');
      if (shapeOf(item) === 'marked') shape = 'marked';
    }
    return shape;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    if (value instanceof Float || isDate(value)) return 'marked';
    throw new NotKept(`a ${value.constructor?.name ?? 'object'}`);
  }
  for (const key in value) {
    if (key === MARK) throw new NotKept('a key without a name');
    const inner = (value as Record<string, unknown>)[key];
    // Nearly all are one of these.
    if (typeof inner === 'string' || typeof inner === 'boolean' || inner === null) continue;
    if (shapeOf(inner) === 'marked') shape = 'marked';
  }
  return shape;
}

const isDate = (value: unknown): value is YamlDate => value instanceof PyDate || value instanceof DateTime;

function marked(value: unknown): unknown {
  if (isDate(value)) return { [MARK]: ['date', value.toJSON()] };
  if (value instanceof Float) return { [MARK]: ['float', numberText(value.value)] };
  if (typeof value === 'bigint') return { [MARK]: ['bigint', String(value)] };
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
    return { [MARK]: ['number', numberText(value)] };
  return value;
}

const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

function unmarked(value: unknown): unknown {
  const mark = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[MARK] : undefined;
  if (!Array.isArray(mark)) return value;
  const [kind, text] = mark as [string, string];
  if (kind === 'date') return resolvePlain(text);
  if (kind === 'float') return new Float(Number(text));
  return kind === 'bigint' ? BigInt(text) : Number(text);
}

/** A replacer for JSON.stringify, which hands it a date's text as its second argument. */
function markedProperty(this: unknown, key: string): unknown {
  return marked((this as Record<string, unknown>)[key]);
}

/** JSON of a value. Throws NotKept for what could not be read back. */
export function encode(value: unknown): string {
  if (shapeOf(value) === 'plain') return JSON.stringify(value) ?? 'null';
  return JSON.stringify({ [MARK]: JSON.stringify(value, markedProperty) });
}

/**
 * The pieces of a record's JSON, one an entry: an entry with marks does not slow down the reading of the others, and the whole
 * text is never in memory.
 */
export function* encodeRecord(entries: Iterable<readonly [string, unknown]>): Generator<string> {
  let separator = '{';
  for (const [key, value] of entries) {
    yield `${separator}${JSON.stringify(key)}:${encode(value)}`;
    separator = ',';
  }
  yield separator === '{' ? '{}' : '}';
}

/** The value of what `encode` wrote, after JSON.parse. */
export function decode(value: unknown): unknown {
  const mark = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[MARK] : undefined;
  return typeof mark === 'string' ? JSON.parse(mark, (_, inner: unknown) => unmarked(inner)) : value;
}

/** The record of what `encodeRecord` wrote, after JSON.parse: changed in place. */
export function decodeRecord(record: Record<string, unknown>): Record<string, unknown> {
  for (const key in record) record[key] = decode(record[key]);
  return record;
}
