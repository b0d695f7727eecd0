import { Dict, DictView, PyIterator, PySet, Range, Tuple } from './values/collections.js';
import { Float } from './values/float.js';
import { HostFunction, HostObject } from './values/host.js';
import { Undefined } from './values/undefined.js';

/**
 * A JS value as the engine's: whole numbers are ints and others floats, plain objects and maps are dicts, `undefined`
 * is None. Values that are the engine's already (functions, host objects, dicts, ...) stay, and so do those within them.
 */
export function toJinja(js: unknown): unknown {
  if (js === undefined || js === null) return null;
  if (typeof js === 'number') return Number.isSafeInteger(js) ? js + 0 : new Float(js);
  if (typeof js !== 'object') {
    if (typeof js === 'function' || typeof js === 'symbol')
      throw new TypeError('a template can take no JS function; use HostFunction');
    return js;
  }
  if (Array.isArray(js)) return js.map(toJinja);
  if (isOwn(js)) return js;
  if (js instanceof Map) return new Dict([...js].map(([key, value]) => [toJinja(key), toJinja(value)] as const));
  if (js instanceof Set) return new PySet([...js].map(toJinja));
  return new Dict(Object.entries(js).map(([key, value]) => [key, toJinja(value)] as const));
}

function isOwn(value: object): boolean {
  return (
    value instanceof Float ||
    value instanceof Dict ||
    value instanceof Tuple ||
    value instanceof PySet ||
    value instanceof Undefined ||
    value instanceof HostFunction ||
    value instanceof HostObject ||
    value instanceof DictView ||
    value instanceof Range ||
    value instanceof PyIterator
  );
}

/**
 * A value of the engine as plain JS: dicts become objects (maps where a key is no string), tuples, sets and ranges
 * arrays, floats numbers, host objects what their `toJson` gives (themselves without one), undefined JS undefined.
 */
export function fromJinja(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Float) return value.value;
  if (Array.isArray(value)) return value.map(fromJinja);
  if (value instanceof Tuple) return value.items.map(fromJinja);
  if (value instanceof PySet) return [...value.values()].map(fromJinja);
  if (value instanceof DictView || value instanceof Range || value instanceof PyIterator) {
    return [...value.items()].map(fromJinja);
  }
  if (value instanceof Undefined) return undefined;
  if (value instanceof HostObject) {
    const plain = value.toJson();
    return plain === undefined ? value : fromJinja(plain);
  }
  if (!(value instanceof Dict)) return value;
  const entries = [...value.entries()];
  if (entries.every(([key]) => typeof key === 'string')) {
    // Not by assignment: a key `__proto__` must become a key.
    return Object.fromEntries(entries.map(([key, item]) => [key as string, fromJinja(item)]));
  }
  return new Map(entries.map(([key, item]) => [fromJinja(key), fromJinja(item)]));
}
