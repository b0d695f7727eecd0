import { Fault } from '../error.js';
import { limitReached, limits } from '../runtime/limits.js';
import { add } from '../runtime/operators.js';
import { type Dict, PyIterator, Tuple } from '../values/collections.js';
import type { HostFunction } from '../values/host.js';
import { isTruthy, iterate, listOf } from '../values/iterate.js';
import { PyClass, PyModule } from '../values/py-class.js';
import { hostFunction, type Parameter } from '../values/signature.js';

function* bounded(items: Iterable<unknown>): Generator<unknown> {
  let count = 0;
  for (const item of items) {
    if (++count > limits.listLength) limitReached('This iterator gives too many items', limits.listLength);
    yield item;
  }
}

/** An iterator of itertools; endless ones end with an error at the limit. */
function lazy(
  name: string,
  parameters: readonly Parameter[],
  make: (...values: never[]) => Iterable<unknown>,
): readonly [string, HostFunction] {
  const run = make as (...values: unknown[]) => Iterable<unknown>;
  return [
    name,
    hostFunction(
      name,
      parameters,
      (...values: unknown[]) => new PyIterator(`itertools.${name} object`, bounded(run(...values))),
    ),
  ];
}

const call = (fn: HostFunction, ...positional: unknown[]): unknown => fn.call({ positional, named: new Map() });

function* flattened(iterables: Iterable<unknown>): Generator<unknown> {
  for (const iterable of iterables) yield* iterate(iterable);
}

function* permutations(pool: readonly unknown[], size: number, used: readonly number[] = []): Generator<number[]> {
  if (used.length === size) {
    yield [...used];
    return;
  }
  for (let i = 0; i < pool.length; i++) if (!used.includes(i)) yield* permutations(pool, size, [...used, i]);
}

function* combinations(length: number, size: number, from: number, again: boolean): Generator<number[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let i = from; i < length; i++) {
    for (const rest of combinations(length, size - 1, again ? i : i + 1, again)) yield [i, ...rest];
  }
}

function* product(pools: readonly (readonly unknown[])[]): Generator<unknown[]> {
  const [first, ...others] = pools;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const item of first) for (const rest of product(others)) yield [item, ...rest];
}

function* picked(pool: readonly unknown[], choices: Iterable<number[]>): Generator<Tuple> {
  for (const choice of choices) yield new Tuple(choice.map((i) => pool[i]));
}

function* zipLongest(iterables: readonly unknown[], fill: unknown): Generator<Tuple> {
  const lists = iterables.map(listOf);
  const length = Math.max(0, ...lists.map((list) => list.length));
  for (let i = 0; i < length; i++) yield new Tuple(lists.map((list) => (i < list.length ? list[i] : fill)));
}

function* accumulate(iterable: unknown, func: HostFunction | null, initial: unknown): Generator<unknown> {
  let total: unknown;
  const step = (a: unknown, b: unknown) => (func === null ? add(a, b) : call(func, a, b));
  if (initial !== null) {
    total = initial;
    yield total;
  }
  for (const item of iterate(iterable)) {
    total = total === undefined ? item : step(total, item);
    yield total;
  }
}

function* islice(iterable: unknown, bounds: readonly unknown[]): Generator<unknown> {
  const [first, second, third] = bounds;
  const start = bounds.length === 1 ? 0 : Number(first ?? 0);
  const stop = bounds.length === 1 ? first : second;
  const step = Number(third ?? 1);
  const end = stop === null ? Infinity : Number(stop);
  if (end <= start) return;
  let i = 0;
  for (const item of iterate(iterable)) {
    if (i >= start && (i - start) % step === 0) yield item;
    if (++i >= end) return;
  }
}

function* counted(start: unknown, step: unknown): Generator<unknown> {
  for (let value = start; ; value = add(value, step)) yield value;
}

function* cycled(iterable: unknown): Generator<unknown> {
  const items = listOf(iterable);
  while (items.length > 0) yield* items;
}

function* repeated(item: unknown, times: unknown): Generator<unknown> {
  for (let i = 0; times === null || i < Number(times); i++) yield item;
}

const size = (value: unknown, otherwise: number): number => (value === null ? otherwise : Number(value));

/** dbt's `modules.itertools`. */
export const ITERTOOLS_MODULE = new PyModule('itertools', [
  lazy(
    'count',
    [
      ['start', 0],
      ['step', 1],
    ],
    counted,
  ),
  lazy('cycle', ['iterable'], cycled),
  lazy('repeat', ['object', ['times', null]], repeated),
  lazy('accumulate', ['iterable', ['func', null], ['initial', null]], accumulate),
  [
    'chain',
    new PyClass(
      'itertools.chain',
      ['*iterables'],
      (iterables: Tuple) => new PyIterator('itertools.chain object', flattened(iterables.items)),
      [lazy('from_iterable', ['iterable'], (iterable: unknown) => flattened(iterate(iterable)))],
    ),
  ],
  lazy('compress', ['data', 'selectors'], function* (data: unknown, selectors: unknown) {
    const wanted = listOf(selectors);
    let i = 0;
    for (const item of iterate(data)) if (isTruthy(wanted[i++] ?? false)) yield item;
  }),
  lazy('islice', ['iterable', '*bounds'], (iterable: unknown, bounds: Tuple) => {
    if (bounds.items.length === 0) throw new Fault('TypeError', 'islice expected at least 2 arguments, got 1');
    return islice(iterable, bounds.items);
  }),
  lazy('starmap', ['function', 'iterable'], function* (func: HostFunction, iterable: unknown) {
    for (const args of iterate(iterable)) yield call(func, ...listOf(args));
  }),
  [
    'tee',
    hostFunction('tee', ['iterable', ['n', 2]], (iterable: unknown, n: number) => {
      const items = listOf(iterable);
      return new Tuple(Array.from({ length: Math.min(n, 1000) }, () => new PyIterator('itertools._tee object', items)));
    }),
  ],
  lazy('zip_longest', ['*iterables', '**kwargs'], (iterables: Tuple, kwargs: Dict) =>
    zipLongest(iterables.items, kwargs.get('fillvalue') ?? null),
  ),
  lazy('product', ['*iterables', '**kwargs'], function* (iterables: Tuple, kwargs: Dict) {
    const pools = iterables.items.map(listOf);
    const times = Number(kwargs.get('repeat') ?? 1);
    if (times * pools.length > 100) limitReached('This product has too many factors', 100);
    for (const items of product(Array.from({ length: times }, () => pools).flat())) yield new Tuple(items);
  }),
  lazy('permutations', ['iterable', ['r', null]], (iterable: unknown, r: unknown) => {
    const pool = listOf(iterable);
    return picked(pool, permutations(pool, size(r, pool.length)));
  }),
  lazy('combinations', ['iterable', 'r'], (iterable: unknown, r: unknown) => {
    const pool = listOf(iterable);
    return picked(pool, combinations(pool.length, size(r, 0), 0, false));
  }),
  lazy('combinations_with_replacement', ['iterable', 'r'], (iterable: unknown, r: unknown) => {
    const pool = listOf(iterable);
    return picked(pool, combinations(pool.length, size(r, 0), 0, true));
  }),
]);
