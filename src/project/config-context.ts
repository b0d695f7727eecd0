/** The Jinja context of dbt_project.yml, profiles.yml, packages.yml and selectors.yml. */
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { Scope } from '../jinja/index.js';
import { DBT_VERSION } from './dbt-version.js';
import type { YamlMap, YamlValue } from './project.js';
import { anyJinja, type Env, hasJinja, type RenderText, revealSecrets, SECRET_PREFIX } from './render.js';

export interface ConfigContext {
  readonly env: Env;
  readonly cliVars: YamlMap;
  /** In dbt_project.yml; absent in profiles.yml. */
  readonly target?: Readonly<Record<string, YamlValue>>;
  /** profiles.yml and packages.yml may read DBT_ENV_SECRET_* variables. */
  readonly secrets?: boolean;
  /** For commands that need no profile, as in dbt: every part of `target` is an empty text, a missing variable is None. */
  readonly lenient?: boolean;
}

/** A renderer for `value`; the template engine is loaded only if `value` needs it. */
export async function rendererFor(value: YamlValue, context: ConfigContext): Promise<RenderText> {
  if (!anyJinja(value)) return (text) => text;
  const jinja = await import('../jinja/index.js');
  const render = textRenderer(jinja, () => scope);
  const scope = createScope(jinja, context, render);
  return (text) => {
    const value = render(text);
    return context.secrets === true ? revealSecrets(value, context.env) : value;
  };
}

type Jinja = typeof import('../jinja/index.js');

/** A renderer of texts over a scope of names, for properties YAML and others. */
export function textRenderer({ Template, ...jinja }: Jinja, scope: () => Scope): RenderText {
  return (text) => toYaml(jinja, Template.parse({ text, file: '' }).renderNative(scope(), { once: true }));
}

/** A value of the engine as a YAML value; floats stay floats. */
function toYaml(jinja: Omit<Jinja, 'Template'>, value: unknown): YamlValue {
  if (value instanceof jinja.Float) return Number.isInteger(value.value) ? value : value.value;
  if (value instanceof jinja.Undefined)
    throw new UpsqlError(
      problem('undefined-name', `'${value.name ?? 'an expression'}' is undefined here`, {
        hint: 'Check its spelling; in these files there are env_var, var and target.',
      }),
    );
  if (Array.isArray(value)) return value.map((item) => toYaml(jinja, item));
  if (value instanceof jinja.Tuple) return value.items.map((item) => toYaml(jinja, item));
  if (value instanceof jinja.Dict)
    return Object.fromEntries([...value.entries()].map(([key, item]) => [jinja.str(key), toYaml(jinja, item)]));
  return jinja.fromJinja(value) as YamlValue;
}

function createScope(jinja: Jinja, context: ConfigContext, render: RenderText): Scope {
  const { hostFunction, toJinja, str } = jinja;
  const members: Record<string, () => unknown> = {
    dbt_version: () => DBT_VERSION,
    env_var: () =>
      hostFunction('env_var', ['var', ['default', null]], (name: unknown, fallback: unknown) =>
        envVar(context, str(name), fallback),
      ),
    var: () =>
      hostFunction('var', ['var_name', ['default', undefined]], (name: unknown, fallback: unknown) =>
        variable(context, str(name), fallback, (text) => toJinja(render(text)), toJinja),
      ),
    tojson: () => hostFunction('tojson', ['value'], (value: unknown) => jinja.jsonDumps(value)),
    fromjson: () => hostFunction('fromjson', ['string'], (text: unknown) => jinja.jsonLoads(str(text))),
  };
  const { target } = context;
  if (context.lenient === true) members.target = () => emptyTarget(jinja);
  else if (target !== undefined) members.target = () => toJinja(target);
  const made = new Map<string, unknown>();
  return {
    lookup(name) {
      const member = Object.hasOwn(members, name) ? members[name] : undefined;
      if (member === undefined) return undefined;
      if (!made.has(name)) made.set(name, member());
      return made.get(name);
    },
  };
}

function emptyTarget({ HostObject }: Jinja): unknown {
  class EmptyTarget extends HostObject {
    override getAttribute(): string {
      return '';
    }
    override getItem(): string {
      return '';
    }
  }
  return new EmptyTarget();
}

function variable(
  context: ConfigContext,
  name: string,
  fallback: unknown,
  render: (text: string) => unknown,
  toJinja: (value: unknown) => unknown,
): unknown {
  if (Object.hasOwn(context.cliVars, name)) {
    const value = context.cliVars[name];
    return typeof value === 'string' && hasJinja(value) ? render(value) : toJinja(value);
  }
  if (fallback !== undefined) return fallback;
  if (context.lenient === true) return null;
  throw new UpsqlError(
    problem('missing-var', `The variable '${name}' is not set`, {
      hint: `Give it with --vars '{${name}: ...}', or a default: var('${name}', 'default').`,
    }),
  );
}

function envVar(context: ConfigContext, name: string, fallback: unknown): unknown {
  const value = context.env[name];
  if (name.startsWith(SECRET_PREFIX)) {
    if (context.secrets !== true)
      throw new UpsqlError(
        problem('secret-env-var', `The secret environment variable '${name}' can not be read here`, {
          hint: 'Secrets can be read in profiles.yml and packages.yml only.',
        }),
      );
    // The name stands in for the value until Jinja is through, so that no filter can cut a secret into pieces.
    if (value !== undefined) return `$$$DBT_SECRET_START$$$${name}$$$DBT_SECRET_END$$$`;
  }
  if (value !== undefined) return value;
  if (fallback !== null) return fallback;
  throw new UpsqlError(
    problem('missing-env-var', `The environment variable '${name}' is not set`, {
      hint: `Set it, or give a default: env_var('${name}', 'default').`,
    }),
  );
}
