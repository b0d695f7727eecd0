import { compileMacro, type Render } from './compile/build.js';
import { children } from './compile/walk.js';
import { JinjaError, type TemplateSource } from './error.js';
import { inspectMacro, type MacroInspection } from './inspect.js';
import { type CallRoots, callRoots } from './interpret/call-roots.js';
import { Context, type Scope } from './runtime/context.js';
import type { Macro as MacroValue } from './runtime/macro.js';
import type { Macro } from './syntax/nodes.js';
import { parse } from './syntax/parser.js';
import type { HostFunction } from './values/host.js';

/**
 * One `macro`, `test`, `data_test`, `materialization`, `snapshot` or `docs` block. Binding it to a scope is cheap: the
 * body is compiled once for sync and once for async calls.
 */
export class MacroTemplate {
  readonly source: TemplateSource;
  /** The name by which dbt calls it: `test_x`, `materialization_x_default`, ... */
  readonly name: string;
  /** What the tag was. */
  readonly kind: string;
  /** The name as the author wrote it. */
  readonly writtenName: string;
  readonly parameters: readonly string[];
  readonly #macro: Macro;
  #sync: Render<MacroValue> | null = null;
  #async: Render<MacroValue> | null = null;
  #inspection: MacroInspection | null = null;
  #calls: { readonly roots: CallRoots | undefined } | null = null;

  private constructor(source: TemplateSource, macro: Macro) {
    this.source = source;
    this.#macro = macro;
    this.name = macro.name;
    this.kind = macro.kind;
    this.writtenName = macro.written;
    this.parameters = macro.args.map((parameter) => parameter.name);
  }

  /** Throws a `JinjaError` for a mistake in the syntax, and where the text is not exactly one block. */
  static parse(source: TemplateSource): MacroTemplate {
    const macros = parse(source).children.filter((node) => node.typename === 'Macro');
    const [macro] = macros;
    if (macro !== undefined && macros.length === 1) return new MacroTemplate(source, macro);
    const { file, line = 1, column = 1 } = source;
    const message = `Expected one macro, found ${macros.length}`;
    throw new JinjaError('TemplateSyntaxError', message, { place: { file, line, column } });
  }

  /**
   * The macro as a function whose body sees `scope`. A call gives the text, or what `return()` was given; in async
   * mode it gives a promise of that.
   */
  bind(scope: Scope, mode: 'sync' | 'async'): HostFunction {
    return this.#compiled(mode)(new Context(scope));
  }

  #compiled(mode: 'sync' | 'async'): Render<MacroValue> {
    if (mode === 'sync') {
      this.#sync ??= compileMacro(this.#macro, this.source, mode);
      return this.#sync;
    }
    this.#async ??= compileMacro(this.#macro, this.source, mode);
    return this.#async;
  }

  /** What the macro calls by name, for dbt's `depends_on.macros`. */
  inspect(): MacroInspection {
    this.#inspection ??= inspectMacro(this.#macro);
    return this.#inspection;
  }

  /** Where the calls of its body lead; undefined where only a render can tell. */
  calls(): CallRoots | undefined {
    this.#calls ??= { roots: callRoots(children(this.#macro), this.parameters) };
    return this.#calls.roots;
  }

  /** The languages that a materialization supports; empty for other macros. */
  get supportedLanguages(): readonly string[] {
    if (this.kind !== 'materialization') return [];
    const value = this.#macro.args[0]?.default;
    if (value?.typename !== 'Array') return [];
    return value.children.flatMap((item) =>
      item.typename === 'Literal' && typeof item.value === 'string' ? [item.value] : [],
    );
  }
}
