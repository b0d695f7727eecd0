/** `ref`, `source`, `config`, `this`, `statement`'s results and the like, while a node is compiled or run. */
import {
  type CallArguments,
  Dict,
  HostFunction,
  HostObject,
  hostFunction,
  str,
  Template,
  Tuple,
  toJinja,
} from '../../jinja/index.js';
import type { Node } from '../node.js';
import { nodeRelation } from '../relation.js';
import { originOf, type ParsedProject } from '../state.js';
import { mlFunction } from './ml.js';
import { modelValue } from './model-value.js';
import { type DeferRelation, type ReferenceServices, resolveRef, resolveSource } from './references.js';
import { RelationValue } from './relation-value.js';
import { ResponseValue } from './response-value.js';
import { runtimeConfig } from './runtime-config.js';
import type { Members, NodeScope } from './scopes.js';
import { TableValue } from './table-value.js';
import { VarFunction } from './vars.js';

/** What a run knows beyond the parsed project. */
export interface RunServices extends ReferenceServices {
  readonly write: (sql: string) => void;
  readonly seedTable: () => TableValue;
  readonly print: (text: string) => void;
  /** Runs the code of a Python model where the warehouse runs it. */
  readonly submitPython: (code: string) => Promise<ResponseValue>;
}

/** A function of the context that macros may also look at as a value: `ref`, `source`. */
export class Resolver extends HostObject {
  constructor(
    readonly name: string,
    readonly resolve: (args: CallArguments) => unknown,
    readonly config: () => unknown = () => undefined,
  ) {
    super();
  }

  override get typeName(): string {
    return this.name;
  }

  override getAttribute(name: string): unknown {
    return name === 'config' ? this.config() : undefined;
  }

  override call(args: CallArguments): unknown {
    return this.resolve(args);
  }
}

const ABSENT = Symbol('absent');

/** `config.get`, `config.require`, and the node's config as it stood after parsing. */
class RunConfig extends HostObject {
  constructor(readonly node: Node) {
    super();
  }

  override get typeName(): string {
    return 'config';
  }

  override call(): unknown {
    return '';
  }

  #find(key: string): unknown {
    const { config } = this.node;
    const name = key === 'pre_hook' ? 'pre-hook' : key === 'post_hook' ? 'post-hook' : key;
    return Object.hasOwn(config, name) ? config[name] : ABSENT;
  }

  #meta(key: string): unknown {
    const meta = this.node.config.meta ?? {};
    return Object.hasOwn(meta, key) ? meta[key] : ABSENT;
  }

  #get(find: (key: string) => unknown) {
    return (key: unknown, fallback: unknown, validator: unknown) => {
      const value = find(str(key));
      const given = value === ABSENT || value === null || value === undefined ? ABSENT : toJinja(value);
      if (given !== ABSENT && validator instanceof HostFunction)
        validator.call({ positional: [given], named: new Map() });
      return given === ABSENT ? (value === null && fallback === null ? null : fallback) : given;
    };
  }

  #require(find: (key: string) => unknown) {
    return (key: unknown) => {
      const value = find(str(key));
      if (value === ABSENT || value === undefined)
        throw new Error(`The config '${str(key)}' is required for ${this.node.unique_id} and is not set.`);
      return toJinja(value);
    };
  }

  override getAttribute(name: string): unknown {
    const parameters = ['name', ['default', null] as const, ['validator', null] as const];
    const top = (key: string) => this.#find(key);
    const meta = (key: string) => this.#meta(key);
    switch (name) {
      case 'get':
        return hostFunction(name, parameters, this.#get(top));
      case 'meta_get':
        return hostFunction(name, parameters, this.#get(meta));
      case 'require':
        return hostFunction(name, ['name', ['validator', null]], this.#require(top));
      case 'meta_require':
        return hostFunction(name, ['name', ['validator', null]], this.#require(meta));
      case 'set':
        return hostFunction(name, ['name', 'value'], () => '');
      case 'persist_relation_docs':
      case 'persist_column_docs': {
        const docs = this.node.config.persist_docs as { relation?: boolean; columns?: boolean } | undefined;
        const on = name === 'persist_relation_docs' ? docs?.relation : docs?.columns;
        return hostFunction(name, [], () => on ?? false);
      }
      default:
        return undefined;
    }
  }

  override getItem(key: unknown): unknown {
    const value = this.#find(str(key));
    return value === ABSENT ? undefined : toJinja(value);
  }
}

/** `store_result` and `load_result`: what statements of this node answered, by name. */
class ResultStore {
  readonly results = new Map<string, Dict | null>();

  store(name: string, response: unknown, table: unknown): string {
    const held = table instanceof TableValue ? table : TableValue.empty();
    this.results.set(
      name,
      new Dict([
        ['response', response],
        ['data', held.data.rows.map((row) => new Tuple([...row]))],
        ['table', held],
      ]),
    );
    return '';
  }

  load(name: string): unknown {
    const found = this.results.get(name);
    if (found === undefined) return null;
    if (name === 'main') return found;
    if (found === null) throw new Error(`load_result('${name}'): the result was loaded before; keep it in a variable.`);
    this.results.set(name, null);
    return found;
  }
}

/** The result that the statement named `main` left, for the node's outcome. */
export function mainResponse(scope: NodeScope): ResponseValue | undefined {
  const load = scope.lookup('load_result');
  const main = load instanceof HostFunction ? load.call({ positional: ['main'], named: new Map() }) : undefined;
  if (!(main instanceof Dict)) return undefined;
  const response = main.get('response');
  return response instanceof ResponseValue ? response : new ResponseValue({ _message: str(response ?? '') });
}

export function runMembers(services: RunServices, node: Node, getScope: () => NodeScope): Members {
  const { parsed } = services;
  const store = new ResultStore();
  const settings = () => runtimeConfig(parsed, node.unique_id);
  const hooks = (key: 'pre-hook' | 'post-hook') => () =>
    node.resource_type === 'test' ? [] : toJinja(withoutNulls(node.config[key] ?? []));
  return {
    execute: () => true,
    var: () => new VarFunction(parsed.project, node.package_name, 'error', getScope, {}, 'async'),
    ref: () => new Resolver('ref', (args) => resolveRef(services, node, args), settings),
    source: () => new Resolver('source', (args) => resolveSource(services, node, args), settings),
    config: () => new RunConfig(node),
    this: () =>
      node.resource_type === 'operation'
        ? null
        : new RelationValue(nodeRelation(node, parsed.adapter.dialect, parsed.project.config.quoting)),
    defer_relation: () => deferRelation(parsed, node),
    model: () => modelValue(parsed, node),
    pre_hooks: hooks('pre-hook'),
    post_hooks: hooks('post-hook'),
    compiled_code: () => node.compiled_code ?? null,
    sql: () => (node.language === 'sql' ? (node.compiled_code ?? null) : null),
    upsql_ml: () => mlFunction(parsed),
    selected_resources: () => [...services.selected],
    load_result: () => hostFunction('load_result', ['name'], (name: unknown) => store.load(str(name))),
    store_result: () =>
      hostFunction(
        'store_result',
        ['name', 'response', ['agate_table', null]],
        (name: unknown, response: unknown, table: unknown) => store.store(str(name), response, table),
      ),
    store_raw_result: () =>
      hostFunction(
        'store_raw_result',
        ['name', ['message', null], ['code', null], ['rows_affected', null], ['agate_table', null]],
        (name: unknown, message: unknown, code: unknown, rows: unknown, table: unknown) => {
          const response = {
            _message: message === null ? '' : str(message),
            ...(code === null ? {} : { code: str(code) }),
            ...(typeof rows === 'number' ? { rows_affected: rows } : {}),
          };
          return store.store(str(name), new ResponseValue(response), table);
        },
      ),
    load_agate_table: () => hostFunction('load_agate_table', [], () => services.seedTable()),
    submit_python_job: () =>
      hostFunction('submit_python_job', ['parsed_model', 'compiled_code'], (_model: unknown, code: unknown) =>
        services.submitPython(str(code)),
      ),
    write: () =>
      hostFunction('write', ['payload'], (payload: unknown) => {
        services.write(str(payload));
        return '';
      }),
    render: () =>
      hostFunction('render', ['string'], (text: unknown) => renderText(parsed, node, str(text), getScope())),
    try_or_compiler_error: () =>
      hostFunction(
        'try_or_compiler_error',
        ['message_if_exception', 'func', '*args', '**kwargs'],
        async (message: unknown, func: unknown, args: { items: readonly unknown[] }, named: Dict) => {
          try {
            if (!(func instanceof HostFunction)) throw new Error('not a function');
            return await func.call({
              positional: args.items,
              named: new Map([...named.entries()].map(([k, v]) => [str(k), v])),
            });
          } catch {
            throw new Error(str(message));
          }
        },
      ),
    validation: () => new Dict([['any', validateAny()]]),
  };
}

/** Where the state has the node, for the clone materialization. */
function deferRelation(parsed: ParsedProject, node: Node): RelationValue | null {
  const found = node.defer_relation as DeferRelation | undefined;
  if (found === undefined) return null;
  const { database, schema, alias } = found;
  return new RelationValue(
    nodeRelation({ ...node, database, schema, alias }, parsed.adapter.dialect, parsed.project.config.quoting),
  );
}

function withoutNulls(hooks: unknown): unknown {
  return Array.isArray(hooks)
    ? hooks.map((h) => Object.fromEntries(Object.entries(h as object).filter(([, v]) => v !== null)))
    : hooks;
}

/** `validation.any[...]`: a check that a config's value is one of those given. */
function validateAny(): HostFunction {
  return hostFunction('any', ['*args'], (allowed: { items: readonly unknown[] }) =>
    hostFunction('validate', ['value'], (value: unknown) => {
      if (allowed.items.some((a) => str(a) === str(value))) return null;
      throw new Error(`'${str(value)}' is not one of ${allowed.items.map((a) => str(a)).join(', ')}.`);
    }),
  );
}

function renderText(parsed: ParsedProject, node: Node, text: string, scope: NodeScope): string | Promise<string> {
  if (!text.includes('{')) return text;
  const origin = originOf(parsed, node);
  return Template.parse({ text, file: origin.file, line: origin.line }).render(scope, { once: true });
}
