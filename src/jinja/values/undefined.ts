import { Fault } from '../error.js';

/** Jinja2's undefined value: prints as nothing and is empty, but any other use of it is an error. */
export class Undefined {
  readonly message: string;
  readonly name: string | undefined;
  readonly kind: string;
  /** dbt's undefined of the parse phase: attributes, items and calls of it are again undefined. */
  readonly lenient: boolean;
  /** What to do about it, worked out when it is used after all. */
  readonly #hint: (() => string | undefined) | undefined;

  constructor(
    message: string,
    name?: string,
    kind = 'UndefinedError',
    lenient = false,
    hint?: () => string | undefined,
  ) {
    this.message = message;
    this.name = name;
    this.kind = kind;
    this.lenient = lenient;
    this.#hint = hint;
  }

  fail(): never {
    throw new Fault(this.kind, this.message, this.#hint?.());
  }
}

export function undefinedName(name: string): Undefined {
  return new Undefined(`'${name}' is undefined`, name);
}
