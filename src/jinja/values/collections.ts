import { Fault } from '../error.js';
import { Float } from './float.js';
import { typeName } from './types.js';
import { Undefined } from './undefined.js';

/** A Python tuple; lists are JS arrays. */
export class Tuple {
  readonly items: readonly unknown[];
  constructor(items: readonly unknown[]) {
    this.items = items;
  }
}

/** A named tuple as `groupby` gives: a tuple whose items have names as well. */
export class NamedTuple extends Tuple {
  readonly names: readonly string[];
  /** The name with which it prints; a plain tuple without one. */
  readonly display: string | null;
  constructor(names: readonly string[], items: readonly unknown[], display: string | null = null) {
    super(items);
    this.names = names;
    this.display = display;
  }
}

/** A value that knows how Python would hash it (dates, decimals); equal values give equal keys. */
export interface Hashable {
  hashKey(): unknown;
}

function isHashable(value: object): value is Hashable {
  return 'hashKey' in value && typeof value.hashKey === 'function';
}

const UNDEFINED_KEY = Symbol('undefined');

/** A key for a JS `Map` that is the same for values that Python holds equal (1, 1.0, True; equal tuples). */
export function hashKey(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return value.charCodeAt(0) === 0 ? `\0s${value}` : value;
    case 'number':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    case 'bigint':
      return `\0i${value}`;
    case 'function':
      return value;
    case 'object':
      break;
    default:
      return value;
  }
  if (value === null) return null;
  if (value instanceof Float) return floatKey(value.value);
  if (value instanceof Tuple) return `\0t${value.items.map(keyText).join('')}`;
  if (value instanceof Undefined) return UNDEFINED_KEY;
  if (Array.isArray(value) || value instanceof Dict || value instanceof PySet) {
    throw new Fault('TypeError', `unhashable type: '${typeName(value)}'`);
  }
  return isHashable(value) ? value.hashKey() : value;
}

function floatKey(value: number): unknown {
  if (!Number.isInteger(value)) return Number.isNaN(value) ? {} : value;
  return Number.isSafeInteger(value) ? value + 0 : `\0i${BigInt(value)}`;
}

let identities = 0;
const identity = new WeakMap<object, number>();

/** A key as text that no other key gives, so that a tuple's key can be made of its items'. */
function keyText(value: unknown): string {
  const key = hashKey(value);
  if (typeof key === 'string') return `s${key.length}:${key}`;
  if (typeof key === 'number') return `n${key};`;
  if (key === null) return 'N';
  if (key === UNDEFINED_KEY) return 'U';
  const object = key as object;
  let id = identity.get(object);
  if (id === undefined) {
    id = ++identities;
    identity.set(object, id);
  }
  return `o${id};`;
}

interface Entry {
  readonly key: unknown;
  value: unknown;
}

/** A Python dict: keeps the order of insertion; keys are equal as Python holds them equal. */
export class Dict {
  readonly #entries = new Map<unknown, Entry>();

  constructor(entries: Iterable<readonly [unknown, unknown]> = []) {
    for (const [key, value] of entries) this.set(key, value);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value, or JS undefined where the dict has no such key. */
  get(key: unknown): unknown {
    return this.#entries.get(hashKey(key))?.value;
  }

  has(key: unknown): boolean {
    return this.#entries.has(hashKey(key));
  }

  set(key: unknown, value: unknown): void {
    const hash = hashKey(key);
    const entry = this.#entries.get(hash);
    if (entry === undefined) this.#entries.set(hash, { key, value });
    else entry.value = value;
  }

  delete(key: unknown): boolean {
    return this.#entries.delete(hashKey(key));
  }

  clear(): void {
    this.#entries.clear();
  }

  *keys(): Generator<unknown> {
    for (const entry of this.#entries.values()) yield entry.key;
  }

  *values(): Generator<unknown> {
    for (const entry of this.#entries.values()) yield entry.value;
  }

  *entries(): Generator<[unknown, unknown]> {
    for (const entry of this.#entries.values()) yield [entry.key, entry.value];
  }
}

/** A Python set. Its order is that of insertion, where Python's is arbitrary. */
export class PySet {
  readonly #items = new Map<unknown, unknown>();

  constructor(items: Iterable<unknown> = []) {
    for (const item of items) this.add(item);
  }

  get size(): number {
    return this.#items.size;
  }

  add(item: unknown): void {
    const key = hashKey(item);
    if (!this.#items.has(key)) this.#items.set(key, item);
  }

  has(item: unknown): boolean {
    return this.#items.has(hashKey(item));
  }

  delete(item: unknown): boolean {
    return this.#items.delete(hashKey(item));
  }

  clear(): void {
    this.#items.clear();
  }

  values(): IterableIterator<unknown> {
    return this.#items.values();
  }
}

/** What `dict.keys()`, `.values()` and `.items()` give: a view that follows the dict. */
export class DictView {
  readonly kind: 'keys' | 'values' | 'items';
  readonly dict: Dict;
  constructor(kind: 'keys' | 'values' | 'items', dict: Dict) {
    this.kind = kind;
    this.dict = dict;
  }

  *items(): Generator<unknown> {
    if (this.kind === 'keys') yield* this.dict.keys();
    else if (this.kind === 'values') yield* this.dict.values();
    else for (const entry of this.dict.entries()) yield new Tuple(entry);
  }
}

/** A Python range, never laid out in memory. */
export class Range {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly length: number;
  constructor(start: number, stop: number, step: number) {
    this.start = start;
    this.stop = stop;
    this.step = step;
    this.length = Math.max(0, Math.ceil((stop - start) / step));
  }

  at(index: number): number {
    return this.start + index * this.step;
  }

  *items(): Generator<number> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}

/** A Python iterator or generator (what `map`, `select`, `zip` give): can be gone through once. */
export class PyIterator {
  readonly description: string;
  readonly iterator: Iterator<unknown>;
  constructor(description: string, items: Iterable<unknown>) {
    this.description = description;
    this.iterator = items[Symbol.iterator]();
  }

  *items(): Generator<unknown> {
    for (;;) {
      const next = this.iterator.next();
      if (next.done === true) return;
      yield next.value;
    }
  }
}
