/**
 * Rendering of Jinja in YAML values, as dbt does it before a project is parsed: each text is a template of its own whose
 * result keeps its type when it is a single expression (`{{ 1 }}` is a number).
 */
import { problem, UpsqlError } from '../diagnostics/index.js';
import { DBT_VERSION } from './dbt-version.js';
import type { YamlMap, YamlValue } from './project.js';
import { isYamlMap, type YamlFile, type YamlPath } from './yaml.js';

export type Env = Readonly<Record<string, string | undefined>>;

/** Renders one text; the value has the template's native type. */
export type RenderText = (text: string) => YamlValue;

const SECRET_PREFIX = 'DBT_ENV_SECRET_';
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

/** A copy of `value` with every text rendered. Throws UpsqlError with the place of a text that fails. */
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
  const place = document.locate([...(options.at ?? []), ...path]);
  const source = options.source ?? document.text;
  const diagnostics =
    error instanceof UpsqlError
      ? error.diagnostics
      : [problem('render-failed', `Rendering failed: ${error instanceof Error ? error.message : String(error)}`)];
  return new UpsqlError(
    diagnostics.map((diagnostic) => ({ ...diagnostic, place, source })),
    2,
    error,
  );
}

export interface ConfigContext {
  readonly env: Env;
  readonly cliVars: YamlMap;
  /** In dbt_project.yml; absent in profiles.yml. */
  readonly target?: Readonly<Record<string, YamlValue>>;
  /** profiles.yml and packages.yml may read DBT_ENV_SECRET_* variables. */
  readonly secrets?: boolean;
}

/** The Jinja context of dbt_project.yml, profiles.yml and packages.yml. */
export function configContext(options: ConfigContext, render: (text: string) => YamlValue): Record<string, unknown> {
  const context: Record<string, unknown> = {
    dbt_version: DBT_VERSION,
    env_var: (name: unknown, fallback?: unknown) => envVar(options, String(name), fallback),
    var: (name: unknown, fallback?: unknown) => {
      const key = String(name);
      if (Object.hasOwn(options.cliVars, key)) {
        const value = options.cliVars[key] ?? null;
        return typeof value === 'string' && hasJinja(value) ? render(value) : value;
      }
      if (fallback !== undefined) return fallback;
      throw new UpsqlError(
        problem('missing-var', `The variable '${key}' is not set`, {
          hint: `Give it with --vars '{${key}: ...}', or a default: var('${key}', 'default').`,
        }),
      );
    },
  };
  if (options.target !== undefined) context.target = options.target;
  return context;
}

function envVar(options: ConfigContext, name: string, fallback: unknown): unknown {
  const value = options.env[name];
  if (name.startsWith(SECRET_PREFIX)) {
    if (options.secrets !== true)
      throw new UpsqlError(
        problem('secret-env-var', `The secret environment variable '${name}' can not be read here`, {
          hint: 'Secrets can be read in profiles.yml and packages.yml only.',
        }),
      );
    // The name stands in for the value until Jinja is through, so that no filter can cut a secret into pieces.
    if (value !== undefined) return `$$$DBT_SECRET_START$$$${name}$$$DBT_SECRET_END$$$`;
  }
  if (value !== undefined) return value;
  if (fallback !== undefined && fallback !== null) return fallback;
  throw new UpsqlError(
    problem('missing-env-var', `The environment variable '${name}' is not set`, {
      hint: `Set it, or give a default: env_var('${name}', 'default').`,
    }),
  );
}

/** Puts the values of secret environment variables where `env_var` left their names. */
export function revealSecrets(value: YamlValue, env: Env): YamlValue {
  if (typeof value !== 'string' || !value.includes(SECRET_PREFIX)) return value;
  return value.replace(SECRET_MARK, (_, name: string) => env[name] ?? '');
}

/** Loads the template engine and gives a renderer of texts over `context`. */
export async function createRenderText(options: ConfigContext): Promise<RenderText> {
  const { Template } = await import('../jinja/index.js');
  const render: RenderText = (text) => {
    const value = Template.parse(text).renderNative(context) as YamlValue;
    return options.secrets === true ? revealSecrets(value, options.env) : value;
  };
  const context = configContext(options, render);
  return render;
}

/** Whether any text below `value` holds Jinja, so that the engine need not be loaded where none does. */
export function anyJinja(value: YamlValue): boolean {
  if (typeof value === 'string') return hasJinja(value);
  if (Array.isArray(value)) return value.some(anyJinja);
  return isYamlMap(value) && Object.values(value).some(anyJinja);
}

/** A renderer for `value`, with the engine loaded only if `value` needs it. */
export async function rendererFor(value: YamlValue, options: ConfigContext): Promise<RenderText> {
  return anyJinja(value) ? await createRenderText(options) : (text) => text;
}
