import { isConstant } from '../compile/walk.js';
import type { Position, TemplateSource } from '../error.js';
import { placeOf, position } from '../error.js';
import { applyFilter, applyTest } from '../library/apply.js';
import { MARKS, mark } from '../native.js';
import { getAttribute, getItem } from '../runtime/attributes.js';
import { callNow, located } from '../runtime/call.js';
import type { Context } from '../runtime/context.js';
import { enter, leave, tick, type Usage } from '../runtime/limits.js';
import { Loop } from '../runtime/loop.js';
import { addKeywords } from '../runtime/macro.js';
import { setAttribute, unpack } from '../runtime/namespace.js';
import * as operators from '../runtime/operators.js';
import { chars, isIn, less } from '../runtime/support.js';
import type {
  Arguments,
  Body,
  Compare,
  CompareOperand,
  Expression,
  For,
  If,
  Output,
  Statement,
  Target,
} from '../syntax/nodes.js';
import { Tuple } from '../values/collections.js';
import { equals } from '../values/compare.js';
import { isTruthy, iterate } from '../values/iterate.js';
import { str } from '../values/text.js';
import { Undefined } from '../values/undefined.js';

/**
 * Renders a template by walking its tree: for a template that is rendered once that is a tenth of the work of compiling
 * it. Only for templates that `interpretable` lets pass, where it gives what the compiled form gives, errors included: as
 * there, `#at` is the place of the operation that runs.
 */
export function interpret(body: Body, source: TemplateSource, context: Context): string {
  const out = new TextOutput();
  new Interpreter(source, context, out, false).render(body);
  return out.text;
}

/** The same for native rendering: the values of the template's parts. */
export function interpretNative(body: Body, source: TemplateSource, context: Context): unknown[] {
  const out = new PartsOutput();
  new Interpreter(source, context, out, true).render(body);
  return out.parts;
}

/** Takes what a template puts out. */
interface TemplateOutput {
  /** Characters so far, for the limit of loops. */
  readonly length: number;
  add(value: unknown): void;
}

class TextOutput implements TemplateOutput {
  text = '';

  get length(): number {
    return this.text.length;
  }

  add(value: unknown): void {
    this.text += str(value);
  }
}

class PartsOutput implements TemplateOutput {
  readonly parts: unknown[] = [];
  readonly length = 0;

  add(value: unknown): void {
    this.parts.push(value);
  }
}

const at = (node: { readonly lineno: number; readonly colno: number }): Position => position(node.lineno, node.colno);

const BINARY = {
  Add: operators.add,
  Sub: operators.sub,
  Mul: operators.mul,
  Div: operators.div,
  FloorDiv: operators.floorDiv,
  Mod: operators.mod,
  Pow: operators.pow,
  Concat: operators.concat,
} as const;

class Interpreter {
  readonly #source: TemplateSource;
  readonly #context: Context;
  /** Names that the template has set; those of a loop are taken away at its end. */
  readonly #names = new Map<string, unknown>();
  readonly #out: TemplateOutput;
  readonly #native: boolean;
  #at: Position = 0;

  constructor(source: TemplateSource, context: Context, out: TemplateOutput, native: boolean) {
    this.#source = source;
    this.#context = context;
    this.#out = out;
    this.#native = native;
  }

  render(body: Body): void {
    const usage = enter();
    try {
      this.#body(body, usage);
    } catch (error) {
      throw located(error, this.#at, this.#source, null);
    } finally {
      leave(usage);
    }
  }

  #body(body: Body, usage: Usage): void {
    for (const node of body.children) this.#statement(node, usage);
  }

  #statement(node: Statement, usage: Usage): void {
    switch (node.typename) {
      case 'Output':
        this.#output(node);
        return;
      case 'Set': {
        const [target] = node.targets;
        // A namespace is looked up before the value is worked out.
        const namespace = target.typename === 'NamespaceTarget' ? this.#name(target.name) : null;
        const value = this.#value(node.value);
        if (target.typename !== 'NamespaceTarget') this.#assign(target, value);
        else {
          this.#at = at(target);
          setAttribute(namespace, target.attribute, value);
        }
        return;
      }
      case 'Do':
        this.#value(node.value);
        return;
      case 'If':
        this.#if(node, usage);
        return;
      case 'For':
        this.#for(node, usage);
        return;
      default:
        throw new Error(`the interpreter knows no ${node.typename}`);
    }
  }

  #output(node: Output): void {
    for (const child of node.children) {
      if (child.typename === 'TemplateData') this.#out.add(child.value);
      else if (this.#native && isConstant(child)) this.#out.add(chars(this.#value(child)));
      else this.#out.add(this.#value(child));
    }
  }

  #if(node: If, usage: Usage): void {
    if (isTruthy(this.#value(node.cond))) this.#body(node.body, usage);
    else if (node.else_?.typename === 'If') this.#if(node.else_, usage);
    else if (node.else_ !== null) this.#body(node.else_, usage);
  }

  #assign(target: Target, value: unknown): void {
    if (target.typename === 'Symbol') this.#names.set(target.value, value);
    else if (target.typename === 'NamespaceTarget') {
      const namespace = this.#name(target.name);
      this.#at = at(target);
      setAttribute(namespace, target.attribute, value);
    } else {
      this.#at = at(target);
      const items = unpack(value, target.children.length);
      target.children.forEach((child, i) => {
        this.#assign(child, items[i]);
      });
    }
  }

  #for(node: For, usage: Usage): void {
    const items = this.#value(node.arr);
    this.#at = at(node.arr);
    const loop = new Loop(items, null, 0);
    const around = this.#names.get('loop');
    const before = new Set(this.#names.keys());
    let ran = false;
    while (loop.next()) {
      tick(usage, this.#out.length);
      this.#names.set('loop', loop);
      this.#assign(node.name, loop.current);
      this.#body(node.body, usage);
      ran = true;
    }
    for (const name of this.#names.keys()) if (!before.has(name)) this.#names.delete(name);
    if (around !== undefined) this.#names.set('loop', around);
    if (!ran && node.else_ !== null) this.#body(node.else_, usage);
  }

  #name(name: string): unknown {
    const own = this.#names.get(name) ?? (this.#names.has(name) ? null : this.#context.resolve(name));
    return own === undefined ? this.#context.undefined(name) : own;
  }

  #value(node: Expression): unknown {
    switch (node.typename) {
      case 'Literal':
        return node.value;
      case 'Symbol':
        return this.#name(node.value);
      case 'Array':
        return node.children.map((child) => this.#value(child));
      case 'Group':
        return new Tuple(node.children.map((child) => this.#value(child)));
      case 'Dict': {
        const pairs = node.children.map((pair) => [this.#value(pair.key), this.#value(pair.value)] as const);
        this.#at = at(node);
        return operators.makeDict(pairs);
      }
      case 'LookupVal': {
        const target = this.#value(node.target);
        const key = this.#value(node.val as Expression);
        this.#at = at(node.target);
        return getItem(target, key, this.#context.lenient);
      }
      case 'Attribute': {
        const target = this.#value(node.target);
        this.#at = at(node.target);
        return getAttribute(target, node.name, this.#context.lenient);
      }
      case 'FunCall': {
        const callee = this.#value(node.name);
        const [positional, named] = this.#arguments(node.args);
        this.#at = at(node);
        return callNow(callee, positional, named, this.#at, this.#source);
      }
      case 'Filter': {
        const target = this.#value(node.target as Expression);
        const marker = this.#native && Object.hasOwn(MARKS, node.name.value) ? MARKS[node.name.value] : undefined;
        if (marker !== undefined) return mark(marker, target);
        const [positional, named] = this.#arguments(node.args);
        this.#at = at(node);
        return applyFilter(node.name.value, target, positional, named);
      }
      case 'Is': {
        const target = this.#value(node.target);
        const [positional, named] = this.#arguments(node.args);
        this.#at = at(node);
        return applyTest(node.name.value, target, positional, named);
      }
      case 'InlineIf':
        if (isTruthy(this.#value(node.cond))) return this.#value(node.body);
        return node.else_ === null ? this.#noElse(at(node)) : this.#value(node.else_);
      case 'Compare':
        return this.#compare(node);
      case 'And': {
        const left = this.#value(node.left);
        return isTruthy(left) ? this.#value(node.right) : left;
      }
      case 'Or': {
        const left = this.#value(node.left);
        return isTruthy(left) ? left : this.#value(node.right);
      }
      case 'Not':
        return !isTruthy(this.#value(node.target));
      case 'Neg':
      case 'Pos': {
        const target = this.#value(node.target);
        this.#at = at(node);
        return node.typename === 'Neg' ? operators.neg(target) : operators.pos(target);
      }
      default: {
        const left = this.#value(node.left);
        const right = this.#value(node.right);
        this.#at = at(node);
        return BINARY[node.typename](left, right);
      }
    }
  }

  #noElse(place: Position): Undefined {
    const { line } = placeOf(this.#source, place);
    const message = `the inline if-expression on line ${line} evaluated to false and no else section was defined.`;
    return new Undefined(message, undefined, 'UndefinedError', this.#context.lenient);
  }

  #arguments(args: Arguments): [positional: unknown[], named: Map<string, unknown> | null] {
    const positional: unknown[] = [];
    let named: Map<string, unknown> | null = null;
    for (const argument of args.children) {
      if (argument.typename === 'KeywordArgs' || argument.typename === 'KeywordSplat') continue;
      if (argument.typename === 'Splat') {
        const values = this.#value(argument.value);
        this.#at = at(argument);
        positional.push(...iterate(values));
      } else positional.push(this.#value(argument as Expression));
    }
    let keywords: Expression | null = null;
    for (const argument of args.children) {
      if (argument.typename === 'KeywordSplat') keywords = argument.value;
      if (argument.typename !== 'KeywordArgs') continue;
      named ??= new Map();
      for (const pair of argument.children) named.set(this.#value(pair.key) as string, this.#value(pair.value));
    }
    if (keywords !== null) {
      const more = this.#value(keywords);
      this.#at = at(args);
      named = addKeywords(named ?? new Map(), more);
    }
    return [positional, named];
  }

  #compare(node: Compare): unknown {
    let left = this.#value(node.expr);
    if (node.ops.length === 0) return left;
    for (const operand of node.ops) {
      const right = this.#value(operand.expr);
      this.#at = at(operand);
      if (!holds(operand.type, left, right)) return false;
      left = right;
    }
    return true;
  }
}

function holds(type: CompareOperand['type'], left: unknown, right: unknown): boolean {
  switch (type) {
    case '==':
      return equals(left, right);
    case '!=':
      return !equals(left, right);
    case 'in':
      return isIn(left, right);
    case 'not in':
      return !isIn(left, right);
    default:
      return less(left, right, type);
  }
}
