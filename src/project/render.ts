/**
 * Rendering of Jinja in YAML values, as dbt does it before a project is parsed: each text is a template of its own whose
 * result keeps its type when it is a single expression (`{{ 1 }}` is a number).
 */
import { type Diagnostic, type Place, problem, UpsqlError } from '../diagnostics/index.js';
import type { YamlMap, YamlValue } from './project.js';
import type { YamlFile, YamlPath } from './yaml.js';
import { isYamlDate, isYamlMap } from './yaml-map.js';

export type Env = Readonly<Record<string, string | undefined>>;

/** Renders one text; the value has the template's native type. */
export type RenderText = (text: string) => YamlValue;

export const SECRET_PREFIX = 'DBT_ENV_SECRET_';
const SECRET_MARK = /\$\$\$DBT_SECRET_START\$\$\$(.*?)\$\$\$DBT_SECRET_END\$\$\$/g;

export function hasJinja(text: string): boolean {
  return text.includes('{{') || text.includes('{%') || text.includes('{#');
}

/** A text without Jinja after Jinja: line ends become `\n`, and one at the end goes. */
export function plainText(text: string): string {
  const unified = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  return unified.endsWith('\n') ? unified.slice(0, -1) : unified;
}

export interface RenderOptions {
  /** Paths (from `value`'s root) whose texts stay as they are. */
  readonly skip?: (path: YamlPath) => boolean;
  /** For the places of errors. */
  readonly document?: YamlFile;
  readonly at?: YamlPath;
  /** Text for excerpts instead of the file's own. */
  readonly source?: string;
}

/** A copy of `value` with every text rendered and every date as ISO text. Throws UpsqlError with the place of a text that fails. */
export function renderValue(value: YamlValue, render: RenderText, options: RenderOptions = {}): YamlValue {
  const path: (string | number)[] = [];
  const walk = (inner: YamlValue): YamlValue => {
    if (typeof inner === 'string') {
      if (options.skip?.(path)) return inner;
      if (!hasJinja(inner)) return plainText(inner);
      try {
        return render(inner);
      } catch (error) {
        throw withPlace(error, options, path);
      }
    }
    if (Array.isArray(inner)) {
      return inner.map((item, index) => {
        path.push(index);
        const out = walk(item);
        path.pop();
        return out;
      });
    }
    if (isYamlDate(inner)) return options.skip?.(path) ? inner : inner.toJSON();
    if (!isYamlMap(inner)) return inner;
    const out: YamlMap = {};
    for (const [key, item] of Object.entries(inner)) {
      path.push(key);
      Object.defineProperty(out, key, { value: walk(item), enumerable: true, writable: true, configurable: true });
      path.pop();
    }
    return out;
  };
  return walk(value);
}

function withPlace(error: unknown, options: RenderOptions, path: YamlPath): unknown {
  const document = options.document;
  if (document === undefined) return error;
  const value = document.locate([...(options.at ?? []), ...path]);
  const source = options.source ?? document.text;
  const diagnostics: readonly Diagnostic[] =
    error instanceof UpsqlError
      ? error.diagnostics
      : [problem('render-failed', `Rendering failed: ${error instanceof Error ? error.message : String(error)}`)];
  return new UpsqlError(
    diagnostics.map((found) => ({ ...found, place: insideValue(document.text, value, found.place), source })),
    2,
    error,
  );
}

/** The place in the file of a place in a template that is a YAML value: behind its quote, or in its block. */
function insideValue(text: string, value: Place, inner: Place | undefined): Place {
  if (inner === undefined || inner.file !== '') return value;
  const lines = text.split('\n', value.line + inner.line);
  const first = (lines[value.line - 1] ?? '').charAt(value.column - 1);
  const length = inner.length === undefined ? {} : { length: inner.length };
  if (first === '|' || first === '>') {
    const line = value.line + inner.line;
    const indent = (lines[line - 1] ?? '').search(/\S/);
    return { file: value.file, line, column: Math.max(0, indent) + inner.column, ...length };
  }
  const quote = first === '"' || first === "'" ? 1 : 0;
  if (inner.line > 1) return value;
  return { file: value.file, line: value.line, column: value.column + quote + inner.column - 1, ...length };
}

/** Puts the values of secret environment variables where `env_var` left their names. */
export function revealSecrets(value: YamlValue, env: Env): YamlValue {
  if (typeof value !== 'string' || !value.includes(SECRET_PREFIX)) return value;
  return value.replace(SECRET_MARK, (_, name: string) => env[name] ?? '');
}

/** Whether any text below `value` holds Jinja, so that the engine need not be loaded where none does. */
export function anyJinja(value: YamlValue): boolean {
  if (typeof value === 'string') return hasJinja(value);
  if (Array.isArray(value)) return value.some(anyJinja);
  return isYamlMap(value) && Object.values(value).some(anyJinja);
}
