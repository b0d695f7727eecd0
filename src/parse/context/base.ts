/** The part of dbt's context that is the same everywhere: JSON and YAML, hashes, modules, the invocation, the target. */
import { createHash } from 'node:crypto';
import {
  DateTime,
  Dict,
  type HostFunction,
  hostFunction,
  isTruthy,
  iterate,
  jsonDumps,
  PySet,
  pythonModules,
  ReturnSignal,
  str,
  Tuple,
  toJinja,
} from '../../jinja/index.js';
import { DBT_VERSION } from '../../project/index.js';
import type { ParsedProject } from '../state.js';
import { exceptionsValue } from './exceptions.js';
import { flagsValue } from './flags.js';
import { targetValue } from './target.js';
import { envVarFunction } from './vars.js';
import { dumpYaml, loadYaml } from './yaml-text.js';

export interface ContextOutput {
  log(message: string, level: 'info' | 'debug'): void;
  warn(message: string): void;
}

const orDefault = <T>(fallback: unknown, make: () => T): T | unknown => {
  try {
    return make();
  } catch {
    return fallback;
  }
};

function strictSet(value: unknown): PySet {
  return new PySet(iterate(value));
}

function zipped(values: readonly unknown[]): Tuple[] {
  const lists = values.map((v) => [...iterate(v)]);
  const length = Math.min(...lists.map((l) => l.length));
  return Array.from({ length: Number.isFinite(length) ? length : 0 }, (_, i) => new Tuple(lists.map((l) => l[i])));
}

function diffOfTwoDicts(a: unknown, b: unknown): Dict {
  const lower = (d: unknown): [string, string[]][] =>
    d instanceof Dict
      ? [...d.entries()].map(([k, v]) => [str(k).toLowerCase(), [...iterate(v)].map((x) => str(x).toLowerCase())])
      : [];
  const other = new Map(lower(b));
  const out = new Dict();
  if (!(a instanceof Dict)) return out;
  for (const [key, value] of a.entries()) {
    const theirs = other.get(str(key).toLowerCase());
    const kept = [...iterate(value)].filter((v) => !(theirs ?? []).includes(str(v).toLowerCase()));
    if (theirs === undefined || kept.length > 0) out.set(key, kept);
  }
  return out;
}

/** Where what templates log goes: a scope says it. */
export interface HasOutput {
  readonly output: ContextOutput;
}

export type BaseMembers = Readonly<Record<string, (scope: HasOutput) => unknown>>;

const TABLES = new WeakMap<ParsedProject, BaseMembers>();

/** Members that need no node, one table for all scopes of a parse. Each value is made when a scope first asks for it. */
export function baseMembers(parsed: ParsedProject): BaseMembers {
  let members = TABLES.get(parsed);
  if (members === undefined) {
    members = makeMembers(parsed);
    TABLES.set(parsed, members);
  }
  return members;
}

function makeMembers(parsed: ParsedProject): BaseMembers {
  const { project, invocation } = parsed;
  const members: BaseMembers = {
    dbt_version: () => DBT_VERSION,
    project_name: () => project.config.name,
    target: () => targetValue(parsed),
    env: () => targetValue(parsed),
    env_var: () => envVarFunction(project.env, (name) => parsed.reads.env.add(name)),
    invocation_id: () => invocation.id,
    run_started_at: () => DateTime.ofDate(invocation.startedAt),
    thread_id: () => 'MainThread',
    modules: pythonModules,
    flags: () => flagsValue(invocation.args),
    invocation_args_dict: () => toJinja(invocation.args),
    dbt_metadata_envs: () => metadataEnvs(project.env),
    exceptions: ({ output }) => exceptionsValue(output),
    return: () =>
      hostFunction('return', ['data'], (data: unknown) => {
        throw new ReturnSignal(data);
      }),
    log: ({ output }) =>
      hostFunction('log', ['msg', ['info', false]], (message: unknown, info: unknown) => {
        output.log(str(message), isTruthy(info) ? 'info' : 'debug');
        return '';
      }),
    print: ({ output }) =>
      hostFunction('print', ['msg'], (message: unknown) => {
        parsed.reads.print = true;
        if (invocation.args.print !== false) output.log(str(message), 'info');
        return '';
      }),
    debug: () => hostFunction('debug', [], () => ''),
    fromjson: () =>
      hostFunction('fromjson', ['string', ['default', null]], (text: unknown, fallback: unknown) =>
        orDefault(fallback, () => toJinja(JSON.parse(str(text)))),
      ),
    tojson: () =>
      hostFunction(
        'tojson',
        ['value', ['default', null], ['sort_keys', false]],
        (value: unknown, fallback: unknown, sort: unknown) =>
          orDefault(fallback, () => jsonDumps(value, { sortKeys: isTruthy(sort) })),
      ),
    fromyaml: () =>
      hostFunction('fromyaml', ['value', ['default', null]], (text: unknown, fallback: unknown) =>
        orDefault(fallback, () => loadYaml(str(text))),
      ),
    toyaml: () =>
      hostFunction(
        'toyaml',
        ['value', ['default', null], ['sort_keys', false]],
        (value: unknown, fallback: unknown, sort: unknown) =>
          orDefault(fallback, () => dumpYaml(value, isTruthy(sort))),
      ),
    set: () =>
      hostFunction('set', ['value', ['default', null]], (value: unknown, fallback: unknown) =>
        orDefault(fallback, () => strictSet(value)),
      ),
    set_strict: () => hostFunction('set_strict', ['value'], strictSet),
    zip: () =>
      hostFunction('zip', ['*args', '**kwargs'], (values: unknown, named: Dict) =>
        orDefault(named.get('default') ?? null, () => zipped([...iterate(values)])),
      ),
    zip_strict: () => hostFunction('zip_strict', ['*args'], (values: unknown) => zipped([...iterate(values)])),
    local_md5: () =>
      hostFunction('local_md5', ['value'], (value: unknown) => createHash('md5').update(str(value)).digest('hex')),
    diff_of_two_dicts: () => hostFunction('diff_of_two_dicts', ['dict_a', 'dict_b'], diffOfTwoDicts),
    selected_resources: () => [],
  };
  return members;
}

function metadataEnvs(env: Readonly<Record<string, string | undefined>>): Dict {
  const prefix = 'DBT_ENV_CUSTOM_ENV_';
  return new Dict(
    Object.entries(env)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value ?? '']),
  );
}

export type Callable = HostFunction;
