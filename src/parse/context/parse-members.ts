/** The parse phase's `ref`, `source`, `config`, `var`: they note what they are given and hand back stand-ins. */
import {
  type CallArguments,
  DateTime,
  Dict,
  fromJinja,
  HostObject,
  hostFunction,
  PyDate,
  str,
  toJinja,
  Undefined,
} from '../../jinja/index.js';
import { mergeConfig } from '../config.js';
import type { Node, RefArgs } from '../node.js';
import { nodeRelation } from '../relation.js';
import type { ParsedProject } from '../state.js';
import { adapterParseValue } from './adapter-parse.js';
import { RelationValue } from './relation-value.js';
import { runtimeConfig } from './runtime-config.js';
import type { NodeScope } from './scopes.js';
import { TableValue } from './table-value.js';
import { VarFunction } from './vars.js';

/** The arguments of `ref()`: `('name')`, `('package', 'name')`, with `version=` or `v=`. */
export function refArguments(args: CallArguments): RefArgs {
  const [first, second, ...more] = args.positional;
  if (first === undefined || more.length > 0) {
    throw new Error('ref() takes a model name, or a package and a model name');
  }
  const texts = second === undefined ? [first] : [first, second];
  for (const text of texts) {
    if (typeof text !== 'string')
      throw new Error(
        `ref() needs names as strings, got ${text instanceof Undefined ? `an undefined value${text.name === undefined ? '' : ` ('${text.name}')`}` : str(text)}`,
      );
  }
  const version = args.named.get('version') ?? args.named.get('v') ?? null;
  const plain = fromJinja(version);
  return {
    name: (second ?? first) as string,
    package: second === undefined ? null : (first as string),
    version: typeof plain === 'number' || typeof plain === 'string' ? plain : null,
  };
}

export function sourceArguments(args: CallArguments): [string, string] {
  const [source, table, ...more] = args.positional;
  if (typeof source !== 'string' || typeof table !== 'string' || more.length > 0) {
    throw new Error(
      `source() takes a source name and a table name, both strings (got ${args.positional.map((a) => str(a)).join(', ')})`,
    );
  }
  return [source, table];
}

class Recorder extends HostObject {
  constructor(
    readonly name: string,
    readonly onCall: (args: CallArguments) => unknown,
    readonly config: () => unknown = () => undefined,
  ) {
    super();
  }

  override get typeName(): string {
    return this.name;
  }

  override getAttribute(name: string): unknown {
    if (name === 'config') return this.config();
    return name === 'id' ? hostFunction(name, ['*args'], () => '') : undefined;
  }

  override call(args: CallArguments): unknown {
    return this.onCall(args);
  }
}

/** The options of a `config(...)` call as plain values. */
export function configOptions(args: CallArguments): Record<string, unknown> {
  const [first] = args.positional;
  if (args.positional.length === 1 && args.named.size === 0 && first instanceof Dict) {
    return Object.fromEntries(Object.entries(fromJinja(first) as object).map(([key, value]) => [key, asText(value)]));
  }
  if (args.positional.length > 0) {
    throw new Error("config() takes named options, such as config(materialized='table'), or one dict");
  }
  return Object.fromEntries([...args.named].map(([key, value]) => [key, asText(fromJinja(value))]));
}

/** A date or time in ISO form, as artifacts have it (`begin=modules.datetime.datetime(2024, 1, 1)`). */
function asText(value: unknown): unknown {
  return value instanceof DateTime || value instanceof PyDate ? str(value).replace(' ', 'T') : value;
}

class ParseConfig extends HostObject {
  constructor(readonly record: (options: Record<string, unknown>) => void) {
    super();
  }

  override get typeName(): string {
    return 'config';
  }

  override call(args: CallArguments): unknown {
    this.record(configOptions(args));
    return '';
  }

  override getAttribute(name: string): unknown {
    switch (name) {
      case 'set':
        return hostFunction(name, ['name', 'value'], (key: unknown, value: unknown) => {
          this.record({ [str(key)]: fromJinja(value) });
          return '';
        });
      case 'get':
      case 'require':
      case 'meta_get':
      case 'meta_require':
        return hostFunction(name, ['name', ['default', null], ['validator', null]], () => '');
      case 'persist_relation_docs':
      case 'persist_column_docs':
        return hostFunction(name, [], () => false);
      default:
        return undefined;
    }
  }
}

/** `pre_hook` as `pre-hook`: the name that configs have it under. */
function withHookNames(options: Record<string, unknown>): Record<string, unknown> {
  if (!('pre_hook' in options || 'post_hook' in options)) return options;
  for (const when of ['pre', 'post']) {
    if (`${when}_hook` in options && `${when}-hook` in options) {
      throw new Error(`config() sets '${when}_hook' and '${when}-hook', which are one option: keep one of them`);
    }
  }
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [key.replace(/^(pre|post)_hook$/, '$1-hook'), value]),
  );
}

/** Nodes whose `config()` calls dbt reads without rendering: each option then counts as a call of its own. */
const OPTION_BY_OPTION = new WeakSet<Node>();

/** To be called before the first option of such a node is recorded. */
export function recordEachOption(node: Node): void {
  OPTION_BY_OPTION.add(node);
}

/** Notes the options of a `config()` call. The first call's stay as written, later ones are merged into them, as in dbt. */
export function recordConfig(parsed: ParsedProject, node: Node, options: Record<string, unknown>): void {
  const named = withHookNames(options);
  const calls = OPTION_BY_OPTION.has(node) ? Object.entries(named).map(([key, value]) => ({ [key]: value })) : [named];
  for (const call of calls) {
    const before = parsed.configCalls.get(node.unique_id);
    parsed.configCalls.set(node.unique_id, before === undefined ? call : mergeConfig(before, call));
  }
}

export function recordRef(node: Node, ref: RefArgs): void {
  node.refs.push(ref);
}

/** Rendering notes each call; dbt's static reading notes each source once. */
export function recordSource(node: Node, source: [string, string], repeat: 'once' | 'each' = 'each'): void {
  if (repeat === 'once' && node.sources.some((known) => known[0] === source[0] && known[1] === source[1])) return;
  node.sources.push(source);
}

/** The node of a scope in which files are read. */
function nodeOf(scope: NodeScope): Node {
  if (scope.node === null) throw new Error('this scope belongs to no node');
  return scope.node;
}

function standIn(scope: NodeScope): RelationValue {
  const { adapter, project } = scope.parsed;
  return new RelationValue(nodeRelation(nodeOf(scope), adapter.dialect, project.config.quoting));
}

/** `ref` or `source`, which has the project's settings as `config`. */
function referenceRecorder(
  name: string,
  scope: NodeScope,
  record: (node: Node, args: CallArguments) => void,
): Recorder {
  return new Recorder(
    name,
    (args) => {
      record(nodeOf(scope), args);
      return standIn(scope);
    },
    () => runtimeConfig(scope.parsed, scope.node?.unique_id),
  );
}

/** Members of a node's parse scope beyond those of every scope. */
export const PARSE_MEMBERS: Readonly<Record<string, (scope: NodeScope) => unknown>> = {
  execute: () => false,
  graph: () => new Dict(),
  adapter: (scope) => adapterParseValue(scope.parsed, () => scope),
  var: (scope) => new VarFunction(scope.parsed.project, scope.packageName, 'none', () => scope),
  this: standIn,
  ref: (scope) => referenceRecorder('ref', scope, (node, args) => recordRef(node, refArguments(args))),
  source: (scope) => referenceRecorder('source', scope, (node, args) => recordSource(node, sourceArguments(args))),
  metric: (scope) =>
    new Recorder('metric', (args) => {
      nodeOf(scope).metrics.push(args.positional.map((a) => str(a)));
      return '';
    }),
  function: (scope) =>
    new Recorder('function', (args) => {
      nodeOf(scope).functions.push(args.positional.map((a) => str(a)));
      return standIn(scope);
    }),
  config: (scope) => new ParseConfig((options) => recordConfig(scope.parsed, nodeOf(scope), options)),
  pre_hooks: () => [],
  post_hooks: () => [],
  load_result: () => hostFunction('load_result', ['name'], () => null),
  store_result: () => hostFunction('store_result', ['name', 'response', ['agate_table', null]], () => ''),
  store_raw_result: () => hostFunction('store_raw_result', ['name', '**kwargs'], () => ''),
  load_agate_table: () => hostFunction('load_agate_table', [], () => TableValue.empty()),
  write: () => hostFunction('write', ['payload'], () => ''),
  render: () => hostFunction('render', ['string'], (text: unknown) => text),
  try_or_compiler_error: () =>
    hostFunction('try_or_compiler_error', ['message_if_exception', 'func', '*args', '**kwargs'], () => null),
  validation: () => toJinja({}),
  invocation_args_dict: (scope) => toJinja(scope.parsed.invocation.args),
  submit_python_job: () => hostFunction('submit_python_job', ['parsed_model', 'compiled_code'], () => null),
};
