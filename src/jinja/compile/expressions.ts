import { JinjaError, placeOf, type TemplateSource, wholeText } from '../error.js';
import { hasFilter, hasTest, suggestFilter, suggestTest } from '../library/apply.js';
import { MARKS } from '../native.js';
import type {
  Argument,
  Arguments,
  Call,
  Compare,
  CompareOperand,
  Expression,
  Filter,
  InlineIf,
  Literal,
  Lookup,
  SymbolNode,
  Test,
} from '../syntax/nodes.js';
import { Float } from '../values/float.js';
import { at, type Frame } from './frame.js';
import { Variables } from './symbols.js';

export type Mode = 'sync' | 'async';

/** Waits for the promise in `t`; meanwhile other renders run. */
export const AWAIT = '(pause(), t = await t, resume(U), t)';

const FUNCTIONS = {
  Add: 'add',
  Sub: 'sub',
  Mul: 'mul',
  Div: 'div',
  FloorDiv: 'floorDiv',
  Mod: 'mod',
  Pow: 'pow',
  Concat: 'concat',
  Neg: 'neg',
  Pos: 'pos',
} as const;

/**
 * Writes expressions as JavaScript. Texts of the template get into the code through `JSON.stringify` only. Each
 * operation that can fail sets `p`, the place, just before it runs: its last argument is `p = <position>`.
 */
export class ExpressionCompiler {
  readonly source: TemplateSource;
  readonly mode: Mode;
  readonly variables = new Variables();
  /** Native rendering, where dbt's filters `as_bool` and the like mark values. */
  protected native = false;
  /** Parameters of a macro that have no value yet where a default is worked out. */
  protected readonly pending = new Set<string | null>();
  /** Declarations of constants, for the top of the code. */
  readonly constants: string[] = [];

  constructor(source: TemplateSource, mode: Mode) {
    this.source = source;
    this.mode = mode;
  }

  protected fail(kind: string, message: string, node: { lineno: number; colno: number }, hint?: string): never {
    const place = placeOf(this.source, at(node));
    const more = { place, ...wholeText(this.source) };
    throw new JinjaError(kind, message, hint === undefined ? more : { ...more, hint });
  }

  protected temporary(frame: Frame): string {
    const name = this.variables.fresh('t');
    frame.scope.temporaries.push(name);
    return name;
  }

  expression(node: Expression, frame: Frame): string {
    switch (node.typename) {
      case 'Literal':
        return this.#literal(node);
      case 'Symbol':
        return this.#symbol(node, frame);
      case 'Array':
        return `[${this.#list(node.children, frame)}]`;
      case 'Group':
        return `new Tuple([${this.#list(node.children, frame)}])`;
      case 'Dict': {
        const pairs = node.children.map(
          (pair) => `[${this.expression(pair.key, frame)}, ${this.expression(pair.value, frame)}]`,
        );
        return `makeDict([${pairs.join(', ')}], p = ${at(node)})`;
      }
      case 'LookupVal':
        return this.#lookup(node, frame);
      case 'Attribute':
        // What fails here is the target: an attribute that is missing is undefined, no error.
        return `getAttribute(${this.expression(node.target, frame)}, ${JSON.stringify(node.name)}, C.lenient, p = ${at(node.target)})`;
      case 'FunCall':
        return this.call(node, frame);
      case 'Filter':
        return this.filter(node, this.expression(node.target ?? this.#noTarget(node), frame), frame);
      case 'Is':
        return this.#test(node, frame);
      case 'InlineIf':
        return this.#inlineIf(node, frame);
      case 'Compare':
        return this.#compare(node, frame);
      case 'And':
      case 'Or': {
        const left = this.temporary(frame);
        const test = `isTruthy(${left} = ${this.expression(node.left, frame)})`;
        const right = this.expression(node.right, frame);
        return node.typename === 'And' ? `(${test} ? ${right} : ${left})` : `(${test} ? ${left} : ${right})`;
      }
      case 'Not':
        return `!${this.truth(node.target, frame)}`;
      case 'Neg':
      case 'Pos':
        return `${FUNCTIONS[node.typename]}(${this.expression(node.target, frame)}, p = ${at(node)})`;
      default: {
        const operands = `${this.expression(node.left, frame)}, ${this.expression(node.right, frame)}`;
        return `${FUNCTIONS[node.typename]}(${operands}, p = ${at(node)})`;
      }
    }
  }

  /** An expression as a condition. */
  truth(node: Expression, frame: Frame): string {
    if (node.typename === 'Not') return `!${this.truth(node.target, frame)}`;
    if (node.typename === 'And' || node.typename === 'Or') {
      const operator = node.typename === 'And' ? '&&' : '||';
      return `(${this.truth(node.left, frame)} ${operator} ${this.truth(node.right, frame)})`;
    }
    const code = this.expression(node, frame);
    return node.typename === 'Compare' || node.typename === 'Is' ? code : `isTruthy(${code})`;
  }

  #noTarget(node: Filter): never {
    return this.fail('TemplateSyntaxError', 'This filter has nothing to work on', node);
  }

  #list(nodes: readonly Expression[], frame: Frame): string {
    return nodes.map((node) => this.expression(node, frame)).join(', ');
  }

  #literal({ value }: Literal): string {
    if (typeof value === 'bigint') return `${value}n`;
    if (!(value instanceof Float)) return JSON.stringify(value);
    const name = this.variables.fresh('k');
    this.constants.push(`const ${name} = new Float(${value.value});`);
    return name;
  }

  #symbol(node: SymbolNode, frame: Frame): string {
    const variable = frame.symbols.find(node.value);
    if (variable === null) throw new Error(`no variable for '${node.value}'`);
    if (frame.symbols.isParameter(variable) && !this.pending.has(variable)) return variable;
    return `(${variable} === undefined ? C.undefined(${JSON.stringify(node.value)}) : ${variable})`;
  }

  #lookup(node: Lookup, frame: Frame): string {
    const target = this.expression(node.target, frame);
    if (node.val.typename !== 'Slice') {
      return `getItem(${target}, ${this.expression(node.val, frame)}, C.lenient, p = ${at(node.target)})`;
    }
    const part = (value: Expression | null) => (value === null ? 'null' : this.expression(value, frame));
    const { start, stop, step } = node.val;
    return `getSlice(${target}, ${part(start)}, ${part(stop)}, ${part(step)}, p = ${at(node)})`;
  }

  call(node: Call, frame: Frame, caller: string | null = null): string {
    const callee = this.expression(node.name, frame);
    const [positional, named] = this.#arguments(node.args, frame, caller);
    const rest = `(${callee}, ${positional}, ${named}, p = ${at(node)}, S)`;
    return this.mode === 'sync' ? `callNow${rest}` : this.awaited(`call${rest}`);
  }

  /** In the async form: the value, waited for where it is a promise. */
  awaited(code: string): string {
    return this.mode === 'sync' ? code : `(((t = ${code}) instanceof Promise ? ${AWAIT} : t) ?? null)`;
  }

  #arguments(args: Arguments, frame: Frame, caller: string | null = null): [positional: string, named: string] {
    const positional: string[] = [];
    const pairs: string[] = [];
    let keywords: string | null = null;
    for (const argument of args.children as readonly Argument[]) {
      if (argument.typename === 'KeywordArgs') {
        for (const pair of argument.children) {
          pairs.push(`[${this.expression(pair.key, frame)}, ${this.expression(pair.value, frame)}]`);
        }
      } else if (argument.typename === 'Splat') {
        positional.push(`...iterate(${this.expression(argument.value, frame)}, p = ${at(argument)})`);
      } else if (argument.typename === 'KeywordSplat') keywords = this.expression(argument.value, frame);
      else positional.push(this.expression(argument, frame));
    }
    if (caller !== null) pairs.push(`["caller", ${caller}]`);
    let named = pairs.length === 0 ? 'null' : `new Map([${pairs.join(', ')}])`;
    if (keywords !== null)
      named = `addKeywords(${pairs.length === 0 ? 'new Map()' : named}, ${keywords}, p = ${at(args)})`;
    return [`[${positional.join(', ')}]`, named];
  }

  filter(node: Filter, value: string, frame: Frame): string {
    const name = node.name.value;
    if (!hasFilter(name)) return this.#unknown('filter', name, node, frame, suggestFilter(name));
    if (this.native && Object.hasOwn(MARKS, name)) return `mark(${JSON.stringify(MARKS[name])}, ${value})`;
    const [positional, named] = this.#arguments(node.args, frame);
    return `applyFilter(${JSON.stringify(name)}, ${value}, ${positional}, ${named}, p = ${at(node)})`;
  }

  #test(node: Test, frame: Frame): string {
    const name = node.name.value;
    if (!hasTest(name)) return this.#unknown('test', name, node, frame, suggestTest(name));
    const [positional, named] = this.#arguments(node.args, frame);
    const value = this.expression(node.target, frame);
    return `applyTest(${JSON.stringify(name)}, ${value}, ${positional}, ${named}, p = ${at(node)})`;
  }

  #unknown(what: string, name: string, node: Filter | Test, frame: Frame, hint: string | undefined): string {
    const message = `No ${what} named '${name}'.`;
    if (!frame.soft) this.fail('TemplateAssertionError', message, node, hint);
    return `(p = ${at(node)}, failure("TemplateRuntimeError", ${JSON.stringify(message)}))`;
  }

  #inlineIf(node: InlineIf, frame: Frame): string {
    const soft = { ...frame, soft: true };
    const cond = this.truth(node.cond, soft);
    const body = this.expression(node.body, soft);
    if (node.else_ !== null) return `(${cond} ? ${body} : ${this.expression(node.else_, soft)})`;
    const { line } = placeOf(this.source, at(node));
    const message = `the inline if-expression on line ${line} evaluated to false and no else section was defined.`;
    return `(${cond} ? ${body} : new Undefined(${JSON.stringify(message)}, undefined, "UndefinedError", C.lenient))`;
  }

  #compare(node: Compare, frame: Frame): string {
    const [first, ...more] = node.ops;
    if (first === undefined) return this.expression(node.expr, frame);
    let left = this.expression(node.expr, frame);
    if (more.length === 0) return this.#operator(first, left, this.expression(first.expr, frame));
    let code = '';
    let open = '';
    for (const [i, operand] of node.ops.entries()) {
      const last = i === node.ops.length - 1;
      const right = this.temporary(frame);
      const value = this.expression(operand.expr, frame);
      const test = this.#operator(operand, left, last ? value : `(${right} = ${value})`);
      code += last ? test : `(${test} && `;
      open += last ? '' : ')';
      left = right;
    }
    return code + open;
  }

  #operator({ type, ...node }: CompareOperand, left: string, right: string): string {
    const place = `p = ${at(node as CompareOperand)}`;
    switch (type) {
      case '==':
        return `equals(${left}, ${right}, ${place})`;
      case '!=':
        return `!equals(${left}, ${right}, ${place})`;
      case 'in':
        return `isIn(${left}, ${right}, ${place})`;
      case 'not in':
        return `!isIn(${left}, ${right}, ${place})`;
      default:
        return `less(${left}, ${right}, "${type}", ${place})`;
    }
  }
}
