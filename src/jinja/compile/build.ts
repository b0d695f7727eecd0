import { JinjaError, type TemplateSource } from '../error.js';
import type { Context } from '../runtime/context.js';
import * as runtime from '../runtime/index.js';
import type { Macro as MacroValue } from '../runtime/macro.js';
import type { Body, Macro } from '../syntax/nodes.js';
import { Compiler } from './compiler.js';
import type { Mode } from './expressions.js';

export type Render<Result> = (context: Context) => Result;

const NAMES = Object.keys(runtime).join(', ');

/**
 * The compiled function, made by `new Function` of code in which only the runtime's names can be reached. Long chains
 * (`a + b + ...`) nest deeply; where they end the stack, here or in V8's own parser, a `JinjaError` says so.
 */
function build(source: TemplateSource, mode: Mode, write: (compiler: Compiler) => string): unknown {
  try {
    const compiler = new Compiler(source, mode);
    const code = write(compiler);
    const text = `"use strict";\nconst { ${NAMES} } = R;\n${compiler.constants.join('\n')}\nreturn ${code};`;
    return new Function('R', 'S', text)(runtime, source);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const { file, line = 1, column = 1 } = source;
    const message = 'An expression of this template is too long';
    throw new JinjaError('LimitError', message, { place: { file, line, column }, hint: 'Split it with `set`.' });
  }
}

/** The form of a template that renders to text; the async form gives a promise. */
export function compileTemplate(body: Body, source: TemplateSource, mode: 'sync'): Render<string>;
export function compileTemplate(body: Body, source: TemplateSource, mode: 'async'): Render<Promise<string>>;
export function compileTemplate(body: Body, source: TemplateSource, mode: Mode): Render<unknown> {
  return build(source, mode, (compiler) => compiler.template(body, false)) as Render<unknown>;
}

/** The form of a template that gives the values of its parts; the async form gives a promise of them. */
export function compileNative(body: Body, source: TemplateSource, mode: 'sync'): Render<unknown[]>;
export function compileNative(body: Body, source: TemplateSource, mode: 'async'): Render<Promise<unknown[]>>;
export function compileNative(body: Body, source: TemplateSource, mode: Mode): Render<unknown> {
  return build(source, mode, (compiler) => compiler.template(body, true)) as Render<unknown>;
}

/** The function that makes the macro on a context. */
export function compileMacro(macro: Macro, source: TemplateSource, mode: Mode): Render<MacroValue> {
  return build(source, mode, (compiler) => compiler.macroTemplate(macro)) as Render<MacroValue>;
}
