import { children } from './compile/walk.js';
import type { AnyNode, Body, Call, Expression, Macro } from './syntax/nodes.js';
import { Dict, Tuple } from './values/collections.js';
import { Float } from './values/float.js';

/** A literal call of `ref`: one or two names and a version. */
export interface StaticRef {
  readonly name: string;
  readonly package?: string;
  readonly version?: string | number;
}

/** A call by name in a template, with its literal arguments where they are literal. */
export interface NamedCall {
  readonly name: string;
  readonly positional: readonly unknown[];
  readonly named: ReadonlyMap<string, unknown>;
}

/**
 * What a template calls. Where `dynamic` is false, a render makes exactly these calls whatever the project holds, so it
 * can be left out; else `reason` says what stands against it and the lists are not complete.
 */
export interface Inspection {
  readonly dynamic: boolean;
  readonly reason?: string;
  readonly refs: readonly StaticRef[];
  readonly sources: readonly (readonly [source: string, table: string])[];
  /** Keyword arguments of `config(...)`, in order; several calls add up. */
  readonly configs: readonly (readonly [key: string, value: unknown])[];
}

/** Names that macros and other functions are called by; `package.name` where a package is given. */
export interface MacroInspection {
  readonly calls: readonly string[];
  /** `adapter.dispatch(name, namespace)` with literal arguments. */
  readonly dispatches: readonly { readonly name: string; readonly namespace: string | null }[];
  /** Calls of `ref`, `source`, `var`, `env_var` and `config` whose arguments are literal. */
  readonly literals: readonly NamedCall[];
}

/** Ends an inspection. Thrown for most templates, so without the cost of a stack. */
class Dynamic {
  constructor(readonly message: string) {}
}

/** The value of a literal expression in the runtime's values; throws for anything else. */
function literalValue(node: AnyNode): unknown {
  switch (node.typename) {
    case 'Literal':
      return node.value;
    case 'Array':
      return node.children.map(literalValue);
    case 'Group':
      return new Tuple(node.children.map(literalValue));
    case 'Dict':
      return new Dict(node.children.map((pair) => [literalValue(pair.key), literalValue(pair.value)] as const));
    case 'Neg': {
      const value = literalValue(node.target);
      if (typeof value === 'number') return 0 - value;
      if (value instanceof Float) return new Float(-value.value);
      throw new Dynamic('an operator');
    }
    default:
      throw new Dynamic('an argument that is not literal');
  }
}

function literalCall(call: Call, name: string): NamedCall {
  const positional: unknown[] = [];
  const named = new Map<string, unknown>();
  for (const argument of call.args.children) {
    if (argument.typename === 'KeywordArgs') {
      for (const pair of argument.children) named.set(String(literalValue(pair.key)), literalValue(pair.value));
    } else if (argument.typename === 'Splat' || argument.typename === 'KeywordSplat') {
      throw new Dynamic('arguments with * or **');
    } else positional.push(literalValue(argument));
  }
  return { name, positional, named };
}

/** A template is static if it consists of text and lone `{{ ref(..) }}`, `{{ source(..) }}` and `{{ config(..) }}`. */
export function inspectTemplate(body: Body): Inspection {
  const refs: StaticRef[] = [];
  const sources: (readonly [string, string])[] = [];
  const configs: (readonly [string, unknown])[] = [];
  try {
    for (const statement of body.children) {
      if (statement.typename !== 'Output') throw new Dynamic('a block tag');
      for (const child of statement.children) {
        if (child.typename === 'TemplateData') continue;
        const call = staticCall(child);
        if (call.name === 'ref') refs.push(staticRef(call));
        else if (call.name === 'source') sources.push(staticSource(call));
        else configs.push(...staticConfig(call));
      }
    }
  } catch (error) {
    if (!(error instanceof Dynamic)) throw error;
    return { dynamic: true, reason: error.message, refs, sources, configs };
  }
  return { dynamic: false, refs, sources, configs };
}

function staticCall(node: Expression): NamedCall {
  if (node.typename !== 'FunCall' || node.name.typename !== 'Symbol')
    throw new Dynamic('an expression that is no call');
  const name = node.name.value;
  if (name !== 'ref' && name !== 'source' && name !== 'config') throw new Dynamic(`a call of '${name}'`);
  return literalCall(node, name);
}

function staticRef({ positional, named }: NamedCall): StaticRef {
  const [first, second] = positional;
  const version = named.get('v') ?? named.get('version');
  const known = [...named.keys()].every((key) => key === 'v' || key === 'version') && named.size < 2;
  if (!known || positional.length > 2) throw new Dynamic('arguments of ref that need a render');
  if (typeof first !== 'string' || !(second === undefined || typeof second === 'string')) {
    throw new Dynamic('arguments of ref that need a render');
  }
  if (version !== undefined && typeof version !== 'string' && typeof version !== 'number') {
    throw new Dynamic('a version of ref that needs a render');
  }
  const target = second === undefined ? { name: first } : { package: first, name: second };
  return version === undefined ? target : { ...target, version };
}

function staticSource({ positional, named }: NamedCall): readonly [string, string] {
  const [source, table] = positional;
  if (typeof source === 'string' && typeof table === 'string' && positional.length === 2 && named.size === 0) {
    return [source, table];
  }
  throw new Dynamic('arguments of source that need a render');
}

function staticConfig({ positional, named }: NamedCall): readonly (readonly [string, unknown])[] {
  if (positional.length > 0) throw new Dynamic('positional arguments of config');
  return [...named];
}

const LITERAL_NAMES: ReadonlySet<string> = new Set(['ref', 'source', 'var', 'env_var', 'config']);

/** All calls by name in a macro, wherever they stand. */
export function inspectMacro(macro: Macro): MacroInspection {
  const calls = new Set<string>();
  const dispatches: { name: string; namespace: string | null }[] = [];
  const literals: NamedCall[] = [];
  const visit = (node: AnyNode): void => {
    if (node.typename === 'FunCall') {
      const name = dottedName(node.name);
      if (name === 'adapter.dispatch') dispatches.push(...dispatchOf(node));
      else if (name !== null) calls.add(name);
      if (name !== null && LITERAL_NAMES.has(name)) {
        try {
          literals.push(literalCall(node, name));
        } catch (error) {
          if (!(error instanceof Dynamic)) throw error;
        }
      }
    }
    for (const child of children(node)) visit(child);
  };
  visit(macro);
  return { calls: [...calls], dispatches, literals };
}

function dottedName(node: Expression): string | null {
  if (node.typename === 'Symbol') return node.value;
  if (node.typename === 'Attribute' && node.target.typename === 'Symbol') return `${node.target.value}.${node.name}`;
  return null;
}

function dispatchOf(node: Call): { name: string; namespace: string | null }[] {
  try {
    const { positional, named } = literalCall(node, 'dispatch');
    const name = positional[0] ?? named.get('macro_name');
    const namespace = positional[1] ?? named.get('macro_namespace') ?? null;
    if (typeof name !== 'string') return [];
    return [{ name, namespace: typeof namespace === 'string' ? namespace : null }];
  } catch (error) {
    if (error instanceof Dynamic) return [];
    throw error;
  }
}
