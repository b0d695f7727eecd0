import type { Place } from '../../diagnostics/index.js';

/** The arguments of a call, as the template gave them. */
export interface CallArguments {
  readonly positional: readonly unknown[];
  readonly named: ReadonlyMap<string, unknown>;
}

/** A function that templates can call. It may give a promise; then it can be called in async renders only. */
export class HostFunction {
  readonly name: string;
  readonly call: (args: CallArguments, callSite?: Place) => unknown;

  constructor(name: string, call: (args: CallArguments, callSite?: Place) => unknown) {
    this.name = name;
    this.call = call;
  }

  repr(): string {
    return `<function ${this.name}>`;
  }
}

/**
 * An object of the host that templates can use. They see only what these methods give: JS undefined means
 * "there is no such thing". All but `getAttribute` have a default that says no.
 */
export abstract class HostObject {
  abstract getAttribute(name: string): unknown;

  /** The type's name in messages. */
  get typeName(): string {
    return this.constructor.name;
  }

  /** `object[key]`, where it is not the same as an attribute. */
  getItem(_key: unknown): unknown {
    return undefined;
  }

  /** What `for` goes through. */
  iterate(): Iterable<unknown> | undefined {
    return undefined;
  }

  length(): number | undefined {
    return undefined;
  }

  isTruthy(): boolean {
    const length = this.length();
    return length === undefined || length > 0;
  }

  contains(_value: unknown): boolean | undefined {
    return undefined;
  }

  equals(other: unknown): boolean {
    return this === other;
  }

  /** Less than 0, 0 or more than 0; JS undefined where the two have no order. */
  compare(_other: unknown): number | undefined {
    return undefined;
  }

  /** `this + other`, `this - other`, ...; `reflected` where this is the right operand. */
  binary(_operator: string, _other: unknown, _reflected: boolean): unknown {
    return undefined;
  }

  /** `object(...)`; may give a promise. */
  call(_args: CallArguments, _callSite?: Place): unknown {
    return undefined;
  }

  /** Whether `is callable` holds; say yes where `call` is there. */
  isCallable(): boolean {
    return false;
  }

  /** Whether `is mapping` holds. */
  isMapping(): boolean {
    return false;
  }

  str(): string {
    return this.repr();
  }

  repr(): string {
    return `<${this.typeName} object>`;
  }

  /** `{:spec}` and `format(x, spec)`. */
  format(_spec: string): string {
    return this.str();
  }

  /** As `json.dumps` should see it; JS undefined where it can't. */
  toJson(): unknown {
    return undefined;
  }
}
