import { Fault } from '../error.js';
import { getAttribute, getItem, ownAttribute } from '../runtime/attributes.js';
import { checkList, checkText } from '../runtime/limits.js';
import { add } from '../runtime/operators.js';
import { Dict, NamedTuple, PyIterator, PySet, Tuple } from '../values/collections.js';
import { compare, equals } from '../values/compare.js';
import { isTruthy, iterate, lengthOf, listOf } from '../values/iterate.js';
import { str } from '../values/text.js';
import { typeName } from '../values/types.js';
import { Undefined } from '../values/undefined.js';
import type { FilterEntry } from './apply.js';
import { sorted } from './sorting.js';

type Getter = (item: unknown) => unknown;

/** Reads `a.b.0` of an item; `otherwise` (not null) stands for what is undefined. */
export function attributeGetter(attribute: unknown, otherwise: unknown = null, change: Getter = (x) => x): Getter {
  const path =
    attribute === null
      ? []
      : typeof attribute === 'string'
        ? attribute.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))
        : [attribute];
  return (item) => {
    let value = item;
    for (const part of path) {
      value = getItem(value, part);
      if (value instanceof Undefined && otherwise !== null) value = otherwise;
    }
    return change(value);
  };
}

/** Jinja2 compares strings without their case where `case_sensitive` is not set. */
function foldCase(caseSensitive: unknown): Getter {
  return isTruthy(caseSensitive) ? (x) => x : (x) => (typeof x === 'string' ? x.toLowerCase() : x);
}

function sort(value: unknown, reverse: unknown, caseSensitive: unknown, attribute: unknown): unknown[] {
  const fold = foldCase(caseSensitive);
  const parts = typeof attribute === 'string' ? attribute.split(',') : [attribute];
  const getters = parts.map((part) => attributeGetter(part, null, fold));
  return sorted(listOf(value), (item) => getters.map((get) => get(item)), isTruthy(reverse));
}

function extreme(value: unknown, caseSensitive: unknown, attribute: unknown, sign: 1 | -1): unknown {
  const get = attributeGetter(attribute, null, foldCase(caseSensitive));
  const items = listOf(value);
  if (items.length === 0) return new Undefined('No aggregated item, sequence was empty.');
  let best = items[0];
  for (const item of items.slice(1)) {
    if (sign * compare(get(item), get(best), sign === 1 ? '<' : '>') < 0) best = item;
  }
  return best;
}

function groupBy(value: unknown, attribute: unknown, otherwise: unknown, caseSensitive: unknown): unknown[] {
  const key = attributeGetter(attribute, otherwise, foldCase(caseSensitive));
  const plain = attributeGetter(attribute, otherwise);
  const groups: { key: unknown; items: unknown[] }[] = [];
  for (const item of sorted(listOf(value), key, false)) {
    const last = groups.at(-1);
    if (last !== undefined && equals(last.key, key(item))) last.items.push(item);
    else groups.push({ key: key(item), items: [item] });
  }
  return groups.map(({ items }) => new NamedTuple(['grouper', 'list'], [plain(items[0]), items]));
}

function* unique(value: unknown, caseSensitive: unknown, attribute: unknown): Generator<unknown> {
  const get = attributeGetter(attribute, null, foldCase(caseSensitive));
  const seen = new PySet();
  for (const item of iterate(value)) {
    const key = get(item);
    if (seen.has(key)) continue;
    seen.add(key);
    yield item;
  }
}

function* batch(value: unknown, count: number, fill: unknown): Generator<unknown[]> {
  let row: unknown[] = [];
  for (const item of iterate(value)) {
    if (row.length === count) {
      yield row;
      row = [];
    }
    row.push(item);
  }
  if (row.length === 0) return;
  if (fill !== null && row.length < count) {
    checkList(count);
    while (row.length < count) row.push(fill);
  }
  yield row;
}

function* slices(value: unknown, count: number, fill: unknown): Generator<unknown[]> {
  const items = listOf(value);
  checkList(count);
  if (count === 0) throw new Fault('ZeroDivisionError', 'integer division or modulo by zero');
  const size = Math.floor(items.length / count);
  const larger = items.length % count;
  let start = 0;
  for (let i = 0; i < count; i++) {
    const end = start + size + (i < larger ? 1 : 0);
    const slice = items.slice(start, end);
    start = end;
    if (fill !== null && i >= larger) slice.push(fill);
    yield slice;
  }
}

function lengthFilter(value: unknown): number {
  const length = lengthOf(value);
  if (length === undefined) throw new Fault('TypeError', `object of type '${typeName(value)}' has no len()`);
  return length;
}

export function reversed(value: unknown): unknown {
  if (typeof value === 'string') return Array.from(value).reverse().join('');
  if (value instanceof PySet || value instanceof PyIterator) return listOf(value).reverse();
  try {
    return new PyIterator('list_reverseiterator object', listOf(value).reverse());
  } catch (error) {
    if (error instanceof Fault && error.kind === 'TypeError') {
      throw new Fault('FilterArgumentError', 'argument must be iterable');
    }
    throw error;
  }
}

function dictSort(value: unknown, caseSensitive: unknown, by: unknown, reverse: unknown): unknown[] {
  if (by !== 'key' && by !== 'value') {
    throw new Fault('FilterArgumentError', 'You can only sort by either "key" or "value"');
  }
  if (!(value instanceof Dict)) return itemsNeeded(value);
  const fold = foldCase(caseSensitive);
  const pairs = [...value.entries()].map((entry) => new Tuple(entry));
  return sorted(pairs, (pair) => fold((pair as Tuple).items[by === 'key' ? 0 : 1]), isTruthy(reverse));
}

function itemsNeeded(value: unknown): never {
  if (value instanceof Undefined) value.fail();
  throw new Fault('AttributeError', `'${typeName(value)}' object has no attribute 'items'`);
}

function join(value: unknown, separator: unknown, attribute: unknown): string {
  const get = attributeGetter(attribute);
  const mark = str(separator);
  const parts: string[] = [];
  let length = 0;
  for (const item of iterate(value)) {
    const part = str(attribute === null ? item : get(item));
    length += part.length + mark.length;
    checkText(length);
    parts.push(part);
  }
  return parts.join(mark);
}

/** Jinja2's filters over sequences and mappings. */
export const SEQUENCE_FILTERS: Readonly<Record<string, FilterEntry>> = {
  length: [[], lengthFilter],
  count: [[], lengthFilter],
  list: [[], listOf],
  first: [
    [],
    (value: unknown) => {
      for (const item of iterate(value)) return item;
      return new Undefined('No first item, sequence was empty.');
    },
  ],
  last: [
    [],
    (value: unknown) => {
      if (value instanceof PySet || value instanceof PyIterator) {
        throw new Fault('TypeError', `'${typeName(value)}' object is not reversible`, 'Put `| list` before `| last`.');
      }
      const items = listOf(value);
      return items.length > 0 ? items.at(-1) : new Undefined('No last item, sequence was empty.');
    },
  ],
  random: [
    [],
    (value: unknown) => {
      const items = listOf(value);
      const index = Math.floor(Math.random() * items.length);
      return items.length > 0 ? items[index] : new Undefined('No random item, sequence was empty.');
    },
  ],
  reverse: [[], reversed],
  sort: [
    [
      ['reverse', false],
      ['case_sensitive', false],
      ['attribute', null],
    ],
    sort,
  ],
  unique: [
    [
      ['case_sensitive', false],
      ['attribute', null],
    ],
    (value: unknown, caseSensitive: unknown, attribute: unknown) =>
      new PyIterator('generator object sync_do_unique', unique(value, caseSensitive, attribute)),
  ],
  min: [
    [
      ['case_sensitive', false],
      ['attribute', null],
    ],
    (v: unknown, c: unknown, a: unknown) => extreme(v, c, a, 1),
  ],
  max: [
    [
      ['case_sensitive', false],
      ['attribute', null],
    ],
    (v: unknown, c: unknown, a: unknown) => extreme(v, c, a, -1),
  ],
  sum: [
    [
      ['attribute', null],
      ['start', 0],
    ],
    (value: unknown, attribute: unknown, start: unknown) => {
      const get = attributeGetter(attribute);
      if (typeof start === 'string') throw new Fault('TypeError', "sum() can't sum strings [use ''.join(seq) instead]");
      let total = start;
      for (const item of iterate(value)) total = add(total, get(item));
      return total;
    },
  ],
  join: [
    [
      ['d', ''],
      ['attribute', null],
    ],
    join,
  ],
  groupby: [['attribute', ['default', null], ['case_sensitive', false]], groupBy],
  batch: [
    ['linecount', ['fill_with', null]],
    (value: unknown, count: number, fill: unknown) =>
      new PyIterator('generator object do_batch', batch(value, count, fill)),
  ],
  slice: [
    ['slices', ['fill_with', null]],
    (value: unknown, count: number, fill: unknown) =>
      new PyIterator('generator object sync_do_slice', slices(value, count, fill)),
  ],
  dictsort: [
    [
      ['case_sensitive', false],
      ['by', 'key'],
      ['reverse', false],
    ],
    dictSort,
  ],
  items: [
    [],
    (value: unknown) => {
      if (value instanceof Undefined) return new PyIterator('generator object do_items', []);
      if (!(value instanceof Dict)) throw new Fault('TypeError', 'Can only get item pairs from a mapping.');
      const pairs = [...value.entries()].map((entry) => new Tuple(entry));
      return new PyIterator('generator object do_items', pairs);
    },
  ],
  attr: [
    ['name'],
    (value: unknown, name: unknown) => {
      if (value instanceof Undefined) value.fail();
      const key = str(name);
      const own = ownAttribute(value, key);
      if (own !== undefined && !key.startsWith('_')) return own;
      if (own === undefined && !/^__\w+__$/.test(key)) {
        return new Undefined(`'${typeName(value)} object' has no attribute '${key}'`, key);
      }
      return getAttribute(value, key);
    },
  ],
  is_list: [[], (value: unknown) => Array.isArray(value)],
};
