import { Fault } from '../error.js';
import { Dict, DictView, PySet, Range, Tuple } from './collections.js';
import { Float } from './float.js';
import { HostObject } from './host.js';
import { typeName } from './types.js';
import { Undefined } from './undefined.js';

/** A value as a JS number or bigint where it is one of Python's numbers (bool included), else JS undefined. */
export function numeric(value: unknown): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value instanceof Float ? value.value : undefined;
}

/** Python's `==`. */
export function equals(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a === 'string') return b instanceof HostObject && b.equals(a);
  const x = numeric(a);
  if (x !== undefined) {
    const y = numeric(b);
    // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number with the same value are equal in Python
    if (y !== undefined) return x == y;
    return b instanceof HostObject && b.equals(a);
  }
  if (Array.isArray(a)) return Array.isArray(b) && sameItems(a, b);
  if (a instanceof Tuple) return b instanceof Tuple && sameItems(a.items, b.items);
  if (a instanceof Dict) return b instanceof Dict && sameEntries(a, b);
  if (a instanceof PySet) return b instanceof PySet && a.size === b.size && [...a.values()].every((v) => b.has(v));
  if (a instanceof Undefined) return b instanceof Undefined;
  if (a instanceof Range) return b instanceof Range && sameItems([...a.items()], [...b.items()]);
  if (a instanceof DictView) {
    if (!(b instanceof DictView) || a.kind === 'values' || b.kind === 'values') return false;
    return equals(new PySet(a.items()), new PySet(b.items()));
  }
  if (a instanceof HostObject) return a.equals(b);
  return b instanceof HostObject && b.equals(a);
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => equals(item, b[i]));
}

function sameEntries(a: Dict, b: Dict): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a.entries()) {
    const other = b.get(key);
    if (other === undefined || !equals(value, other)) return false;
  }
  return true;
}

export type Order = '<' | '<=' | '>' | '>=';

/** Python's ordering of two values; throws a TypeError where they have none. */
export function compare(a: unknown, b: unknown, operator: Order = '<'): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  const x = numeric(a);
  const y = numeric(b);
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : x === y || x >= y ? 0 : Number.NaN;
  if (Array.isArray(a) && Array.isArray(b)) return compareItems(a, b, operator);
  if (a instanceof Tuple && b instanceof Tuple) return compareItems(a.items, b.items, operator);
  if (a instanceof PySet && b instanceof PySet) return compareSets(a, b);
  if (a instanceof Undefined) a.fail();
  if (b instanceof Undefined) b.fail();
  if (a instanceof HostObject) {
    const order = a.compare(b);
    if (order !== undefined) return order;
  }
  if (b instanceof HostObject) {
    const order = b.compare(a);
    if (order !== undefined) return -order;
  }
  const types = `'${typeName(a)}' and '${typeName(b)}'`;
  throw new Fault('TypeError', `'${operator}' not supported between instances of ${types}`);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  // UTF-16 order differs from code point order only where surrogates meet characters above them.
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const isHigh = (c: number) => c >= 0xd800 && c <= 0xdfff;
    if (isHigh(x) !== isHigh(y)) return isHigh(x) ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}

function compareItems(a: readonly unknown[], b: readonly unknown[], operator: Order): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (!equals(a[i], b[i])) return compare(a[i], b[i], operator);
  return a.length - b.length;
}

/** Sets are ordered by inclusion; NaN where neither holds the other. */
function compareSets(a: PySet, b: PySet): number {
  const within = (x: PySet, y: PySet) => [...x.values()].every((item) => y.has(item));
  const below = within(a, b);
  const above = within(b, a);
  if (below && above) return 0;
  return below ? -1 : above ? 1 : Number.NaN;
}
