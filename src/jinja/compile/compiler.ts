import type {
  AnyNode,
  Block,
  Body,
  CallBlock,
  Expression,
  Filter,
  For,
  If,
  Macro,
  Output,
  Parameter,
  SetBlock,
  Statement,
  Target,
  With,
} from '../syntax/nodes.js';
import { AWAIT, ExpressionCompiler } from './expressions.js';
import { at, type Frame, innerFrame } from './frame.js';
import { Symbols } from './symbols.js';
import { children, hasCall, isConstant, namesOf, noteNames, noteParameters, readNames } from './walk.js';

/** Writes statements as JavaScript: a function of the context `C`, in the runtime's names, for one mode. */
export class Compiler extends ExpressionCompiler {
  #hasBlocks = false;
  /** Names of blocks and their functions. */
  readonly #blocks = new Set<string>();

  /** The function that renders a template: to text, or to the list of its values (native rendering). */
  template(body: Body, native: boolean): string {
    this.native = native;
    this.#hasBlocks = contains(body, 'Block');
    return this.#function('C', (scope) => {
      const symbols = new Symbols(this.variables, null);
      const frame: Frame = { symbols, scope, buffer: 'o', native, top: true, soft: false, inLoop: false };
      noteNames(body, symbols);
      return [native ? 'const o = [];' : "let o = '';", this.#enter(frame), this.#body(body, frame), 'return o;'];
    });
  }

  /** The function that makes a macro on a context; calls of it take `return()`. */
  macroTemplate(macro: Macro): string {
    const scope = { temporaries: [] };
    const symbols = new Symbols(this.variables, null);
    const frame: Frame = { symbols, scope, buffer: 'o', native: false, top: true, soft: false, inLoop: false };
    return `(C) => ${this.#macro(macro.name, macro.args, macro.body, frame, macro, true)}`;
  }

  /** A JS function with the place `p`, its temporaries, and errors that tell where they arose. */
  #function(
    parameters: string,
    write: (scope: { temporaries: string[] }) => string[],
    name: string | null = null,
    takesReturn = false,
  ): string {
    const scope = { temporaries: [] as string[] };
    const lines = write(scope).join('\n');
    const locals = ['p = 0', 't', ...scope.temporaries].join(', ');
    const signal = takesReturn ? 'if (e instanceof ReturnSignal) return e.value; ' : '';
    return `${this.mode === 'async' ? 'async ' : ''}(${parameters}) => {
let ${locals};
const U = enter();
try {
${lines}
} catch (e) { ${signal}throw located(e, p, S, ${JSON.stringify(name)}); } finally { ${this.mode === 'async' ? 'leaveAsync' : 'leave'}(U); }
}`;
  }

  /** Declares the variables of a frame, as they are when it starts. */
  #enter(frame: Frame): string {
    const declarations: string[] = [];
    for (const [variable, load] of frame.symbols.loads()) {
      if (load.from === 'context') declarations.push(`${variable} = C.resolve(${JSON.stringify(load.name)})`);
      else if (load.from === 'outer') declarations.push(`${variable} = ${load.variable}`);
      else if (load.from === 'nothing') declarations.push(variable);
    }
    return declarations.length === 0 ? '' : `let ${declarations.join(', ')};`;
  }

  #body(body: Body, frame: Frame): string {
    return body.children.map((node) => this.#statement(node, frame)).join('\n');
  }

  #write(code: string, frame: Frame): string {
    return frame.native ? `${frame.buffer}.push(${code});` : `${frame.buffer} += str(${code});`;
  }

  #statement(node: Statement, frame: Frame): string {
    switch (node.typename) {
      case 'Output':
        return this.#output(node, frame);
      case 'If':
        return this.#if(node, frame);
      case 'For':
        return this.#for(node, frame);
      case 'Set': {
        const value = this.expression(node.value, frame);
        return this.#assign(node.targets[0], value, frame);
      }
      case 'SetBlock':
        return this.#setBlock(node, frame);
      case 'Do':
        return `${this.expression(node.value, frame)};`;
      case 'Macro': {
        const variable = frame.symbols.find(node.name);
        const code = this.#macro(node.name, node.args, node.body, frame, node, false);
        return `${variable} = ${code};${this.#exported(node.name, frame)}`;
      }
      case 'CallBlock':
        return this.#callBlock(node, frame);
      case 'FilterBlock': {
        const buffer = this.variables.fresh('o');
        const inner = innerFrame(frame, this.variables, { buffer, native: false });
        noteNames(node.body, inner.symbols);
        const body = this.#body(node.body, inner);
        const filtered = this.#filters(node.filter, buffer, frame);
        const value = frame.native ? filtered : `blockText(${filtered}, p = ${at(node)})`;
        return `{ let ${buffer} = '';\n${this.#enter(inner)}\n${body}\n${this.#write(value, frame)} }`;
      }
      case 'With':
        return this.#with(node, frame);
      case 'Scope': {
        const inner = innerFrame(frame, this.variables);
        noteNames(node.body, inner.symbols);
        return `{ ${this.#enter(inner)}\n${this.#body(node.body, inner)} }`;
      }
      case 'Break':
      case 'Continue': {
        const word = node.typename.toLowerCase();
        if (!frame.inLoop) this.fail('TemplateSyntaxError', `'${word}' stands outside a loop`, node);
        return `${word};`;
      }
      case 'Block':
        return this.#block(node, frame);
      default:
        if (node.kind === 'include' && node.ignoreMissing) return '';
        return `p = ${at(node)}; failure("TypeError", "no template can be loaded: '${node.kind}' is not available");`;
    }
  }

  #output(node: Output, frame: Frame): string {
    const lines = node.children.map((child) => {
      if (child.typename === 'TemplateData') {
        const text = JSON.stringify(child.value);
        return frame.native ? `${frame.buffer}.push(${text});` : `${frame.buffer} += ${text};`;
      }
      const code = this.expression(child, frame);
      if (frame.native) return this.#write(isConstant(child) ? `chars(${code})` : code, frame);
      // What awaits must not stand to the right of `+=`, which reads the buffer before.
      if (this.mode === 'sync' || !hasCall(child)) return this.#write(code, frame);
      return `t = ${code}; ${this.#write('t', frame)}`;
    });
    return lines.join('\n');
  }

  #if(node: If, frame: Frame): string {
    const soft = { ...frame, soft: true };
    let code = `if (${this.truth(node.cond, soft)}) {\n${this.#body(node.body, soft)}\n}`;
    if (node.else_?.typename === 'If') code += ` else {\n${this.#if(node.else_, frame)}\n}`;
    else if (node.else_ !== null) code += ` else {\n${this.#body(node.else_, soft)}\n}`;
    return code;
  }

  #exported(name: string, frame: Frame): string {
    if (!frame.top || !this.#hasBlocks) return '';
    return ` C.exported.set(${JSON.stringify(name)}, ${frame.symbols.find(name)});`;
  }

  /** `target = code`; targets of loops and `with` are declared by it. */
  #assign(target: Target, code: string, frame: Frame, declare = false): string {
    if (target.typename === 'Symbol') {
      const variable = frame.symbols.find(target.value);
      return `${declare ? 'let ' : ''}${variable} = ${code};${this.#exported(target.value, frame)}`;
    }
    if (target.typename === 'NamespaceTarget') {
      const namespace = this.expression({ ...symbol(target), value: target.name }, frame);
      return `setAttribute(${namespace}, ${JSON.stringify(target.attribute)}, ${code}, p = ${at(target)});`;
    }
    const items = this.variables.fresh('u');
    const parts = target.children.map((child, i) => this.#assign(child, `${items}[${i}]`, frame, declare));
    return `const ${items} = unpack(${code}, ${target.children.length}, p = ${at(target)}); ${parts.join(' ')}`;
  }

  #for(node: For, frame: Frame): string {
    if ([...namesOf(node.name)].includes('loop')) {
      this.fail('TemplateAssertionError', "Can't assign to the special variable 'loop' in a for loop", node);
    }
    const reads = [node.body, ...(node.test === null ? [] : [node.test])];
    const extended = node.recursive || readNames(reads, ['loop']).size > 0 || contains(node.body, 'Block');
    if (!node.recursive) return this.#loop(node, frame, this.expression(node.arr, frame), extended, null);
    const loop = this.variables.fresh('r');
    const buffer = this.variables.fresh('o');
    const declaration = this.#function('items, depth', (scope) => {
      const inner: Frame = { ...frame, scope, buffer, native: false, top: false };
      return [`let ${buffer} = '';`, this.#loop(node, inner, 'items', true, loop), `return ${buffer};`];
    });
    const first = this.awaited(`${loop}(${this.expression(node.arr, frame)}, 0)`);
    return `const ${loop} = ${declaration};\nt = ${first}; ${this.#write('t', frame)}`;
  }

  #loop(node: For, frame: Frame, items: string, extended: boolean, recurse: string | null): string {
    const inner = innerFrame(frame, this.variables, { inLoop: true });
    const loop = extended ? inner.symbols.parameter('loop') : null;
    for (const name of namesOf(node.name)) inner.symbols.parameter(name);
    noteNames(node.body, inner.symbols);
    const item = this.variables.fresh('i');
    const ran = node.else_ === null ? null : this.variables.fresh('e');
    const test = node.test === null ? null : this.#loopTest(node, frame, item);
    const place = `p = ${at(node.arr)}`;
    let head: string;
    let start = '';
    if (loop === null) head = `for (const ${item} of iterate(${items}, ${place}))`;
    else {
      const counter = this.variables.fresh('l');
      start = `const ${counter} = new Loop(${test === null ? items : test(items)}, ${recurse}, ${recurse === null ? 0 : 'depth'}, ${place});\n`;
      head = `while (${counter}.next())`;
      const body = `const ${loop} = ${counter}, ${item} = ${counter}.current;`;
      return this.#loopEnd(start, head, [body, ...this.#turn(node, inner, item, frame, ran)], ran, node, frame);
    }
    const condition = test === null ? [] : [test(null)];
    return this.#loopEnd(start, head, [...condition, ...this.#turn(node, inner, item, frame, ran)], ran, node, frame);
  }

  #turn(node: For, inner: Frame, item: string, frame: Frame, ran: string | null): string[] {
    const length = frame.native ? '0' : `${frame.buffer}.length`;
    return [
      `tick(U, ${length});`,
      this.#assign(node.name, item, inner, true),
      this.#enter(inner),
      this.#body(node.body, inner),
      // As in Jinja2, a turn that ends by `continue` or `break` does not count for the `else`.
      ran === null ? '' : `${ran} = false;`,
    ];
  }

  #loopEnd(start: string, head: string, body: string[], ran: string | null, node: For, frame: Frame): string {
    let code = `{ ${ran === null ? '' : `let ${ran} = true;`} ${start}${head} {\n${body.join('\n')}\n}\n`;
    if (node.else_ !== null) {
      const other = innerFrame(frame, this.variables);
      noteNames(node.else_, other.symbols);
      code += `if (${ran}) {\n${this.#enter(other)}\n${this.#body(node.else_, other)}\n}\n`;
    }
    return `${code}}`;
  }

  /** The condition of a loop: a statement that skips (for null), or the items for which it holds. */
  #loopTest(node: For, frame: Frame, item: string): (items: string | null) => string {
    return (items) => {
      const inner = innerFrame(frame, this.variables);
      for (const name of namesOf(node.name)) inner.symbols.parameter(name);
      if (node.test === null) return '';
      noteNames(node.test, inner.symbols);
      const names = `${this.#assign(node.name, item, inner, true)} ${this.#enter(inner)}`;
      const condition = this.truth(node.test, inner);
      if (items === null) return `{ ${names} if (!${condition}) continue; }`;
      const isAsync = this.mode === 'async' && hasCall(node.test);
      const again = isAsync ? 'resume(U); ' : '';
      const keep = `(${item}) => { ${again}let t; ${names} return ${condition}; }`;
      if (!isAsync) return `generate(${items}, ${keep})`;
      return `(t = kept(${items}, async ${keep}), ${AWAIT})`;
    };
  }

  #macro(
    name: string,
    parameters: readonly Parameter[],
    body: Body,
    frame: Frame,
    node: { lineno: number; colno: number },
    takesReturn: boolean,
    callBlock = false,
  ): string {
    const names = parameters.map((parameter) => parameter.name);
    const duplicate = names.find((n, i) => names.indexOf(n) !== i);
    if (duplicate !== undefined) this.fail('TemplateSyntaxError', `Two parameters are called '${duplicate}'`, node);
    const special = readNames([body], ['caller', 'kwargs', 'varargs']);
    const caller = parameters.find((parameter) => parameter.name === 'caller');
    if (caller !== undefined && caller.default === null && special.has('caller')) {
      this.fail('TemplateAssertionError', "The parameter 'caller' must have a default or be left out", caller);
    }
    const extras = (['caller', 'kwargs', 'varargs'] as const).filter((n) => special.has(n) && !names.includes(n));
    const symbols = new Symbols(this.variables, frame.symbols);
    for (const extra of extras) symbols.parameter(extra);
    noteParameters(parameters, body, symbols);
    const variables = [...names, ...extras].map((n) => symbols.find(n)).join(', ');
    const code = this.#function(
      variables,
      (scope) => {
        const inner: Frame = { symbols, scope, buffer: 'o', native: false, top: false, soft: false, inLoop: false };
        for (const parameter of parameters) this.pending.add(symbols.find(parameter.name));
        const defaults = parameters.map((parameter) => {
          const variable = symbols.find(parameter.name);
          const missing = `parameter '${parameter.name}' was not provided`;
          const value =
            parameter.default === null
              ? `new Undefined(${JSON.stringify(missing)}, ${JSON.stringify(parameter.name)})`
              : this.expression(parameter.default, inner);
          this.pending.delete(variable);
          return `if (${variable} === undefined) ${variable} = ${value};`;
        });
        return ["let o = '';", this.#enter(inner), ...defaults, this.#body(body, inner), 'return o;'];
      },
      name,
      takesReturn,
    );
    const has = (n: 'caller' | 'kwargs' | 'varargs') => `${n}: ${extras.includes(n)}`;
    const flags = `{ ${has('caller')}, ${has('kwargs')}, ${has('varargs')} }`;
    return `new Macro(${JSON.stringify(callBlock ? null : name)}, ${JSON.stringify(names)}, ${flags}, ${code})`;
  }

  #callBlock(node: CallBlock, frame: Frame): string {
    const caller = this.variables.fresh('c');
    const macro = this.#macro('caller', node.args, node.body, frame, node, false, true);
    const code = this.call(node.call, frame, caller);
    const text = frame.native ? 't' : `blockText(t, p = ${at(node.call)})`;
    return `const ${caller} = ${macro};\nt = ${code}; ${this.#write(text, frame)}`;
  }

  #filters(node: Filter, value: string, frame: Frame): string {
    const inner = node.target === null ? value : this.#filters(asFilter(node.target), value, frame);
    return this.filter(node, inner, frame);
  }

  #setBlock(node: SetBlock, frame: Frame): string {
    const buffer = this.variables.fresh('o');
    const inner = innerFrame(frame, this.variables, { buffer, native: false });
    noteNames(node.body, inner.symbols);
    const body = this.#body(node.body, inner);
    // A filter of a set block is part of the block's frame.
    if (node.filter !== null) noteNames(node.filter, inner.symbols);
    const value = node.filter === null ? buffer : this.#filters(node.filter, buffer, inner);
    return `{ let ${buffer} = '';\n${this.#enter(inner)}\n${body}\n${this.#assign(node.target, value, frame)} }`;
  }

  #with(node: With, frame: Frame): string {
    const inner = innerFrame(frame, this.variables);
    for (const target of node.targets) for (const name of namesOf(target)) inner.symbols.parameter(name);
    noteNames(node.body, inner.symbols);
    const assignments = node.targets.map((target, i) => {
      const value = node.values[i];
      return value === undefined ? '' : this.#assign(target, this.expression(value, frame), inner, true);
    });
    return `{ ${assignments.join(' ')}\n${this.#enter(inner)}\n${this.#body(node.body, inner)} }`;
  }

  #block(node: Block, frame: Frame): string {
    if (this.#blocks.has(node.name)) this.fail('TemplateAssertionError', `Two blocks are called '${node.name}'`, node);
    this.#blocks.add(node.name);
    if (node.required) {
      return `p = ${at(node)}; failure("TemplateRuntimeError", ${JSON.stringify(`Required block '${node.name}' not found`)});`;
    }
    const symbols = new Symbols(this.variables, node.scoped ? frame.symbols : null);
    noteNames(node.body, symbols);
    const inner: Frame = { ...frame, symbols, top: false, soft: false, inLoop: false };
    return `{ ${this.#enter(inner)}\n${this.#body(node.body, inner)} }`;
  }
}

function asFilter(node: Expression): Filter {
  if (node.typename !== 'Filter') throw new Error('a filter block holds filters only');
  return node;
}

function symbol(node: { lineno: number; colno: number }): { typename: 'Symbol'; lineno: number; colno: number } {
  return { typename: 'Symbol', lineno: node.lineno, colno: node.colno };
}

function contains(node: AnyNode, type: string): boolean {
  if (node.typename === type) return true;
  for (const child of children(node)) if (contains(child, type)) return true;
  return false;
}
