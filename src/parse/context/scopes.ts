/** The names that a template can use: macros first (they may hide built-in functions, as in dbt), then the context's members. */
import { didYouMean } from '../../diagnostics/index.js';
import { type CallRoots, Dict, HostFunction, HostObject, hostFunction, type Scope } from '../../jinja/index.js';
import type { MacroClosure } from '../macro-dependencies.js';
import type { MacroNode, Node } from '../node.js';
import type { ParsedProject } from '../state.js';
import { adapterParseValue } from './adapter-parse.js';
import { baseMembers, type ContextOutput } from './base.js';
import { ColumnFactory } from './column-value.js';
import { graphValue, modelValue } from './model-value.js';
import { PARSE_MEMBERS } from './parse-members.js';
import { RelationFactory } from './relation-value.js';
import { syncCalls } from './sync-calls.js';
import { VarFunction } from './vars.js';

/** Makes the values of a scope's names, each when it is first looked up. */
export type Members = Readonly<Record<string, (scope: NodeScope) => unknown>>;

/** A package's macros as `package.macro`. */
class PackageNamespace extends HostObject {
  constructor(
    readonly scope: NodeScope,
    readonly packageName: string,
  ) {
    super();
  }

  override get typeName(): string {
    return 'MacroNamespace';
  }

  override getAttribute(name: string): unknown {
    const macro = this.scope.parsed.macros.findIn(this.packageName, name);
    return macro === undefined || !this.scope.sees(macro) ? undefined : this.scope.bind(macro);
  }

  override getItem(key: unknown): unknown {
    return typeof key === 'string' ? this.getAttribute(key) : undefined;
  }
}

export class NodeScope implements Scope {
  readonly #members: readonly Members[];
  readonly #made = new Map<string, unknown>();
  readonly #bound = new Map<string, HostFunction>();
  /** False where `ref()` may have to ask the warehouse (`--defer`). */
  refsAnswer = true;

  constructor(
    readonly parsed: ParsedProject,
    /** The package whose macros are found first. */
    readonly packageName: string,
    readonly mode: 'sync' | 'async',
    /** Tables of members; the later ones hide those of the earlier. */
    members: readonly Members[],
    readonly output: ContextOutput,
    /** The node that the template belongs to: macros that it calls are recorded in its depends_on. */
    readonly node: Node | null,
    /** While a generic test is parsed its own text sees only the macros that its test macro may call, as in dbt. */
    readonly visible: MacroClosure | null = null,
  ) {
    this.#members = members;
  }

  /** Whether the text that runs now may call a macro. */
  sees(macro: MacroNode): boolean {
    return this.visible === null || this.#depth > 0 || this.visible.has(macro);
  }

  lookup(name: string): unknown {
    const made = this.#made.get(name);
    if (made !== undefined || this.#made.has(name)) return made;
    const value = this.#make(name);
    if (value !== undefined || this.visible === null) this.#made.set(name, value);
    return value;
  }

  #make(name: string): unknown {
    const { macros, reads } = this.parsed;
    reads.member(name, this.node?.unique_id);
    const macro = macros.find(name, this.packageName) ?? this.visible?.find(name);
    if (macro !== undefined && this.sees(macro)) return this.bind(macro);
    if (name === 'dbt' || (macros.isPackage(name) && !macros.isInternal(name))) return new PackageNamespace(this, name);
    if (macros.isPackage(name)) return new PackageNamespace(this, name);
    for (let i = this.#members.length - 1; i >= 0; i--) {
      const table = this.#members[i];
      if (table !== undefined && Object.hasOwn(table, name)) return table[name]?.(this);
    }
    if (name === 'builtins') return this.#builtins();
    if (name === 'context') return new ContextValue(this);
    return undefined;
  }

  /** Most names that are not there are macros with a typing mistake, or packages that are not installed. */
  suggest(name: string): string | undefined {
    const known = [...this.parsed.macros.visibleNames(this.packageName)];
    return (
      didYouMean(name, [...known, ...this.#members.flatMap((table) => Object.keys(table))]) ??
      `If '${name}' is a macro, look for it in the macros folders; if it is a package, list it in packages.yml and call \`upsql deps\`.`
    );
  }

  /** `builtins`: ref, source, config and such, whatever macros of these names a project has. */
  #builtins(): Dict {
    const all: Members = Object.assign({}, ...this.#members);
    return new Dict(Object.entries(all).map(([key, make]) => [key, make(this)]));
  }

  /** A macro that can be called from this scope. */
  bind(macro: MacroNode): HostFunction {
    let bound = this.#bound.get(macro.unique_id);
    if (bound === undefined) {
      bound = this.#tracked(macro);
      this.#bound.set(macro.unique_id, bound);
    }
    return bound;
  }

  /** dbt notes the macros that a node's own text calls, not those that macros call: hence the depth. */
  #tracked(macro: MacroNode): HostFunction {
    let inner: HostFunction | undefined;
    return new HostFunction(macro.name, (args, site) => {
      inner ??= this.parsed.macros.template(macro).bind(this, this.#answers(macro) ? 'sync' : this.mode);
      const list = this.node?.depends_on.macros;
      if (this.#depth === 0 && list !== undefined && !list.includes(macro.unique_id)) list.push(macro.unique_id);
      this.#depth += 1;
      const leave = () => {
        this.#depth -= 1;
      };
      let value: unknown;
      try {
        value = inner.call(args, site);
      } catch (error) {
        leave();
        throw error;
      }
      if (value instanceof Promise) return value.finally(leave);
      leave();
      return value;
    });
  }

  #answers(macro: MacroNode): boolean {
    return this.mode === 'async' && syncCalls(this.parsed, this.packageName, this.refsAnswer).macro(macro);
  }

  answers(calls: CallRoots): boolean {
    return syncCalls(this.parsed, this.packageName, this.refsAnswer).answer(calls);
  }

  /** Calls of a macro give `value` from now on, by whatever name it is called. */
  override(macro: MacroNode, value: unknown): void {
    this.#bound.set(macro.unique_id, new HostFunction(macro.name, () => value));
  }

  #depth = 0;

  /** Sets a name for this scope alone. */
  set(name: string, value: unknown): void {
    this.#made.set(name, value);
  }
}

/** `context`: the scope as a mapping, for `context['name']` and `context.get('name')`. */
class ContextValue extends HostObject {
  constructor(readonly scope: NodeScope) {
    super();
  }

  override get typeName(): string {
    return 'context';
  }

  override getItem(key: unknown): unknown {
    return typeof key === 'string' ? this.scope.lookup(key) : undefined;
  }

  override contains(value: unknown): boolean {
    return typeof value === 'string' && this.scope.lookup(value) !== undefined;
  }

  override getAttribute(name: string): unknown {
    if (name === 'get') return contextGet(this.scope);
    return this.scope.lookup(name);
  }
}

function contextGet(scope: NodeScope): HostFunction {
  return hostFunction('get', ['key', ['default', null]], (key: unknown, fallback: unknown) =>
    typeof key === 'string' ? (scope.lookup(key) ?? fallback) : fallback,
  );
}

/** What every provider of a node's context has: relations, columns, the graph. */
export const PROVIDER_MEMBERS: Members = {
  database: ({ node, parsed }) => node?.database ?? parsed.adapter.database,
  schema: ({ node, parsed }) => node?.schema ?? parsed.adapter.schema,
  api: ({ parsed: { adapter, project } }) =>
    new Dict([
      ['Relation', new RelationFactory(adapter.dialect, project.config.quoting)],
      ['Column', new ColumnFactory()],
    ]),
  column: () => new ColumnFactory(),
  graph: ({ parsed }) => graphValue(parsed),
  model: ({ node, parsed }) => (node === null ? null : modelValue(parsed, node)),
  pre_hooks: () => null,
  post_hooks: () => null,
  sql: () => null,
  compiled_code: () => null,
  defer_relation: () => null,
};

const SILENT: ContextOutput = { log: () => undefined, warn: () => undefined };

/** The scope in which a node's text is read for its refs, sources and config; nothing is run. */
export function parseScope(
  parsed: ParsedProject,
  node: Node,
  output: ContextOutput,
  visible: MacroClosure | null = null,
): NodeScope {
  const members = [baseMembers(parsed), PROVIDER_MEMBERS, PARSE_MEMBERS];
  return new NodeScope(parsed, node.package_name, 'sync', members, output, node, visible);
}

const NAME_SCOPES = new WeakMap<ParsedProject, Map<string, NodeScope>>();

/** The scope of `generate_schema_name` and its like: no node, nothing to run. */
export function nameScope(parsed: ParsedProject, packageName: string): NodeScope {
  let scopes = NAME_SCOPES.get(parsed);
  if (scopes === undefined) {
    scopes = new Map();
    NAME_SCOPES.set(parsed, scopes);
  }
  let scope = scopes.get(packageName);
  if (scope === undefined) {
    const members: Members = {
      adapter: () => adapterParseValue(parsed, () => scope as NodeScope),
      execute: () => false,
      graph: () => new Dict(),
      var: () => new VarFunction(parsed.project, packageName, 'error', () => scope as NodeScope),
    };
    const tables = [baseMembers(parsed), PROVIDER_MEMBERS, members];
    scope = new NodeScope(parsed, packageName, 'sync', tables, SILENT, null);
    scopes.set(packageName, scope);
  }
  return scope;
}

/** The scope of properties YAML: variables and the environment, no macros of the project's own. */
export function yamlScope(parsed: ParsedProject, packageName: string): Scope {
  const members = baseMembers(parsed);
  const scope: Scope = {
    lookup(name) {
      parsed.reads.member(name, undefined);
      if (name === 'var') return new VarFunction(parsed.project, packageName, 'error', () => scope);
      return Object.hasOwn(members, name) ? members[name]?.({ output: SILENT }) : undefined;
    },
  };
  return scope;
}
