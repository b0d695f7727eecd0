import type { AnyNode, Argument, Body, Expression, Parameter, Statement, Target } from '../syntax/nodes.js';
import type { Symbols } from './symbols.js';

/** All children of a node in the order in which the template holds them. */
export function* children(node: AnyNode): Generator<AnyNode> {
  switch (node.typename) {
    case 'Array':
    case 'Group':
    case 'Dict':
    case 'KeywordArgs':
    case 'NodeList':
    case 'Root':
    case 'Output':
      yield* node.children as readonly AnyNode[];
      return;
    case 'Pair':
      yield node.key;
      yield node.value;
      return;
    case 'Splat':
    case 'KeywordSplat':
    case 'Do':
      yield node.value;
      return;
    case 'LookupVal':
      yield node.target;
      yield node.val;
      return;
    case 'Attribute':
    case 'Not':
    case 'Neg':
    case 'Pos':
      yield node.target;
      return;
    case 'Slice':
      for (const part of [node.start, node.stop, node.step]) if (part !== null) yield part;
      return;
    case 'FunCall':
      yield node.name;
      yield* node.args.children;
      return;
    case 'Filter':
    case 'Is':
      if (node.target !== null) yield node.target;
      yield* node.args.children;
      return;
    case 'InlineIf':
      yield node.cond;
      yield node.body;
      if (node.else_ !== null) yield node.else_;
      return;
    case 'Compare':
      yield node.expr;
      for (const operand of node.ops) yield operand.expr;
      return;
    case 'If':
      yield node.cond;
      yield node.body;
      if (node.else_ !== null) yield node.else_;
      return;
    case 'For':
      yield node.arr;
      if (node.test !== null) yield node.test;
      yield node.body;
      if (node.else_ !== null) yield node.else_;
      return;
    case 'Macro':
      yield* node.args;
      yield node.body;
      return;
    case 'Parameter':
      if (node.default !== null) yield node.default;
      return;
    case 'CallBlock':
      yield node.call;
      yield* node.args;
      yield node.body;
      return;
    case 'FilterBlock':
      yield node.filter;
      yield node.body;
      return;
    case 'Set':
      yield node.value;
      return;
    case 'SetBlock':
      if (node.filter !== null) yield node.filter;
      yield node.body;
      return;
    case 'With':
      yield* node.values;
      yield node.body;
      return;
    case 'Scope':
    case 'Block':
      yield node.body;
      return;
    case 'TemplateRef':
      yield node.template;
      return;
    case 'Literal':
    case 'Symbol':
    case 'TemplateData':
    case 'Break':
    case 'Continue':
      return;
    default:
      yield node.left;
      yield node.right;
  }
}

/** Names that a target sets. */
export function* namesOf(target: Target): Generator<string> {
  if (target.typename === 'Symbol') yield target.value;
  else if (target.typename === 'Group') for (const item of target.children) yield* namesOf(item);
}

/** Which of `names` the nodes read before they set them. */
export function readNames(nodes: Iterable<AnyNode>, names: readonly string[]): Set<string> {
  const left = new Set(names);
  const found = new Set<string>();
  const visit = (node: AnyNode): void => {
    if (left.size === 0) return;
    if (node.typename === 'Symbol') {
      if (left.has(node.value)) found.add(node.value);
      return;
    }
    if (node.typename === 'Block') return;
    for (const child of children(node)) visit(child);
    if (node.typename === 'Set') for (const name of namesOf(node.targets[0])) left.delete(name);
    if (node.typename === 'SetBlock') for (const name of namesOf(node.target)) left.delete(name);
  };
  for (const node of nodes) visit(node);
  return found;
}

/** Whether an expression holds a call, which can be a macro or a function of the host. */
export function hasCall(node: AnyNode): boolean {
  if (node.typename === 'FunCall') return true;
  for (const child of children(node)) if (hasCall(child)) return true;
  return false;
}

/** Notes in `symbols` all names that a node of the frame itself reads and sets, not what inner frames do. */
export function noteNames(node: AnyNode, symbols: Symbols): void {
  switch (node.typename) {
    case 'Symbol':
      symbols.load(node.value);
      return;
    case 'If':
      noteIf(node, symbols);
      return;
    case 'Macro':
      symbols.store(node.name);
      return;
    case 'For':
      noteNames(node.arr, symbols);
      return;
    case 'CallBlock':
      noteNames(node.call, symbols);
      return;
    case 'FilterBlock':
      noteNames(node.filter, symbols);
      return;
    case 'With':
      for (const value of node.values) noteNames(value, symbols);
      return;
    case 'Set':
      noteNames(node.value, symbols);
      noteTarget(node.targets[0], symbols);
      return;
    case 'SetBlock':
      noteTarget(node.target, symbols);
      return;
    case 'TemplateRef':
      noteNames(node.template, symbols);
      for (const name of node.names) symbols.store(name);
      return;
    case 'Scope':
    case 'Block':
      return;
    default:
      for (const child of children(node)) noteNames(child, symbols);
  }
}

function noteIf(node: Extract<Statement, { typename: 'If' }>, symbols: Symbols): void {
  noteNames(node.cond, symbols);
  const then = symbols.branch();
  noteNames(node.body, then);
  const otherwise = symbols.branch();
  if (node.else_ !== null) noteNames(node.else_, otherwise);
  symbols.join([then, otherwise]);
}

function noteTarget(target: Target, symbols: Symbols): void {
  if (target.typename === 'NamespaceTarget') symbols.load(target.name);
  else if (target.typename === 'Symbol') symbols.store(target.value);
  else for (const item of target.children) noteTarget(item, symbols);
}

/** Parameters of a macro first, then their defaults and the body. */
export function noteParameters(parameters: readonly Parameter[], body: Body, symbols: Symbols): void {
  for (const { name } of parameters) symbols.parameter(name);
  for (const { default: value } of parameters) if (value !== null) noteNames(value, symbols);
  noteNames(body, symbols);
}

const CONTEXT_FILTERS: ReadonlySet<string> = new Set([
  'map',
  'select',
  'reject',
  'selectattr',
  'rejectattr',
  'random',
  'as_bool',
  'as_native',
  'as_number',
  'as_text',
  'batch',
  'slice',
  'unique',
  'items',
  'reverse',
]);

/** Whether Jinja2 can work an expression out while it compiles. */
export function isConstant(node: Expression | Argument | AnyNode): boolean {
  if (node.typename === 'Symbol' || node.typename === 'FunCall') return false;
  if (node.typename === 'Filter' && CONTEXT_FILTERS.has(node.name.value)) return false;
  for (const child of children(node)) if (!isConstant(child)) return false;
  return true;
}
