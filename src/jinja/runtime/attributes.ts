import { Fault } from '../error.js';
import { DICT_METHODS, LIST_METHODS, SET_METHODS, TUPLE_METHODS } from '../library/collection-methods.js';
import { boundMethod } from '../library/methods.js';
import { FLOAT_METHODS, INT_METHODS } from '../library/number-methods.js';
import { STRING_METHODS } from '../library/string-methods.js';
import { Dict, NamedTuple, PySet, Range, Tuple } from '../values/collections.js';
import { numeric } from '../values/compare.js';
import { Float } from '../values/float.js';
import { HostFunction, HostObject } from '../values/host.js';
import { characters } from '../values/iterate.js';
import { repr } from '../values/text.js';
import { typeName } from '../values/types.js';
import { Undefined } from '../values/undefined.js';
import { Macro } from './macro.js';

/** An attribute that a type has by itself (a method), or JS undefined. The only way from a template into a value. */
export function ownAttribute(value: unknown, name: string): unknown {
  if (value instanceof HostObject) return value.getAttribute(name);
  if (typeof value === 'string') return boundMethod(STRING_METHODS, value, name);
  if (value instanceof Dict) return boundMethod(DICT_METHODS, value, name);
  if (Array.isArray(value)) return boundMethod(LIST_METHODS, value, name);
  if (value instanceof Tuple) {
    if (value instanceof NamedTuple && value.names.includes(name)) return value.items[value.names.indexOf(name)];
    return boundMethod(TUPLE_METHODS, value, name);
  }
  if (value instanceof PySet) return boundMethod(SET_METHODS, value, name);
  if (value instanceof Float) return boundMethod(FLOAT_METHODS, value, name) ?? numberPart(value, name);
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return boundMethod(INT_METHODS, value, name) ?? numberPart(value, name);
  }
  if (value instanceof Macro) return macroPart(value, name);
  if (value instanceof HostFunction) return name === 'name' ? value.name : undefined;
  return undefined;
}

function numberPart(value: number | bigint | boolean | Float, name: string): unknown {
  const isFloat = value instanceof Float;
  const whole = typeof value === 'boolean' ? Number(value) : value;
  if (name === 'real') return whole;
  if (name === 'imag') return isFloat ? new Float(0) : 0;
  if (isFloat) return undefined;
  return name === 'numerator' ? whole : name === 'denominator' ? 1 : undefined;
}

function macroPart(macro: Macro, name: string): unknown {
  switch (name) {
    case 'name':
      return macro.isAnonymous ? null : macro.name;
    case 'arguments':
      return new Tuple(macro.parameters);
    case 'caller':
      return macro.extras.caller;
    case 'catch_kwargs':
      return macro.extras.kwargs;
    case 'catch_varargs':
      return macro.extras.varargs;
    default:
      return undefined;
  }
}

function missing(value: unknown, key: unknown, lenient: boolean): Undefined {
  const text =
    typeof key === 'string'
      ? `'${describeType(value)}' has no attribute '${key}'`
      : `${describeType(value)} has no element ${repr(key)}`;
  return new Undefined(text, typeof key === 'string' ? key : undefined, 'UndefinedError', lenient);
}

function describeType(value: unknown): string {
  if (value === null) return 'None';
  return `${typeName(value)} object`;
}

/** Names with an underscore in front are Python's own or private; Jinja2's sandbox keeps templates from them. */
function unsafe(value: unknown, name: string): Undefined {
  const text = `access to attribute '${name}' of '${typeName(value)}' object is unsafe.`;
  return new Undefined(text, name, 'SecurityError');
}

/** Jinja2's `value.name`: an attribute, else an item of that name, else undefined (a lenient one where that is asked for). */
export function getAttribute(value: unknown, name: string, lenient = false): unknown {
  if (value instanceof Undefined) return ofUndefined(value, name);
  const own = ownAttribute(value, name);
  if (own !== undefined && !name.startsWith('_')) return own;
  const item = itemOf(value, name);
  if (item !== undefined) return item;
  return /^__\w+__$/.test(name) ? unsafe(value, name) : missing(value, name, lenient);
}

function ofUndefined(value: Undefined, name: string): unknown {
  if (!value.lenient) value.fail();
  return new Undefined(value.message, name, value.kind, true);
}

/** Jinja2's `value[key]`: an item, else (for a text key) an attribute, else undefined. */
export function getItem(value: unknown, key: unknown, lenient = false): unknown {
  if (value instanceof Undefined) {
    if (!value.lenient) value.fail();
    return value;
  }
  const item = itemOf(value, key);
  if (item !== undefined) return item;
  if (typeof key === 'string') {
    const own = ownAttribute(value, key);
    if (own !== undefined && !key.startsWith('_')) return own;
    if (/^__\w+__$/.test(key)) return unsafe(value, key);
  }
  return missing(value, key, lenient);
}

/** Python's `value[key]`, or JS undefined where that is a KeyError, an IndexError or a TypeError. */
function itemOf(value: unknown, key: unknown): unknown {
  if (value instanceof Dict)
    return typeof key === 'object' && key !== null && isUnhashable(key) ? undefined : value.get(key);
  if (value instanceof HostObject) return value.getItem(key);
  const index = typeof key === 'boolean' ? Number(key) : key;
  if (typeof index !== 'number') return undefined;
  if (Array.isArray(value)) return value.at(index);
  if (value instanceof Tuple) return value.items.at(index);
  if (typeof value === 'string') return characters(value).at(index);
  if (value instanceof Range) {
    const at = index < 0 ? index + value.length : index;
    return at >= 0 && at < value.length ? value.at(at) : undefined;
  }
  return undefined;
}

function isUnhashable(key: object): boolean {
  return Array.isArray(key) || key instanceof Dict || key instanceof PySet;
}

/** Python's `value[start:stop:step]`; unlike an item, what can't be sliced is an error in Jinja2. */
export function getSlice(value: unknown, start: unknown, stop: unknown, step: unknown): unknown {
  if (value instanceof Undefined) {
    if (!value.lenient) value.fail();
    return value;
  }
  if (typeof value === 'string') {
    if (step === null && isIndex(start) && isIndex(stop) && !/[\ud800-\udfff]/.test(value)) {
      return value.slice(start ?? undefined, stop ?? undefined);
    }
    return pick(characters(value), start, stop, step).join('');
  }
  if (Array.isArray(value)) return pick(value, start, stop, step);
  if (value instanceof Tuple) return new Tuple(pick(value.items, start, stop, step));
  if (value instanceof Range) {
    const [from, to, by] = sliceBounds(value.length, start, stop, step);
    return new Range(value.at(from), value.at(to), value.step * by);
  }
  if (value instanceof HostObject && value.length() !== undefined) {
    const items = value.iterate();
    if (items !== undefined) return new Tuple(pick([...items], start, stop, step));
  }
  throw new Fault('TypeError', `'${typeName(value)}' object is not subscriptable`);
}

const isIndex = (value: unknown): value is number | null => value === null || typeof value === 'number';

function pick<T>(items: readonly T[], start: unknown, stop: unknown, step: unknown): T[] {
  const [from, to, by] = sliceBounds(items.length, start, stop, step);
  if (by === 1) return items.slice(from, Math.max(from, to));
  const out: T[] = [];
  for (let i = from; by > 0 ? i < to : i > to; i += by) out.push(items[i] as T);
  return out;
}

function sliceBounds(length: number, start: unknown, stop: unknown, step: unknown): [number, number, number] {
  const number = (value: unknown): number | null => {
    if (value === null) return null;
    const x = value instanceof Float ? undefined : numeric(value);
    if (x !== undefined) return Number(x);
    if (value instanceof Undefined) value.fail();
    throw new Fault('TypeError', 'slice indices must be integers or None or have an __index__ method');
  };
  const by = number(step) ?? 1;
  if (by === 0) throw new Fault('ValueError', 'slice step cannot be zero');
  const [low, high] = by > 0 ? [0, length] : [-1, length - 1];
  const clip = (value: number | null, otherwise: number): number => {
    if (value === null) return otherwise;
    return Math.min(high, Math.max(low, value < 0 ? value + length : value));
  };
  return [clip(number(start), by > 0 ? low : high), clip(number(stop), by > 0 ? high : low), by];
}
