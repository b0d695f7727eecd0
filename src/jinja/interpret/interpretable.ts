import { namesOf } from '../compile/walk.js';
import { hasFilter, hasTest } from '../library/apply.js';
import type { AnyNode, Arguments, Body, Expression, For, If, Statement, Target } from '../syntax/nodes.js';

/** The names that a frame sets somewhere, and those that it has set for certain where the walk has come to. */
interface Names {
  readonly outer: Names | null;
  readonly assigned: ReadonlySet<string>;
  definite: ReadonlySet<string>;
}

/** Operators within operators that are walked; compiled, they need less of the stack. */
const MAX_DEPTH = 200;

/** Ends a walk; made once, as most of what it costs to throw is a stack. */
const UNSUITED = new (class Unsuited {})();

/**
 * The names that a template asks its scope for, if it is one that the interpreter renders as its compiled form would; else
 * undefined. Beyond blocks and macros that leaves out what Jinja2's scoping makes of names that are read before they are
 * set, or set in two frames one within the other: whoever looks names up while rendering would find others.
 */
export function interpretable(body: Body): ReadonlySet<string> | undefined {
  try {
    const assigned = assignedIn(body);
    if (assigned.has('loop')) return undefined;
    const walk = new Walk();
    walk.checkBody(body, { outer: null, assigned, definite: new Set() });
    return walk.read;
  } catch (error) {
    if (error === UNSUITED) return undefined;
    throw error;
  }
}

const unsuited = (): never => {
  throw UNSUITED;
};

function assignedIn(body: Body | If, into: Set<string> = new Set()): Set<string> {
  if (body.typename === 'If') {
    assignedIn(body.body, into);
    if (body.else_ !== null) assignedIn(body.else_, into);
    return into;
  }
  for (const node of body.children) {
    if (node.typename === 'Set') for (const name of setNames(node.targets[0])) into.add(name);
    else if (node.typename === 'If') assignedIn(node, into);
  }
  return into;
}

/** The names that a target sets; a namespace's attribute is none. */
function setNames(target: Target): Iterable<string> {
  return target.typename === 'NamespaceTarget' ? [] : namesOf(target);
}

class Walk {
  readonly read = new Set<string>();
  #depth = 0;

  checkBody(body: Body, names: Names): void {
    for (const node of body.children) this.#checkStatement(node, names);
  }

  #checkStatement(node: Statement, names: Names): void {
    switch (node.typename) {
      case 'Output':
        for (const child of node.children) if (child.typename !== 'TemplateData') this.#checkExpression(child, names);
        return;
      case 'Set': {
        this.#checkExpression(node.value, names);
        const [target] = node.targets;
        this.#checkTarget(target, names);
        names.definite = new Set([...names.definite, ...setNames(target)]);
        return;
      }
      case 'Do':
        this.#checkExpression(node.value, names);
        return;
      case 'If':
        this.#checkIf(node, names);
        return;
      case 'For':
        this.#checkFor(node, names);
        return;
      default:
        unsuited();
    }
  }

  #checkTarget(target: Target, names: Names): void {
    if (target.typename === 'NamespaceTarget') this.#checkName(target.name, names);
    else if (target.typename === 'Group') for (const child of target.children) this.#checkTarget(child, names);
  }

  #checkIf(node: If, names: Names): void {
    this.#checkExpression(node.cond, names);
    const before = names.definite;
    this.checkBody(node.body, names);
    const after = names.definite;
    names.definite = before;
    if (node.else_?.typename === 'If') this.#checkIf(node.else_, names);
    else if (node.else_ !== null) this.checkBody(node.else_, names);
    const other = names.definite;
    if (after !== before || other !== before) names.definite = new Set([...after].filter((name) => other.has(name)));
  }

  #checkFor(node: For, names: Names): void {
    if (node.test !== null || node.recursive) unsuited();
    this.#checkExpression(node.arr, names);
    const targets = new Set(namesOf(node.name));
    if (targets.has('loop') || node.name.typename === 'NamespaceTarget') unsuited();
    const assigned = assignedIn(node.body, new Set([...targets, 'loop']));
    for (let outer: Names | null = names; outer !== null; outer = outer.outer)
      for (const name of assigned) if (name !== 'loop' && outer.assigned.has(name)) unsuited();
    this.checkBody(node.body, { outer: names, assigned, definite: new Set([...targets, 'loop']) });
    if (node.else_ === null) return;
    if (assignedIn(node.else_).size > 0) unsuited();
    this.checkBody(node.else_, names);
  }

  #checkName(name: string, names: Names): void {
    for (let frame: Names | null = names; frame !== null; frame = frame.outer) {
      if (!frame.assigned.has(name)) continue;
      if (!frame.definite.has(name)) unsuited();
      return;
    }
    this.read.add(name);
  }

  #checkArguments(args: Arguments, names: Names): void {
    for (const argument of args.children) {
      if (argument.typename === 'KeywordArgs')
        for (const pair of argument.children) this.#checkExpression(pair.value, names);
      else if (argument.typename === 'Splat' || argument.typename === 'KeywordSplat')
        this.#checkExpression(argument.value, names);
      else this.#checkExpression(argument as Expression, names);
    }
  }

  #checkExpression(node: AnyNode, names: Names): void {
    // Long chains nest deeply; the compiler knows what to say of them.
    if (++this.#depth > MAX_DEPTH) unsuited();
    this.#checkPart(node, names);
    this.#depth--;
  }

  #checkPart(node: AnyNode, names: Names): void {
    switch (node.typename) {
      case 'Literal':
        return;
      case 'Symbol':
        this.#checkName(node.value, names);
        return;
      case 'Array':
      case 'Group':
        for (const child of node.children) this.#checkExpression(child, names);
        return;
      case 'Dict':
        for (const pair of node.children) {
          this.#checkExpression(pair.key, names);
          this.#checkExpression(pair.value, names);
        }
        return;
      case 'LookupVal':
        this.#checkExpression(node.target, names);
        this.#checkExpression(node.val, names);
        return;
      case 'Attribute':
      case 'Not':
      case 'Neg':
      case 'Pos':
        this.#checkExpression(node.target, names);
        return;
      case 'FunCall':
        this.#checkExpression(node.name, names);
        this.#checkArguments(node.args, names);
        return;
      case 'Filter':
      case 'Is':
        if (node.target === null || !(node.typename === 'Filter' ? hasFilter : hasTest)(node.name.value)) unsuited();
        else this.#checkExpression(node.target, names);
        this.#checkArguments(node.args, names);
        return;
      case 'InlineIf':
        this.#checkExpression(node.cond, names);
        this.#checkExpression(node.body, names);
        if (node.else_ !== null) this.#checkExpression(node.else_, names);
        return;
      case 'Compare':
        this.#checkExpression(node.expr, names);
        for (const operand of node.ops) this.#checkExpression(operand.expr, names);
        return;
      case 'And':
      case 'Or':
      case 'Add':
      case 'Sub':
      case 'Mul':
      case 'Div':
      case 'FloorDiv':
      case 'Mod':
      case 'Pow':
      case 'Concat':
        this.#checkExpression(node.left, names);
        this.#checkExpression(node.right, names);
        return;
      default:
        unsuited();
    }
  }
}
