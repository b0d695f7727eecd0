import { HostFunction } from '../values/host.js';
import { type Parameter, Signature } from '../values/signature.js';

/** The Python methods of one type, by name; nothing else of a value can be reached from a template. */
export type MethodTable<Self> = ReadonlyMap<string, Method<Self>>;

interface Method<Self> {
  readonly signature: Signature;
  readonly call: (self: Self, ...values: never[]) => unknown;
}

export type MethodList<Self> = Readonly<
  Record<string, readonly [readonly Parameter[], (self: Self, ...values: never[]) => unknown]>
>;

export function methodTable<Self>(methods: MethodList<Self>): MethodTable<Self> {
  return new Map(
    Object.entries(methods).map(([name, [parameters, call]]) => [name, { signature: new Signature(parameters), call }]),
  );
}

/** The method bound to its value, or JS undefined. */
export function boundMethod<Self>(table: MethodTable<Self>, self: Self, name: string): HostFunction | undefined {
  const method = table.get(name);
  if (method === undefined) return undefined;
  const run = method.call as (self: Self, ...values: unknown[]) => unknown;
  return new HostFunction(name, ({ positional, named }) =>
    run(self, ...method.signature.bind(name, positional, named.size === 0 ? null : named)),
  );
}
