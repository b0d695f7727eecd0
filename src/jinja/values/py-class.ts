import type { CallArguments } from './host.js';
import { HostObject } from './host.js';
import { type Parameter, Signature } from './signature.js';

/** A Python class that templates can call and that has class methods, such as `modules.datetime.datetime`. */
export class PyClass extends HostObject {
  readonly name: string;
  readonly #signature: Signature;
  readonly #make: (...values: unknown[]) => unknown;
  readonly #attributes: ReadonlyMap<string, unknown>;

  constructor(
    name: string,
    parameters: readonly Parameter[],
    make: (...values: never[]) => unknown,
    attributes: Iterable<readonly [string, unknown]> = [],
  ) {
    super();
    this.name = name;
    this.#signature = new Signature(parameters);
    this.#make = make as (...values: unknown[]) => unknown;
    this.#attributes = new Map(attributes);
  }

  override get typeName(): string {
    return 'type';
  }

  override getAttribute(name: string): unknown {
    return this.#attributes.get(name);
  }

  override isCallable(): boolean {
    return true;
  }

  override call({ positional, named }: CallArguments): unknown {
    return this.#make(...this.#signature.bind(this.name, positional, named.size === 0 ? null : named));
  }

  override repr(): string {
    return `<class '${this.name}'>`;
  }
}

/** A Python module: a bag of names. Like dbt's, it is read as a dict too. */
export class PyModule extends HostObject {
  readonly name: string;
  readonly #members: ReadonlyMap<string, unknown>;

  constructor(name: string, members: Iterable<readonly [string, unknown]>) {
    super();
    this.name = name;
    this.#members = new Map(members);
  }

  override get typeName(): string {
    return 'module';
  }

  override getAttribute(name: string): unknown {
    return this.#members.get(name);
  }

  override getItem(key: unknown): unknown {
    return typeof key === 'string' ? this.#members.get(key) : undefined;
  }

  override iterate(): Iterable<unknown> {
    return this.#members.keys();
  }

  override contains(value: unknown): boolean {
    return typeof value === 'string' && this.#members.has(value);
  }

  override repr(): string {
    return `<module '${this.name}'>`;
  }
}
