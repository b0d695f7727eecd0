import type { TemplateSource } from '../error.js';
import type { Context } from '../runtime/context.js';
import * as runtime from '../runtime/index.js';
import type { Macro as MacroValue } from '../runtime/macro.js';
import type { Body, Macro } from '../syntax/nodes.js';
import { Compiler } from './compiler.js';
import type { Mode } from './expressions.js';

export type Render<Result> = (context: Context) => Result;

const NAMES = Object.keys(runtime).join(', ');

/** The compiled function, made by `new Function` of code in which only the runtime's names can be reached. */
function evaluate(code: string, constants: readonly string[], source: TemplateSource): unknown {
  const text = `"use strict";\nconst { ${NAMES} } = R;\n${constants.join('\n')}\nreturn ${code};`;
  return new Function('R', 'S', text)(runtime, source);
}

/** The form of a template that renders to text; the async form gives a promise. */
export function compileTemplate(body: Body, source: TemplateSource, mode: 'sync'): Render<string>;
export function compileTemplate(body: Body, source: TemplateSource, mode: 'async'): Render<Promise<string>>;
export function compileTemplate(body: Body, source: TemplateSource, mode: Mode): Render<unknown> {
  const compiler = new Compiler(source, mode);
  const code = compiler.template(body, false);
  return evaluate(code, compiler.constants, source) as Render<unknown>;
}

/** The form of a template that gives the values of its parts; the async form gives a promise of them. */
export function compileNative(body: Body, source: TemplateSource, mode: 'sync'): Render<unknown[]>;
export function compileNative(body: Body, source: TemplateSource, mode: 'async'): Render<Promise<unknown[]>>;
export function compileNative(body: Body, source: TemplateSource, mode: Mode): Render<unknown> {
  const compiler = new Compiler(source, mode);
  const code = compiler.template(body, true);
  return evaluate(code, compiler.constants, source) as Render<unknown>;
}

/** The function that makes the macro on a context. */
export function compileMacro(macro: Macro, source: TemplateSource, mode: Mode): Render<MacroValue> {
  const compiler = new Compiler(source, mode);
  const code = compiler.macroTemplate(macro);
  return evaluate(code, compiler.constants, source) as Render<MacroValue>;
}
