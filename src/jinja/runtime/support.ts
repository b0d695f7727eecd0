import { Fault } from '../error.js';
import { PyIterator } from '../values/collections.js';
import { compare, type Order } from '../values/compare.js';
import { iterate } from '../values/iterate.js';
import { str } from '../values/text.js';
import { typeName } from '../values/types.js';
import { Undefined } from '../values/undefined.js';
import { contains } from './contains.js';

/** One of Python's order operators. */
export function less(a: unknown, b: unknown, operator: Order): boolean {
  const order = compare(a, b, operator);
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}

/** The items of a loop with a condition, taken only as the loop asks for them. */
export function generate(items: unknown, keep: (item: unknown) => boolean): PyIterator {
  return new PyIterator(
    'generator object',
    (function* () {
      for (const item of iterate(items)) if (keep(item)) yield item;
    })(),
  );
}

/** The items for which an async condition holds. */
export async function kept(items: unknown, keep: (item: unknown) => Promise<boolean>): Promise<unknown[]> {
  const out: unknown[] = [];
  for (const item of iterate(items)) if (await keep(item)) out.push(item);
  return out;
}

/** What a call block or a filter block gives: Jinja2 takes text only. None is let pass, for functions of a host. */
export function blockText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (value instanceof Undefined) value.fail();
  const message = `a call block or filter block must give text, not ${typeName(value)}`;
  throw new Fault('TypeError', message, 'Use an expression or `do` instead of the block.');
}

export function failure(kind: string, message: string): never {
  throw new Fault(kind, message);
}

/**
 * A constant expression in native rendering: Jinja2 works such expressions out while compiling, and the result is text.
 */
export function chars(value: unknown): unknown {
  return value instanceof Undefined ? value : str(value);
}

/** Python's `item in container`, in the order in which a template evaluates the two. */
export function isIn(item: unknown, container: unknown): boolean {
  return contains(container, item);
}
