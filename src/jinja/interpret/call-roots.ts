import { children, namesOf } from '../compile/walk.js';
import { DICT_METHODS, LIST_METHODS, SET_METHODS, TUPLE_METHODS } from '../library/collection-methods.js';
import { FLOAT_METHODS, INT_METHODS } from '../library/number-methods.js';
import { STRING_METHODS } from '../library/string-methods.js';
import type { AnyNode, Arguments, Call, Expression, Target } from '../syntax/nodes.js';

/**
 * Where the calls of a template or of a macro's body lead, as far as its text tells. If all of these answer at once, so does
 * the whole, and nothing in it need be waited for.
 */
export interface CallRoots {
  /** Names that are asked of the scope, called or not. */
  readonly names: ReadonlySet<string>;
  /** `name.method(...)` with a name of the scope. */
  readonly members: readonly (readonly [name: string, method: string])[];
  /** `adapter.dispatch('name', ...)(...)`. */
  readonly dispatched: ReadonlySet<string>;
}

const TABLES = [STRING_METHODS, LIST_METHODS, DICT_METHODS, SET_METHODS, TUPLE_METHODS, INT_METHODS, FLOAT_METHODS];

/** A method that the language itself has, for whatever value. */
export const isOwnMethod = (name: string): boolean => TABLES.some((table) => table.has(name));

/**
 * The roots of all calls in some nodes; undefined where one leads to what only a render can tell: a parameter or a variable that
 * is called, a method of something worked out, a call block.
 * @param parameters names that the caller gives
 */
export function callRoots(nodes: Iterable<AnyNode>, parameters: readonly string[] = []): CallRoots | undefined {
  const parts = [...nodes];
  const locals = new Set([...parameters, 'loop', 'varargs', 'kwargs']);
  for (const node of parts) noteAssigned(node, locals);
  const walk = new Walk(locals);
  return parts.every((node) => walk.visit(node)) ? walk : undefined;
}

function noteAssigned(node: AnyNode, locals: Set<string>): void {
  const add = (target: Target) => {
    for (const name of namesOf(target)) locals.add(name);
  };
  if (node.typename === 'Set') add(node.targets[0]);
  else if (node.typename === 'SetBlock') add(node.target);
  else if (node.typename === 'For') add(node.name);
  else if (node.typename === 'With') for (const target of node.targets) add(target);
  for (const child of children(node)) noteAssigned(child, locals);
}

class Walk implements CallRoots {
  readonly names = new Set<string>();
  readonly members: [string, string][] = [];
  readonly dispatched = new Set<string>();
  readonly #locals: ReadonlySet<string>;

  constructor(locals: ReadonlySet<string>) {
    this.#locals = locals;
  }

  visit(node: AnyNode): boolean {
    switch (node.typename) {
      case 'CallBlock':
      case 'Macro':
      case 'TemplateRef':
        return false;
      case 'Symbol':
        if (node.value === 'caller' || node.value === 'adapter') return false;
        if (!this.#locals.has(node.value)) this.names.add(node.value);
        return true;
      case 'FunCall':
        return this.#callee(node.name) && this.#arguments(node.args);
      default:
        for (const child of children(node)) if (!this.visit(child)) return false;
        return true;
    }
  }

  #arguments(args: Arguments): boolean {
    return args.children.every((argument) => this.visit(argument));
  }

  #callee(node: Expression): boolean {
    if (node.typename === 'Symbol') return !this.#locals.has(node.value) && this.visit(node);
    if (node.typename === 'FunCall') {
      const name = dispatchedName(node);
      if (name === undefined) return false;
      this.dispatched.add(name);
      return this.#arguments(node.args);
    }
    if (node.typename !== 'Attribute') return false;
    const { target, name } = node;
    if (target.typename === 'Symbol' && !this.#locals.has(target.value)) {
      if (target.value === 'adapter') return false;
      this.members.push([target.value, name]);
      this.names.add(target.value);
      return true;
    }
    const ofLoop = target.typename === 'Symbol' && target.value === 'loop';
    return (isOwnMethod(name) || ofLoop) && this.visit(target);
  }
}

/** The name in `adapter.dispatch('name', ...)`. */
function dispatchedName({ name: callee, args }: Call): string | undefined {
  if (callee.typename !== 'Attribute' || callee.name !== 'dispatch') return undefined;
  if (callee.target.typename !== 'Symbol' || callee.target.value !== 'adapter') return undefined;
  const [first] = args.children;
  return first?.typename === 'Literal' && typeof first.value === 'string' ? first.value : undefined;
}
