import { Fault } from '../error.js';
import { Dict, DictView, PyIterator, PySet, Range, Tuple } from './collections.js';
import { Float } from './float.js';
import { HostObject } from './host.js';
import { typeName } from './types.js';
import { Undefined } from './undefined.js';

const SURROGATE = /[\ud800-\udfff]/;

/** Python's `len` of a string, which counts characters, not UTF-16 units. */
export function textLength(text: string): number {
  return SURROGATE.test(text) ? Array.from(text).length : text.length;
}

/** The characters of a string, one code point each. */
export function characters(text: string): string[] {
  return SURROGATE.test(text) ? Array.from(text) : text.split('');
}

/** What can be gone through, or JS undefined. */
export function iterableOf(value: unknown): Iterable<unknown> | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return characters(value);
  if (value instanceof Tuple) return value.items;
  if (value instanceof Dict) return value.keys();
  if (value instanceof PySet) return value.values();
  if (value instanceof DictView || value instanceof Range || value instanceof PyIterator) return value.items();
  if (value instanceof Undefined) return [];
  return value instanceof HostObject ? value.iterate() : undefined;
}

/** Python's `iter(value)`; throws a TypeError for what can't be gone through. */
export function iterate(value: unknown): Iterable<unknown> {
  const items = iterableOf(value);
  if (items === undefined) throw new Fault('TypeError', `'${typeName(value)}' object is not iterable`);
  return items;
}

/** The items of an iterable in an array of their own. */
export function listOf(value: unknown): unknown[] {
  return Array.from(iterate(value));
}

/** Python's `len(value)`, or JS undefined where it has none. */
export function lengthOf(value: unknown): number | undefined {
  if (typeof value === 'string') return textLength(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof Tuple) return value.items.length;
  if (value instanceof Dict || value instanceof PySet) return value.size;
  if (value instanceof DictView) return value.dict.size;
  if (value instanceof Range) return value.length;
  if (value instanceof Undefined) return 0;
  return value instanceof HostObject ? value.length() : undefined;
}

/** Python's `bool(value)`. */
export function isTruthy(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (value === null || value instanceof Undefined) return false;
  if (typeof value === 'number' || typeof value === 'bigint') return value !== 0 && value !== 0n;
  if (value instanceof Float) return value.value !== 0;
  if (value instanceof HostObject) return value.isTruthy();
  const length = lengthOf(value);
  return length === undefined || length > 0;
}
