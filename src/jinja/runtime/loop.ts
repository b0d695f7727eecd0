import { Fault } from '../error.js';
import { Tuple } from '../values/collections.js';
import { equals } from '../values/compare.js';
import { type CallArguments, HostFunction, HostObject } from '../values/host.js';
import { iterate, lengthOf } from '../values/iterate.js';
import { hostFunction } from '../values/signature.js';
import { Undefined } from '../values/undefined.js';

/** Jinja2's `loop`. `next()` moves on; looking ahead (`last`, `nextitem`, `length`) takes items early. */
export class Loop extends HostObject {
  readonly #source: unknown;
  #iterator: Iterator<unknown>;
  readonly #recurse: ((items: unknown, depth: number) => unknown) | null;
  readonly #depth0: number;
  #index0 = -1;
  #ahead: { value: unknown } | 'end' | null = null;
  #length: number | undefined;
  #before: unknown;
  current: unknown;
  #changed: readonly unknown[] | undefined;

  constructor(source: unknown, recurse: ((items: unknown, depth: number) => unknown) | null, depth0: number) {
    super();
    this.#source = source;
    this.#iterator = iterate(source)[Symbol.iterator]();
    this.#recurse = recurse;
    this.#depth0 = depth0;
  }

  override get typeName(): string {
    return 'LoopContext';
  }

  next(): boolean {
    const item = this.#peek();
    this.#ahead = null;
    if (item === 'end') return false;
    this.#index0++;
    this.#before = this.current;
    this.current = item.value;
    return true;
  }

  #peek(): { value: unknown } | 'end' {
    if (this.#ahead === null) {
      const next = this.#iterator.next();
      this.#ahead = next.done === true ? 'end' : { value: next.value };
    }
    return this.#ahead;
  }

  override length(): number {
    if (this.#length !== undefined) return this.#length;
    let length = lengthOf(this.#source);
    if (length === undefined) {
      const rest: unknown[] = [];
      for (let next = this.#iterator.next(); next.done !== true; next = this.#iterator.next()) rest.push(next.value);
      this.#iterator = rest[Symbol.iterator]();
      length = rest.length + this.#index0 + 1 + (this.#ahead !== null && this.#ahead !== 'end' ? 1 : 0);
    }
    this.#length = length;
    return length;
  }

  override getAttribute(name: string): unknown {
    switch (name) {
      case 'index':
        return this.#index0 + 1;
      case 'index0':
        return this.#index0;
      case 'revindex':
        return this.length() - this.#index0;
      case 'revindex0':
        return this.length() - this.#index0 - 1;
      case 'first':
        return this.#index0 === 0;
      case 'last':
        return this.#peek() === 'end';
      case 'length':
        return this.length();
      case 'depth':
        return this.#depth0 + 1;
      case 'depth0':
        return this.#depth0;
      case 'previtem':
        return this.#index0 === 0 ? new Undefined('there is no previous item') : this.#before;
      case 'nextitem': {
        const next = this.#peek();
        return next === 'end' ? new Undefined('there is no next item') : next.value;
      }
      case 'cycle':
        return hostFunction('cycle', ['*args'], (args: Tuple) => {
          if (args.items.length === 0) throw new Fault('TypeError', 'no items for cycling given');
          return args.items[this.#index0 % args.items.length];
        });
      case 'changed':
        return new HostFunction('changed', ({ positional }) => this.#hasChanged(positional));
      default:
        return undefined;
    }
  }

  #hasChanged(values: readonly unknown[]): boolean {
    if (this.#changed !== undefined && equals(new Tuple(this.#changed), new Tuple(values))) return false;
    this.#changed = values;
    return true;
  }

  override call({ positional, named }: CallArguments): unknown {
    if (this.#recurse === null) {
      throw new Fault('TypeError', "The loop must have the 'recursive' marker to be called recursively.");
    }
    if (positional.length !== 1 || named.size > 0) throw new Fault('TypeError', 'loop() takes one iterable');
    return this.#recurse(positional[0], this.#depth0 + 1);
  }

  override repr(): string {
    return `<LoopContext ${this.#index0 + 1}/${this.length()}>`;
  }
}
