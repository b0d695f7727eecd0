import { Fault } from '../error.js';
import { type Dict, PyIterator, type Tuple } from '../values/collections.js';
import { isTruthy, iterate } from '../values/iterate.js';
import { repr, str } from '../values/text.js';
import { applyFilter, applyTest, type FilterEntry, hasFilter } from './apply.js';
import { attributeGetter } from './sequence-filters.js';
import { needsTest } from './tests.js';

function namedOf(kwargs: Dict): ReadonlyMap<string, unknown> {
  return new Map([...kwargs.entries()].map(([key, value]) => [str(key), value]));
}

function* mapped(value: unknown, change: (item: unknown) => unknown): Generator<unknown> {
  for (const item of iterate(value)) yield change(item);
}

function mapper(args: Tuple, kwargs: Dict): (item: unknown) => unknown {
  const named = new Map(namedOf(kwargs));
  if (args.items.length === 0 && named.has('attribute')) {
    const attribute = named.get('attribute');
    const otherwise = named.get('default') ?? null;
    named.delete('attribute');
    named.delete('default');
    const [unknown] = named.keys();
    if (unknown !== undefined) throw new Fault('FilterArgumentError', `Unexpected keyword argument ${repr(unknown)}`);
    return attributeGetter(attribute, otherwise);
  }
  const [name, ...rest] = args.items;
  if (name === undefined) throw new Fault('FilterArgumentError', 'map requires a filter argument');
  // As in Jinja2, a filter that is not there is an error only where there is an item for it.
  return (item) => {
    if (typeof name === 'string' && hasFilter(name)) return applyFilter(name, item, rest, named);
    throw new Fault('TemplateRuntimeError', `No filter named ${repr(name)}.`);
  };
}

function* chosen(value: unknown, args: Tuple, kwargs: Dict, wanted: boolean, byAttribute: boolean): Generator<unknown> {
  if (!isTruthy(value)) return;
  let rest = args.items;
  let get = (item: unknown) => item;
  if (byAttribute) {
    if (rest.length === 0) throw new Fault('FilterArgumentError', 'Missing parameter for attribute name');
    get = attributeGetter(rest[0]);
    rest = rest.slice(1);
  }
  const named = namedOf(kwargs);
  const [test, ...more] = rest;
  const check = (item: unknown) =>
    test === undefined ? isTruthy(item) : applyTest(needsTest(test), item, more, named);
  for (const item of iterate(value)) if (check(get(item)) === wanted) yield item;
}

const choice = (wanted: boolean, byAttribute: boolean): FilterEntry => [
  ['*args', '**kwargs'],
  (value: unknown, args: Tuple, kwargs: Dict) =>
    new PyIterator('generator object select_or_reject', chosen(value, args, kwargs, wanted, byAttribute)),
];

/** Jinja2's filters that take a filter, a test or an attribute for each item. */
export const SELECT_FILTERS: Readonly<Record<string, FilterEntry>> = {
  map: [
    ['*args', '**kwargs'],
    (value: unknown, args: Tuple, kwargs: Dict) => {
      // As a Python generator: a mistake in the arguments shows when the first item is asked for.
      const items = (function* () {
        if (!isTruthy(value)) return;
        yield* mapped(value, mapper(args, kwargs));
      })();
      return new PyIterator('generator object sync_do_map', items);
    },
  ],
  select: choice(true, false),
  reject: choice(false, false),
  selectattr: choice(true, true),
  rejectattr: choice(false, true),
};
