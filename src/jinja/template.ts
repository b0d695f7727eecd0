import { compileNative, compileTemplate, type Render } from './compile/build.js';
import { JinjaError, type TemplateSource } from './error.js';
import { type Inspection, inspectTemplate } from './inspect.js';
import { callRoots } from './interpret/call-roots.js';
import { interpret, interpretNative } from './interpret/interpret.js';
import { interpretable } from './interpret/interpretable.js';
import { nativeValue } from './native.js';
import { Context, type Scope } from './runtime/context.js';
import type { Body } from './syntax/nodes.js';
import { parse } from './syntax/parser.js';

export interface RenderOptions {
  /** dbt's parse phase (`capture_macros`): attributes, items and calls of what is undefined are undefined again. */
  readonly lenient?: boolean;
  /** The template will hardly be rendered again, so that it is not worth while to compile it where that can be avoided. */
  readonly once?: boolean;
}

/** A parsed template. It is compiled at its first render, once for sync and once for async renders. */
export class Template {
  readonly source: TemplateSource;
  readonly #body: Body;
  #sync: Render<string> | null = null;
  #async: Render<Promise<string>> | null = null;
  #native: Render<unknown[]> | null = null;
  #nativeAsync: Render<Promise<unknown[]>> | null = null;
  #inspection: Inspection | null = null;
  #interpretable: boolean | null = null;

  private constructor(source: TemplateSource, body: Body) {
    this.source = source;
    this.#body = body;
  }

  /** Throws a `JinjaError` at the first mistake in the syntax. */
  static parse(source: TemplateSource): Template {
    return new Template(source, parse(source));
  }

  /** The text. A function of the host that gives a promise is an error here. */
  renderSync(scope: Scope, options: RenderOptions = {}): string {
    if (options.once === true && this.#sync === null && this.#isInterpretable())
      return interpret(this.#body, this.source, new Context(scope, options.lenient));
    this.#sync ??= compileTemplate(this.#body, this.source, 'sync');
    return this.#sync(new Context(scope, options.lenient));
  }

  /** The text, with the promises of the host's functions waited for one after another. */
  async render(scope: Scope, options: RenderOptions = {}): Promise<string> {
    if (options.once === true && this.#async === null && this.#answers(scope))
      return interpret(this.#body, this.source, new Context(scope, options.lenient));
    this.#async ??= compileTemplate(this.#body, this.source, 'async');
    return this.#async(new Context(scope, options.lenient));
  }

  /**
   * dbt's rendering of YAML values: a lone expression keeps its type, anything else is text; the filters `as_bool`,
   * `as_number`, `as_native` and `as_text` say what a text is. Throws a `JinjaError` where the value is not of that type.
   */
  renderNative(scope: Scope, options: RenderOptions = {}): unknown {
    if (options.once === true && this.#native === null && this.#isInterpretable())
      return this.#nativeOf(interpretNative(this.#body, this.source, new Context(scope, options.lenient)));
    this.#native ??= compileNative(this.#body, this.source, 'sync');
    return this.#nativeOf(this.#native(new Context(scope, options.lenient)));
  }

  /** `renderNative` with the promises of the host's functions waited for. */
  async renderNativeAsync(scope: Scope, options: RenderOptions = {}): Promise<unknown> {
    if (options.once === true && this.#nativeAsync === null && this.#answers(scope))
      return this.#nativeOf(interpretNative(this.#body, this.source, new Context(scope, options.lenient)));
    this.#nativeAsync ??= compileNative(this.#body, this.source, 'async');
    return this.#nativeOf(await this.#nativeAsync(new Context(scope, options.lenient)));
  }

  #nativeOf(parts: readonly unknown[]): unknown {
    return nativeValue(parts, (message) => {
      const { file, line = 1, column = 1 } = this.source;
      throw new JinjaError('JinjaRenderingError', message, { place: { file, line, column } });
    });
  }

  #isInterpretable(): boolean {
    this.#interpretable ??= interpretable(this.#body) !== undefined;
    return this.#interpretable;
  }

  /** Whether an async render can be interpreted, as nothing in it has to be waited for. */
  #answers(scope: Scope): boolean {
    if (scope.answers === undefined || !this.#isInterpretable()) return false;
    const calls = callRoots([this.#body]);
    return calls !== undefined && scope.answers(calls);
  }

  /** What the template calls, where that can be known without rendering it. */
  inspect(): Inspection {
    this.#inspection ??= inspectTemplate(this.#body);
    return this.#inspection;
  }

  /** The same with the texts of arguments as they are written, escapes and all. */
  inspectWritten(): Inspection {
    return this.source.text.includes('\\') ? inspectTemplate(parse(this.source, false)) : this.inspect();
  }
}
