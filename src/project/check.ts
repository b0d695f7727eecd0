/** Validation of YAML values by valibot schemas, with each issue as a diagnostic at its place. */
import * as v from 'valibot';
import { type Diagnostic, didYouMean, problem, type Severity } from '../diagnostics/index.js';
import { Float } from '../jinja/values/float.js';
import type { YamlMap, YamlValue } from './project.js';
import type { YamlFile, YamlPath } from './yaml.js';
import { isYamlMap } from './yaml-map.js';

export interface CheckOptions {
  /** Where the checked value stands in the file. */
  readonly at?: YamlPath;
  /** What the value is, for messages: `dbt_project.yml`, `profile 'shop', target 'dev'`. */
  readonly what: string;
  /** Text to show in excerpts in place of the file's own (a text without secrets). */
  readonly source?: string;
  /** How an unknown key counts, by the path of the map it stands in. Default: an error. */
  readonly unknownKeys?: Severity | ((path: YamlPath) => Severity);
}

/** A whole or broken number, whichever way YAML wrote it. */
export const number = () => v.union([v.number(), v.bigint(), v.instance(Float)], 'expected a number');

export const text = () => v.string('expected a text');

export const integer = () => v.pipe(v.number('expected a whole number'), v.integer('expected a whole number'));

export const flag = () => v.boolean('expected true or false');

export const map = () => v.custom<YamlMap>(isYamlMap, 'expected a map');

/** A map with these keys and no others. */
export const object = (entries: v.ObjectEntries) => v.pipe(map(), v.strictObject(entries) as unknown as MapSchema);

/** A map with these keys and any others. */
export const openObject = (entries: v.ObjectEntries) => v.pipe(map(), v.looseObject(entries) as unknown as MapSchema);

type MapSchema = v.GenericSchema<YamlMap, YamlMap>;

/**
 * The problems of `value` against `schema`, in the order of the text. Unknown keys of a `strictObject` come with the
 * nearest known key as a hint.
 */
export function check(
  schema: v.GenericSchema,
  value: YamlValue,
  document: YamlFile,
  options: CheckOptions,
): Diagnostic[] {
  const result = v.safeParse(schema, value);
  if (result.success) return [];
  const diagnostics: Diagnostic[] = [];
  for (const issue of result.issues) collect(issue, schema, document, options, diagnostics);
  return diagnostics.sort(
    (a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0),
  );
}

function collect(
  issue: v.BaseIssue<unknown>,
  schema: v.GenericSchema,
  document: YamlFile,
  options: CheckOptions,
  out: Diagnostic[],
): void {
  const path = issue.path?.map((item) => item.key as string | number) ?? [];
  const full = [...(options.at ?? []), ...path];
  const source = options.source ?? document.text;
  const name = path.join('.');
  if (issue.type === 'strict_object' && path.length > 0) {
    const key = String(path.at(-1));
    if (issue.expected === 'never') {
      const hint = didYouMean(key, keysAt(schema, path.slice(0, -1)));
      out.push({
        severity: severityOf(options.unknownKeys, path.slice(0, -1)),
        code: 'unknown-key',
        message: `Unknown key '${key}' in ${within(options.what, path)}`,
        place: document.locateKey(full),
        source,
        hint: hint ?? `Known keys: ${keysAt(schema, path.slice(0, -1)).join(', ')}.`,
      });
      return;
    }
    out.push(
      problem('missing-key', `${capital(within(options.what, path))} has no '${key}'`, {
        place: document.locateKey(full.slice(0, -1)),
        source,
        hint: `Add ${key}: to it.`,
      }),
    );
    return;
  }
  if (issue.type === 'object' && issue.received === 'undefined' && path.length > 0) {
    out.push(
      problem('missing-key', `${capital(within(options.what, path))} has no '${String(path.at(-1))}'`, {
        place: document.locateKey(full.slice(0, -1)),
        source,
        hint: `Add ${String(path.at(-1))}: to it.`,
      }),
    );
    return;
  }
  // What a template gives is not known yet.
  if (typeof issue.input === 'string' && issue.input.includes('{{')) return;
  out.push(
    problem(
      'invalid-value',
      `${name === '' ? capital(options.what) : `'${name}' in ${options.what}`}: ${issue.message}`,
      {
        place: document.locate(full),
        source,
      },
    ),
  );
}

function severityOf(given: CheckOptions['unknownKeys'], path: YamlPath): Severity {
  return typeof given === 'function' ? given(path) : (given ?? 'error');
}

function within(what: string, path: YamlPath): string {
  return path.length > 1 ? `'${path.slice(0, -1).join('.')}' of ${what}` : what;
}

function capital(textValue: string): string {
  return /^[a-z_]+\.yml/.test(textValue) ? textValue : textValue.charAt(0).toUpperCase() + textValue.slice(1);
}

interface Shape {
  readonly entries?: Record<string, unknown>;
  readonly wrapped?: unknown;
  readonly item?: unknown;
  readonly pipe?: readonly unknown[];
  readonly options?: readonly unknown[];
}

/** The known keys of the object that `path` leads to. */
function keysAt(schema: unknown, path: YamlPath): string[] {
  let shape: Shape | undefined = unwrap(schema);
  for (const step of path) {
    if (shape === undefined) return [];
    shape = unwrap(typeof step === 'number' ? shape.item : shape.entries?.[step]);
  }
  return Object.keys(shape?.entries ?? {});
}

function unwrap(schema: unknown): Shape | undefined {
  const shape = schema as Shape | undefined;
  if (shape?.wrapped !== undefined) return unwrap(shape.wrapped);
  const parts = shape?.pipe ?? shape?.options;
  // A piped schema is itself the first of its pipe.
  if (parts !== undefined)
    return parts
      .filter((part) => part !== schema && isShaped(part))
      .map(unwrap)
      .at(0);
  return shape;
}

function isShaped(part: unknown): boolean {
  const shape = part as Shape;
  return (shape.entries ?? shape.item ?? shape.wrapped ?? shape.pipe ?? shape.options) !== undefined;
}
