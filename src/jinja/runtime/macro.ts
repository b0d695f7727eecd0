import { Fault } from '../error.js';
import { Dict, Tuple } from '../values/collections.js';
import { type CallArguments, HostFunction } from '../values/host.js';
import { typeName } from '../values/types.js';
import { Undefined } from '../values/undefined.js';

/** Thrown by the host's `return(value)`: the macro that is called through the host gives `value`. */
export class ReturnSignal {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/** What a macro takes beyond its parameters, because its body uses these names. */
export interface MacroExtras {
  readonly caller: boolean;
  readonly kwargs: boolean;
  readonly varargs: boolean;
}

/** A macro (or the body of a call block) of a template. */
export class Macro extends HostFunction {
  readonly parameters: readonly string[];
  readonly extras: MacroExtras;
  /** The body of a call block. */
  readonly isAnonymous: boolean;

  /** A name of null is that of the body of a call block. `body` takes one value a parameter (JS undefined where absent), then caller, kwargs, varargs where used. */
  constructor(
    name: string | null,
    parameters: readonly string[],
    extras: MacroExtras,
    body: (...values: unknown[]) => unknown,
  ) {
    super(name ?? 'caller', (args) => body(...bind(name ?? 'caller', parameters, extras, args)));
    this.parameters = parameters;
    this.extras = extras;
    this.isAnonymous = name === null;
  }

  override repr(): string {
    return this.isAnonymous ? '<Macro anonymous>' : `<Macro ${quote(this.name)}>`;
  }
}

const quote = (name: string): string => `'${name}'`;

/** Jinja2's rules for the arguments of a macro, which differ from Python's: every parameter may be left out. */
function bind(
  name: string,
  parameters: readonly string[],
  extras: MacroExtras,
  { positional, named }: CallArguments,
): unknown[] {
  const values: unknown[] = positional.slice(0, parameters.length);
  const rest = named.size === 0 ? named : new Map(named);
  let hasCaller = positional.length >= parameters.length && parameters.includes('caller');
  for (let i = values.length; i < parameters.length; i++) {
    const key = parameters[i] as string;
    if (key === 'caller') hasCaller = true;
    values.push(rest.get(key));
    if (rest.size > 0) (rest as Map<string, unknown>).delete(key);
  }
  if (extras.caller && !hasCaller) {
    values.push(rest.get('caller') ?? new Undefined('No caller defined', 'caller'));
    if (rest.size > 0) (rest as Map<string, unknown>).delete('caller');
  }
  if (extras.kwargs) values.push(new Dict(rest));
  else if (rest.size > 0) {
    const [unknown] = rest.keys();
    const hint = parameters.length > 0 ? `Its parameters are ${parameters.join(', ')}.` : 'It has no parameters.';
    throw new Fault('TypeError', `macro '${name}' takes no keyword argument '${unknown}'`, hint);
  }
  if (extras.varargs) values.push(new Tuple(positional.slice(parameters.length)));
  else if (positional.length > parameters.length) {
    throw new Fault('TypeError', `macro '${name}' takes not more than ${parameters.length} argument(s)`);
  }
  return values;
}

/** The keyword arguments of a `**` splat, which must be a dict with names as keys. */
export function addKeywords(into: Map<string, unknown>, value: unknown): Map<string, unknown> {
  if (value instanceof Undefined) value.fail();
  if (!(value instanceof Dict)) {
    throw new Fault('TypeError', `argument after ** must be a mapping, not ${typeName(value)}`);
  }
  for (const [key, item] of value.entries()) {
    if (typeof key !== 'string') throw new Fault('TypeError', 'keywords must be strings');
    if (into.has(key)) throw new Fault('TypeError', `got multiple values for keyword argument '${key}'`);
    into.set(key, item);
  }
  return into;
}
