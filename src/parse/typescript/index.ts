/**
 * Reads TypeScript models without running them. Importing this loads oxc-parser, so it is imported when a project has
 * `.ts` files in its model paths.
 */
import { type Expression, parseSync } from 'oxc-parser';
import { type Diagnostic, type Place, placeAt, problem, UpsqlError } from '../../diagnostics/index.js';
import type { ModelConfig } from '../../model.js';
import { type Declared, type Exported, exportsOf } from './exports.js';
import { evaluate, type Literal, NotLiteral, propertiesOf, type Span, unwrap } from './literal.js';

export interface TypescriptModel {
  /** `export const config`, as written. */
  readonly config: ModelConfig;
  readonly refs: readonly string[];
  /** `[source, table]` pairs. */
  readonly sources: readonly (readonly [string, string])[];
  readonly places: {
    readonly config: Place;
    /** The default export. */
    readonly model: Place;
    /** Of each ref and source, in their order. */
    readonly refs: readonly Place[];
    readonly sources: readonly Place[];
  };
}

const EXAMPLE = 'export default async function model({ columns }: ModelContext): Promise<ModelResult> { ... }';

class Reader {
  readonly #text: string;
  readonly #file: string;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  place(span: Span): Place {
    const line = this.#text.indexOf('\n', span.start);
    const end = line === -1 ? span.end : Math.min(span.end, line);
    return placeAt(this.#file, this.#text, span.start, Math.max(1, end - span.start));
  }

  fail(code: string, message: string, span: Span | undefined, hint?: string): UpsqlError {
    const place = this.place(span ?? { start: 0, end: 1 });
    return new UpsqlError(problem(code, message, hint === undefined ? { place } : { place, hint }));
  }

  /** A literal's value; an error that names what it belongs to. */
  value(expression: Expression, what: string): Literal {
    try {
      return evaluate(expression);
    } catch (error) {
      throw error instanceof NotLiteral
        ? this.fail('model-config-not-literal', `${what} holds ${error.message}`, error.span, error.hint)
        : error;
    }
  }

  /** Strings of a list, each with its place. */
  strings(expression: Expression, key: string): { text: string; place: Place }[] {
    const list = unwrap(expression);
    const hint = key === 'refs' ? "Write the names of models: refs: ['orders']." : "Write sources: ['source.table'].";
    if (list.type !== 'ArrayExpression')
      throw this.fail('invalid-model-config', `config.${key} must be a list of strings`, list, hint);
    const values = this.value(list, `config.${key}`) as Literal[];
    return values.map((value, i) => {
      const element = list.elements[i] ?? list;
      if (typeof value !== 'string' || value === '')
        throw this.fail('invalid-model-config', `config.${key} must be a list of strings`, element, hint);
      return { text: value, place: this.place(element) };
    });
  }
}

function syntaxErrors(text: string, file: string, errors: ReturnType<typeof parseSync>['errors']): Diagnostic[] {
  return errors.map(({ message, labels, helpMessage }) => {
    const label = labels[0];
    const place = placeAt(file, text, label?.start ?? 0, Math.max(1, (label?.end ?? 1) - (label?.start ?? 0)));
    const hint = helpMessage ?? label?.message ?? undefined;
    return problem('typescript-syntax', message, hint ? { place, hint } : { place });
  });
}

const FUNCTIONS: readonly (Expression | Declared)['type'][] = [
  'function',
  'elsewhere',
  'ArrowFunctionExpression',
  'FunctionExpression',
  // A wrapper such as `cached(async () => ...)`: what it gives is seen when the model runs.
  'CallExpression',
];

function checkModel(reader: Reader, model: Exported | undefined, config: Exported): Exported {
  const missing = "a TypeScript model needs a default export: the function that makes the model's rows";
  if (model === undefined) throw reader.fail('model-without-function', missing, config.span, EXAMPLE);
  const found =
    model.value.type === 'TSAsExpression' || model.value.type === 'TSSatisfiesExpression'
      ? unwrap(model.value)
      : model.value;
  if (!FUNCTIONS.includes(found.type))
    throw reader.fail(
      'model-without-function',
      'the default export of a TypeScript model must be a function',
      model.span,
      EXAMPLE,
    );
  return model;
}

function readSource({ text, place }: { text: string; place: Place }): readonly [string, string] {
  const [source, table, more] = text.split('.');
  if (source && table && more === undefined) return [source, table];
  const hint = `Write the source and its table: '${source || 'source'}.${table || 'table'}'.`;
  throw new UpsqlError(problem('invalid-model-config', `'${text}' is no source`, { place, hint }));
}

/**
 * Reads a `.ts` file of a model path. A file is a model when it exports `config`; any other (helpers, `.d.ts`) gives
 * null. `config` has to be an object literal: strings, numbers, booleans, null, lists, objects and templates without
 * holes, with `as const`, a type or `satisfies` as one likes. Throws UpsqlError with the place of every fault.
 */
export function readTypescriptModel(text: string, file: string): TypescriptModel | null {
  // The word alone tells helpers from possible models without a parse.
  if (/\.d\.[cm]?ts$/.test(file) || !/\bconfig\b/.test(text)) return null;
  const { program, errors } = parseSync(file, text, { lang: 'ts', sourceType: 'module' });
  if (errors.length > 0) throw new UpsqlError(syntaxErrors(text, file, errors));
  const exported = exportsOf(program);
  const config = exported.get('config');
  if (config === undefined) return null;
  const reader = new Reader(text, file);
  const object = 'start' in config.value ? unwrap(config.value) : config.value;
  if (object.type !== 'ObjectExpression') {
    const span = 'start' in object ? object : config.span;
    const hint = "export const config = { materialized: 'table', refs: ['orders'] };";
    throw reader.fail('model-config-not-literal', 'config must be an object literal', span, hint);
  }
  const model = checkModel(reader, exported.get('default'), config);
  const values = reader.value(object, 'config') as Record<string, Literal>;
  const properties = new Map(propertiesOf(object.properties));

  const expressionOf = (key: string) => (values[key] === undefined ? undefined : properties.get(key)?.value);
  const materialized = values.materialized;
  if (materialized !== undefined && materialized !== 'table' && materialized !== 'incremental') {
    const hint = "Write materialized: 'table' or 'incremental'.";
    const message = `a TypeScript model can't be materialized as ${JSON.stringify(materialized)}`;
    throw reader.fail('invalid-model-config', message, expressionOf('materialized'), hint);
  }
  const [refsAt, sourcesAt] = [expressionOf('refs'), expressionOf('sources')];
  const refs = refsAt === undefined ? [] : reader.strings(refsAt, 'refs');
  const sources = sourcesAt === undefined ? [] : reader.strings(sourcesAt, 'sources');
  return {
    config: values as ModelConfig,
    refs: refs.map((ref) => ref.text),
    sources: sources.map(readSource),
    places: {
      config: reader.place(config.span),
      model: reader.place(model.span),
      refs: refs.map((ref) => ref.place),
      sources: sources.map((source) => source.place),
    },
  };
}
