import type { Place } from '../../diagnostics/index.js';
import { Fault } from '../error.js';
import { Dict, Tuple } from './collections.js';
import { type CallArguments, HostFunction } from './host.js';

/** A parameter of a host function: `'a'`, `['b', default]`, `'*rest'` or `'**named'`; what follows `'*rest'` is given by name only. */
export type Parameter = string | readonly [name: string, value: unknown];

/** The parameters of a function of ours, and Python's rules for what a call may give them. */
export class Signature {
  readonly #names: string[] = [];
  readonly #defaults: unknown[] = [];
  #required = 0;
  #rest = false;
  /** How many of the names a call may give by position. */
  #positional = Number.POSITIVE_INFINITY;
  #keywords = false;

  constructor(parameters: readonly Parameter[]) {
    for (const parameter of parameters) {
      if (typeof parameter !== 'string') {
        this.#names.push(parameter[0]);
        this.#defaults.push(parameter[1]);
      } else if (parameter.startsWith('**')) this.#keywords = true;
      else if (parameter.startsWith('*')) {
        this.#rest = true;
        this.#positional = this.#names.length;
      } else {
        this.#names.push(parameter);
        this.#defaults.push(undefined);
        if (!this.#rest) this.#required = this.#names.length;
      }
    }
  }

  /** One value a parameter, then a tuple for `*rest` and a dict for `**named` where there are such. */
  bind(name: string, positional: readonly unknown[], named: ReadonlyMap<string, unknown> | null): unknown[] {
    const names = this.#names;
    const values: unknown[] = [];
    if (positional.length > names.length && !this.#rest) {
      const count = `${names.length} positional argument${names.length === 1 ? '' : 's'}`;
      throw new Fault('TypeError', `${name}() takes ${count} but ${positional.length} were given`, this.#hint(name));
    }
    let used = 0;
    for (let i = 0; i < names.length; i++) {
      const key = names[i] as string;
      const byName = named?.get(key);
      if (byName !== undefined) {
        used++;
        if (i < positional.length && i < this.#positional) {
          throw new Fault('TypeError', `${name}() got multiple values for argument '${key}'`, this.#hint(name));
        }
        values.push(byName);
      } else if (i >= this.#positional) {
        if (this.#defaults[i] === undefined) {
          const text = `missing 1 required keyword-only argument: '${key}'`;
          throw new Fault('TypeError', `${name}() ${text}`, this.#hint(name));
        }
        values.push(this.#defaults[i]);
      } else if (i < positional.length) values.push(positional[i]);
      else if (i < this.#required) {
        const missing = names.slice(i, this.#required).filter((n) => named?.has(n) !== true);
        const list = missing.map((n) => `'${n}'`).join(', ');
        const text = `missing ${missing.length} required positional argument${missing.length === 1 ? '' : 's'}: ${list}`;
        throw new Fault('TypeError', `${name}() ${text}`, this.#hint(name));
      } else values.push(this.#defaults[i]);
    }
    if (this.#rest) values.push(new Tuple(positional.slice(Math.min(names.length, this.#positional))));
    if (this.#keywords) {
      const others = new Dict();
      for (const [key, value] of named ?? []) if (!names.includes(key)) others.set(key, value);
      values.push(others);
    } else if (named !== null && named.size > used) {
      const unknown = [...named.keys()].find((key) => !names.includes(key));
      throw new Fault('TypeError', `${name}() got an unexpected keyword argument '${unknown}'`, this.#hint(name));
    }
    return values;
  }

  #hint(name: string): string {
    const parts = this.#names.map((n, i) =>
      i < this.#required || (i >= this.#positional && this.#defaults[i] === undefined) ? n : `${n}=...`,
    );
    if (this.#rest) parts.splice(Math.min(this.#positional, parts.length), 0, '*args');
    if (this.#keywords) parts.push('**kwargs');
    return `The signature is ${name}(${parts.join(', ')}).`;
  }
}

/** The named arguments of a call that has none. */
export const NO_NAMED: ReadonlyMap<string, unknown> = new Map();

/** A host function with Python-like parameters: defaults, names, `*rest` (a tuple), `**named` (a dict). */
export function hostFunction(
  name: string,
  parameters: readonly Parameter[],
  call: (...values: never[]) => unknown,
): HostFunction {
  const signature = new Signature(parameters);
  const run = call as (...values: unknown[]) => unknown;
  return new HostFunction(name, (args: CallArguments, _site?: Place) =>
    run(...signature.bind(name, args.positional, args.named)),
  );
}
