/** Variables and environment variables as templates see them. */

import { didYouMean } from '../../diagnostics/index.js';
import { type CallArguments, HostObject, hostFunction, type Scope, str, Template, toJinja } from '../../jinja/index.js';
import type { Project, YamlValue } from '../../project/project.js';
import { isYamlMap } from '../../project/yaml-map.js';

const UNSET = Symbol('unset');
const SECRET_PREFIX = 'DBT_ENV_SECRET_';

/** `--vars`, then the root project's vars (for this package, then for all), then the package's own. JS undefined when unset. */
export function findVar(project: Project, packageName: string, name: string): YamlValue | undefined {
  if (Object.hasOwn(project.cliVars, name)) return project.cliVars[name];
  const packages = [project.packages[0], project.packages.find((p) => p.name === packageName)];
  for (const own of packages) {
    if (own === undefined) continue;
    const scoped = own.config.vars[packageName];
    if (isYamlMap(scoped) && Object.hasOwn(scoped, name)) return scoped[name];
    if (Object.hasOwn(own.config.vars, name)) return own.config.vars[name];
  }
  return undefined;
}

const TEMPLATED = new WeakMap<Project, boolean>();

/** Whether any variable is a template, so that `var()` may have to wait for the warehouse. */
export function hasTemplatedVars(project: Project): boolean {
  let found = TEMPLATED.get(project);
  if (found === undefined) {
    const tables = [project.cliVars, ...project.packages.map(({ config }) => config.vars)];
    // The variables of a package stand one level down.
    const values = tables
      .flatMap((table) => Object.values(table))
      .flatMap((value) => (isYamlMap(value) ? Object.values(value) : [value]));
    found = values.some((value) => typeof value === 'string' && value.includes('{'));
    TEMPLATED.set(project, found);
  }
  return found;
}

/** Every name that `var()` could find: for suggestions. */
function varNames(project: Project): string[] {
  return [...Object.keys(project.cliVars), ...project.packages.flatMap((p) => Object.keys(p.config.vars))];
}

/** `var('name', default)` and `var.has_var('name')`. `onMissing` says what an unset one without default gives. */
export class VarFunction extends HostObject {
  constructor(
    readonly project: Project,
    readonly packageName: string,
    readonly onMissing: 'none' | 'error',
    /** The scope that a variable's own Jinja sees. */
    readonly scope: () => Scope,
    readonly overrides: Readonly<Record<string, unknown>> = {},
    /** `async` where a variable's own Jinja may have to ask the warehouse. */
    readonly mode: 'sync' | 'async' = 'sync',
  ) {
    super();
  }

  override get typeName(): string {
    return 'Var';
  }

  #find(name: string): unknown {
    return Object.hasOwn(this.overrides, name) ? this.overrides[name] : findVar(this.project, this.packageName, name);
  }

  override call(args: CallArguments): unknown {
    return this.#call.call(args);
  }

  readonly #call = hostFunction('var', ['var_name', ['default', UNSET]], (name: unknown, fallback: unknown) => {
    const key = str(name);
    const value = this.#find(key);
    if (typeof value === 'string' && value.includes('{')) return this.#rendered(key, value);
    if (value !== undefined) return toJinja(value);
    if (fallback !== UNSET) return fallback;
    if (this.onMissing === 'none') return null;
    const near = didYouMean(key, varNames(this.project));
    throw new Error(
      `Required var '${key}' is not set: give it with --vars '{${key}: value}', under vars: in dbt_project.yml, or give var() a default.${near === undefined ? '' : ` ${near}`}`,
    );
  });

  /** A variable may be a template itself; it gives text, as in dbt. */
  #rendered(name: string, text: string): string | Promise<string> {
    const template = Template.parse({ text, file: `vars: ${name}` });
    return this.mode === 'async' ? template.render(this.scope()) : template.renderSync(this.scope());
  }

  override getAttribute(name: string): unknown {
    if (name === 'has_var')
      return hostFunction(name, ['var_name'], (key: unknown) => this.#find(str(key)) !== undefined);
    return undefined;
  }
}

/** `env_var('NAME', 'default')`. Secrets are for profiles and packages only, so that they can't end up in compiled SQL. */
export function envVarFunction(
  env: Readonly<Record<string, string | undefined>>,
  onRead: (name: string) => void = () => undefined,
) {
  return hostFunction('env_var', ['var', ['default', null]], (given: unknown, fallback: unknown) => {
    const name = str(given);
    if (name.startsWith(SECRET_PREFIX)) {
      throw new Error(
        `Secret environment variables (${SECRET_PREFIX}...) can be used in profiles.yml and packages.yml only, not here: '${name}'`,
      );
    }
    onRead(name);
    const value = env[name];
    if (value !== undefined) return value;
    if (fallback !== null) return typeof fallback === 'string' ? fallback : str(fallback);
    throw new Error(
      `Environment variable '${name}' is not set: set it, or give env_var() a default as its second argument.`,
    );
  });
}
