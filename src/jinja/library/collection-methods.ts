import { Fault } from '../error.js';
import { checkGrowth } from '../runtime/limits.js';
import { Dict, DictView, PySet, Tuple } from '../values/collections.js';
import { equals } from '../values/compare.js';
import type { HostFunction } from '../values/host.js';
import { iterate, listOf } from '../values/iterate.js';
import { repr } from '../values/text.js';
import { typeName } from '../values/types.js';
import { methodTable } from './methods.js';
import { sorted } from './sorting.js';

function position(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  throw new Fault('TypeError', `'${typeName(value)}' object cannot be interpreted as an integer`);
}

function indexOf(items: readonly unknown[], item: unknown, start: unknown, end: unknown, what: string): number {
  const clip = (at: number) => (at < 0 ? Math.max(0, at + items.length) : at);
  const stop = end === null ? items.length : Math.min(items.length, clip(position(end)));
  for (let i = clip(position(start)); i < stop; i++) if (equals(items[i], item)) return i;
  throw new Fault('ValueError', what);
}

const countOf = (items: readonly unknown[], item: unknown): number =>
  items.filter((other) => equals(other, item)).length;

export const LIST_METHODS = methodTable<unknown[]>({
  append: [
    ['object'],
    (list, item: unknown) => {
      checkGrowth(list.length);
      list.push(item);
      return null;
    },
  ],
  extend: [
    ['iterable'],
    (list, items: unknown) => {
      for (const item of items === list ? [...list] : iterate(items)) {
        checkGrowth(list.length);
        list.push(item);
      }
      return null;
    },
  ],
  insert: [
    ['index', 'object'],
    (list, index: unknown, item: unknown) => {
      const at = position(index);
      list.splice(at < 0 ? Math.max(0, at + list.length) : at, 0, item);
      return null;
    },
  ],
  pop: [
    [['index', -1]],
    (list, index: unknown) => {
      if (list.length === 0) throw new Fault('IndexError', 'pop from empty list');
      const at = position(index) < 0 ? position(index) + list.length : position(index);
      if (at < 0 || at >= list.length) throw new Fault('IndexError', 'pop index out of range');
      return list.splice(at, 1)[0];
    },
  ],
  remove: [
    ['value'],
    (list, item: unknown) => {
      list.splice(indexOf(list, item, 0, null, 'list.remove(x): x not in list'), 1);
      return null;
    },
  ],
  clear: [
    [],
    (list) => {
      list.length = 0;
      return null;
    },
  ],
  reverse: [
    [],
    (list) => {
      list.reverse();
      return null;
    },
  ],
  sort: [
    [
      ['key', null],
      ['reverse', false],
    ],
    (list, key: HostFunction | null, reverse: unknown) => {
      const by = (item: unknown) => key?.call({ positional: [item], named: new Map() }) ?? item;
      list.splice(0, list.length, ...sorted([...list], key === null ? null : by, reverse === true));
      return null;
    },
  ],
  copy: [[], (list) => [...list]],
  count: [['value'], countOf],
  index: [
    ['value', ['start', 0], ['stop', null]],
    (list, item: unknown, a: unknown, b: unknown) => indexOf(list, item, a, b, `${repr(item)} is not in list`),
  ],
});

export const TUPLE_METHODS = methodTable<Tuple>({
  count: [['value'], (tuple, item: unknown) => countOf(tuple.items, item)],
  index: [
    ['value', ['start', 0], ['stop', null]],
    (t, item: unknown, a: unknown, b: unknown) => indexOf(t.items, item, a, b, 'tuple.index(x): x not in tuple'),
  ],
});

/** The pairs that `dict(x)` and `update(x)` take: a dict, or an iterable of pairs. */
export function pairsOf(value: unknown): [unknown, unknown][] {
  if (value instanceof Dict) return [...value.entries()];
  return listOf(value).map((item, i) => {
    const pair = listOf(item);
    if (pair.length === 2) return [pair[0], pair[1]];
    const message = `dictionary update sequence element #${i} has length ${pair.length}; 2 is required`;
    throw new Fault('ValueError', message);
  });
}

export const DICT_METHODS = methodTable<Dict>({
  keys: [[], (dict) => new DictView('keys', dict)],
  values: [[], (dict) => new DictView('values', dict)],
  items: [[], (dict) => new DictView('items', dict)],
  get: [
    ['key', ['default', null]],
    (dict, key: unknown, otherwise: unknown) => dict.get(key) ?? (dict.has(key) ? null : otherwise),
  ],
  update: [
    [['other', new Dict()], '**kwargs'],
    (dict, other: unknown, named: Dict) => {
      for (const [key, value] of [...pairsOf(other), ...named.entries()]) dict.set(key, value);
      return null;
    },
  ],
  pop: [
    ['key', '*default'],
    (dict, key: unknown, otherwise: Tuple) => {
      const value = dict.get(key);
      if (value !== undefined) {
        dict.delete(key);
        return value;
      }
      if (otherwise.items.length > 0) return otherwise.items[0];
      throw new Fault('KeyError', repr(key));
    },
  ],
  popitem: [
    [],
    (dict) => {
      const last = [...dict.entries()].at(-1);
      if (last === undefined) throw new Fault('KeyError', "'popitem(): dictionary is empty'");
      dict.delete(last[0]);
      return new Tuple(last);
    },
  ],
  setdefault: [
    ['key', ['default', null]],
    (dict, key: unknown, otherwise: unknown) => {
      const value = dict.get(key);
      if (value !== undefined) return value;
      dict.set(key, otherwise);
      return otherwise;
    },
  ],
  clear: [
    [],
    (dict) => {
      dict.clear();
      return null;
    },
  ],
  copy: [[], (dict) => new Dict(dict.entries())],
  fromkeys: [
    ['iterable', ['value', null]],
    (_, keys: unknown, value: unknown) => new Dict(listOf(keys).map((key): [unknown, unknown] => [key, value])),
  ],
});

const asSet = (value: unknown): PySet => (value instanceof PySet ? value : new PySet(iterate(value)));
const filtered = (set: PySet, keep: (item: unknown) => boolean) => new PySet([...set.values()].filter(keep));

export const SET_METHODS = methodTable<PySet>({
  add: [
    ['item'],
    (set, item: unknown) => {
      checkGrowth(set.size);
      set.add(item);
      return null;
    },
  ],
  remove: [
    ['item'],
    (set, item: unknown) => {
      if (!set.delete(item)) throw new Fault('KeyError', repr(item));
      return null;
    },
  ],
  discard: [
    ['item'],
    (set, item: unknown) => {
      set.delete(item);
      return null;
    },
  ],
  pop: [
    [],
    (set) => {
      const [first] = set.values();
      if (set.size === 0) throw new Fault('KeyError', "'pop from an empty set'");
      set.delete(first);
      return first;
    },
  ],
  clear: [
    [],
    (set) => {
      set.clear();
      return null;
    },
  ],
  copy: [[], (set) => new PySet(set.values())],
  update: [
    ['*others'],
    (set, others: Tuple) => {
      for (const other of others.items) for (const item of iterate(other)) set.add(item);
      return null;
    },
  ],
  union: [
    ['*others'],
    (set, others: Tuple) => new PySet([...set.values(), ...others.items.flatMap((other) => listOf(other))]),
  ],
  intersection: [
    ['*others'],
    (set, others: Tuple) => {
      const sets = others.items.map(asSet);
      return filtered(set, (item) => sets.every((other) => other.has(item)));
    },
  ],
  difference: [
    ['*others'],
    (set, others: Tuple) => {
      const sets = others.items.map(asSet);
      return filtered(set, (item) => !sets.some((other) => other.has(item)));
    },
  ],
  symmetric_difference: [
    ['other'],
    (set, other: unknown) => {
      const right = asSet(other);
      const left = filtered(set, (item) => !right.has(item));
      return new PySet([...left.values(), ...filtered(right, (item) => !set.has(item)).values()]);
    },
  ],
  issubset: [['other'], (set, other: unknown) => filtered(set, (item) => !asSet(other).has(item)).size === 0],
  issuperset: [['other'], (set, other: unknown) => listOf(other).every((item) => set.has(item))],
  isdisjoint: [['other'], (set, other: unknown) => !listOf(other).some((item) => set.has(item))],
});
