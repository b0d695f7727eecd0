import { Fault } from '../error.js';
import { contains } from '../runtime/contains.js';
import { mod } from '../runtime/operators.js';
import { less } from '../runtime/support.js';
import { Dict, PyIterator, PySet, Tuple } from '../values/collections.js';
import { equals, numeric, type Order } from '../values/compare.js';
import { Float } from '../values/float.js';
import { HostFunction, HostObject } from '../values/host.js';
import { iterableOf, lengthOf } from '../values/iterate.js';
import { str } from '../values/text.js';
import { Undefined } from '../values/undefined.js';
import { type FilterEntry, hasFilter, hasTest } from './apply.js';
import { isCased, lower, upper } from './text-case.js';

const order = (operator: Order): FilterEntry => [['other'], (a: unknown, b: unknown) => less(a, b, operator)];
const same: FilterEntry = [['other'], (a: unknown, b: unknown) => equals(a, b)];
const different: FilterEntry = [['other'], (a: unknown, b: unknown) => !equals(a, b)];
const isNumber = (value: unknown) =>
  numeric(value) !== undefined || (value instanceof HostObject && value.typeName === 'Decimal');

/** Jinja2's tests. */
export const TESTS: Readonly<Record<string, FilterEntry>> = {
  odd: [[], (value: unknown) => equals(mod(value, 2), 1)],
  even: [[], (value: unknown) => equals(mod(value, 2), 0)],
  divisibleby: [['num'], (value: unknown, by: unknown) => equals(mod(value, by), 0)],
  defined: [[], (value: unknown) => !(value instanceof Undefined)],
  undefined: [[], (value: unknown) => value instanceof Undefined],
  filter: [[], (value: unknown) => typeof value === 'string' && hasFilter(value)],
  test: [[], (value: unknown) => typeof value === 'string' && hasTest(value)],
  none: [[], (value: unknown) => value === null],
  boolean: [[], (value: unknown) => typeof value === 'boolean'],
  true: [[], (value: unknown) => value === true],
  false: [[], (value: unknown) => value === false],
  integer: [[], (value: unknown) => typeof value === 'number' || typeof value === 'bigint'],
  float: [[], (value: unknown) => value instanceof Float],
  lower: [[], (value: unknown) => isCased(str(value)) && str(value) === lower(str(value))],
  upper: [[], (value: unknown) => isCased(str(value)) && str(value) === upper(str(value))],
  string: [[], (value: unknown) => typeof value === 'string'],
  mapping: [[], (value: unknown) => value instanceof Dict || (value instanceof HostObject && value.isMapping())],
  number: [[], isNumber],
  sequence: [[], isSequence],
  iterable: [[], (value: unknown) => iterableOf(value) !== undefined],
  callable: [
    [],
    (value: unknown) =>
      value instanceof HostFunction ||
      (value instanceof HostObject && value.isCallable()) ||
      value instanceof Undefined,
  ],
  sameas: [['other'], sameAs],
  escaped: [[], () => false],
  in: [['seq'], (value: unknown, container: unknown) => contains(container, value)],
  '==': same,
  eq: same,
  equalto: same,
  '!=': different,
  ne: different,
  '>': order('>'),
  gt: order('>'),
  greaterthan: order('>'),
  '>=': order('>='),
  ge: order('>='),
  '<': order('<'),
  lt: order('<'),
  lessthan: order('<'),
  '<=': order('<='),
  le: order('<='),
};

/** Jinja2 asks for a length and for `__getitem__`, which sets and iterators have not. */
function isSequence(value: unknown): boolean {
  if (value instanceof PySet || value instanceof PyIterator) return false;
  if (value instanceof HostObject) return value.length() !== undefined;
  return lengthOf(value) !== undefined;
}

/** Python's `is`, as far as values tell: equal small values are the same object. */
function sameAs(a: unknown, b: unknown): boolean {
  if (a instanceof Float && b instanceof Float) return a === b;
  if (a instanceof Tuple && b instanceof Tuple) return a === b || (a.items.length === 0 && b.items.length === 0);
  return a === b;
}

export function needsTest(name: unknown): string {
  if (typeof name === 'string' && hasTest(name)) return name;
  throw new Fault('TemplateRuntimeError', `No test named '${str(name)}'.`);
}
