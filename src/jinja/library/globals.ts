import { Fault } from '../error.js';
import { limits } from '../runtime/limits.js';
import { makeNamespace } from '../runtime/namespace.js';
import { Dict, Range, type Tuple } from '../values/collections.js';
import { HostFunction, HostObject } from '../values/host.js';
import { hostFunction } from '../values/signature.js';
import { typeName } from '../values/types.js';
import { Undefined } from '../values/undefined.js';
import { pairsOf } from './collection-methods.js';

function whole(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Undefined) value.fail();
  if (typeof value === 'bigint') throw new Fault('OverflowError', 'Python int too large to convert to C ssize_t');
  throw new Fault('TypeError', `'${typeName(value)}' object cannot be interpreted as an integer`);
}

/** Python's `range`, with the limit of Jinja2's sandbox. */
function makeRange(args: readonly unknown[]): Range {
  if (args.length === 0) throw new Fault('TypeError', 'range expected at least 1 argument, got 0');
  if (args.length > 3) throw new Fault('TypeError', `range expected at most 3 arguments, got ${args.length}`);
  const [first = 0, second, third = 1] = args.map(whole);
  const range = second === undefined ? new Range(0, first, 1) : new Range(first, second, third);
  if (third === 0) throw new Fault('ValueError', 'range() arg 3 must not be zero');
  if (range.length > limits.rangeLength) {
    throw new Fault('OverflowError', `Range too big. The sandbox blocks ranges larger than ${limits.rangeLength}.`);
  }
  return range;
}

class Cycler extends HostObject {
  readonly #items: readonly unknown[];
  #at = 0;
  constructor(items: readonly unknown[]) {
    super();
    if (items.length === 0) throw new Fault('RuntimeError', 'at least one item has to be provided');
    this.#items = items;
  }

  override getAttribute(name: string): unknown {
    if (name === 'current') return this.#items[this.#at];
    if (name === 'reset') {
      return new HostFunction('reset', () => {
        this.#at = 0;
        return null;
      });
    }
    if (name !== 'next') return undefined;
    return new HostFunction('next', () => {
      const item = this.#items[this.#at];
      this.#at = (this.#at + 1) % this.#items.length;
      return item;
    });
  }
}

class Joiner extends HostObject {
  readonly #separator: unknown;
  #used = false;
  constructor(separator: unknown) {
    super();
    this.#separator = separator;
  }

  override getAttribute(): unknown {
    return undefined;
  }

  override isCallable(): boolean {
    return true;
  }

  override call(): unknown {
    if (this.#used) return this.#separator;
    this.#used = true;
    return '';
  }
}

const LOREM = 'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore'.split(
  ' ',
);

/** Filler text; unlike Jinja2's it is always the same, so that renders can be compared. */
function lipsum(paragraphs: number, html: unknown, min: number): string {
  if (paragraphs > 100 || min > 1000) throw new Fault('LimitError', 'lipsum would give too much text');
  const words = Array.from({ length: min }, (_, i) => LOREM[i % LOREM.length] ?? '').join(' ');
  const text = `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
  const all = Array.from({ length: paragraphs }, () => text);
  return html === true ? all.map((p) => `<p>${p}</p>`).join('\n') : all.join('\n\n');
}

/** Jinja2's global functions. A scope can hide them. */
export const GLOBALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  [
    'range',
    new HostFunction('range', ({ positional, named }) => {
      if (named.size > 0) throw new Fault('TypeError', 'range() takes no keyword arguments');
      return makeRange(positional);
    }),
  ],
  [
    'dict',
    hostFunction('dict', ['*args', '**kwargs'], (args: Tuple, kwargs: Dict) => {
      if (args.items.length > 1)
        throw new Fault('TypeError', `dict expected at most 1 argument, got ${args.items.length}`);
      return new Dict([...args.items.flatMap(pairsOf), ...kwargs.entries()]);
    }),
  ],
  ['namespace', makeNamespace],
  ['cycler', hostFunction('cycler', ['*items'], (items: Tuple) => new Cycler(items.items))],
  ['joiner', hostFunction('joiner', [['sep', ', ']], (separator: unknown) => new Joiner(separator))],
  [
    'lipsum',
    hostFunction(
      'lipsum',
      [
        ['n', 5],
        ['html', true],
        ['min', 20],
        ['max', 100],
      ],
      (n: number, html: unknown, min: number) => lipsum(n, html, min),
    ),
  ],
]);

/** Whether every template has a function of this name. */
export const isGlobal = (name: string): boolean => GLOBALS.has(name);
