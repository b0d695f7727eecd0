import { Fault } from '../error.js';
import { pairsOf } from '../library/collection-methods.js';
import type { Dict, Tuple } from '../values/collections.js';
import { HostObject } from '../values/host.js';
import { iterate } from '../values/iterate.js';
import { hostFunction } from '../values/signature.js';
import { repr } from '../values/text.js';

/** Jinja2's `namespace`: the one value whose attributes a template can set. */
export class Namespace extends HostObject {
  readonly #attributes = new Map<string, unknown>();

  constructor(entries: Iterable<readonly [unknown, unknown]>) {
    super();
    for (const [key, value] of entries) this.#attributes.set(String(key), value);
  }

  override get typeName(): string {
    return 'Namespace';
  }

  override getAttribute(name: string): unknown {
    return this.#attributes.get(name);
  }

  set(name: string, value: unknown): void {
    this.#attributes.set(name, value);
  }

  override repr(): string {
    const inner = [...this.#attributes].map(([key, value]) => `${repr(key)}: ${repr(value)}`).join(', ');
    return `<Namespace {${inner}}>`;
  }
}

export const makeNamespace = hostFunction('namespace', ['*args', '**kwargs'], (args: Tuple, kwargs: Dict) => {
  if (args.items.length > 1)
    throw new Fault('TypeError', `namespace expected at most 1 argument, got ${args.items.length}`);
  return new Namespace([...args.items.flatMap(pairsOf), ...kwargs.entries()]);
});

/** `{% set target.name = value %}`. */
export function setAttribute(target: unknown, name: string, value: unknown): void {
  if (target instanceof Namespace) target.set(name, value);
  else
    throw new Fault(
      'TemplateRuntimeError',
      'cannot assign attribute on non-namespace object',
      'Make it with `namespace(...)`.',
    );
}

/** The items for the `count` targets of an assignment. */
export function unpack(value: unknown, count: number): unknown[] {
  const items: unknown[] = [];
  for (const item of iterate(value)) {
    if (items.length === count) throw new Fault('ValueError', `too many values to unpack (expected ${count})`);
    items.push(item);
  }
  if (items.length < count) {
    throw new Fault('ValueError', `not enough values to unpack (expected ${count}, got ${items.length})`);
  }
  return items;
}
