/** The selection methods: which members of a manifest a criterion finds by itself. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Manifest, Node, OtherNode, SourceNode } from '../parse/node.js';
import { fnmatch, globMatch, hasWildcard } from './fnmatch.js';
import { type Member, members } from './graph.js';
import { type Criterion, selectorError } from './spec.js';
import { stateMatcher } from './state.js';

/** What the methods state, result and source_status compare with. */
export interface Earlier {
  readonly manifest?: Manifest;
  /** Of an earlier run_results.json. */
  readonly results?: readonly { readonly unique_id: string; readonly status: string }[];
  /** Of sources.json, then and now: the newest row's time, absent where freshness could not be told. */
  readonly sources?: readonly { readonly unique_id: string; readonly max_loaded_at?: string | null }[];
  readonly currentSources?: readonly { readonly unique_id: string; readonly max_loaded_at?: string | null }[];
}

export interface Scope {
  readonly manifest: Manifest;
  /** Of the manifest. */
  readonly members: ReadonlyMap<string, Member>;
  readonly earlier?: Earlier | undefined;
  /** The root package's folder, where a path must exist for `path:` to find it; absent: every path exists. */
  readonly root?: string | undefined;
}

type Match = (id: string, member: Member) => boolean;

/** The ids among `included` that a criterion's method and value find. Throws UpsqlError for a value that makes no sense. */
export function findByMethod(criterion: Criterion, scope: Scope, included: ReadonlySet<string>): Set<string> {
  const match = matcher(criterion, scope);
  const found = new Set<string>();
  for (const [id, member] of scope.members) if (match(id, member) && included.has(id)) found.add(id);
  return found;
}

function matcher(criterion: Criterion, scope: Scope): Match {
  const { method, args, value, raw } = criterion;
  const text = String(value);
  const { manifest } = scope;
  switch (method) {
    case 'fqn':
      return (_, member) => member.resource_type !== 'source' && hasName(member, text);
    case 'tag':
      return (_, member) => tagsOf(member).some((tag) => fnmatch(tag, text));
    case 'group':
      return (id, member) => {
        const group = id in manifest.nodes || id in manifest.metrics ? configOf(member).group : undefined;
        return typeof group === 'string' && fnmatch(group, text);
      };
    case 'access':
      return (_, member) => member.resource_type === 'model' && (member as Node).access === text;
    case 'source':
      return bySource(text, raw);
    case 'exposure':
    case 'metric':
    case 'semantic_model':
    case 'saved_query':
    case 'unit_test':
      return byPackageAndName(method, text, raw);
    case 'path':
      return byPath(text, scope.root);
    case 'file':
      return (_, member) => {
        const { base, name } = path.parse(member.original_file_path);
        return fnmatch(base, text) || fnmatch(name, text);
      };
    case 'package': {
      const name = text === 'this' ? manifest.metadata.project_name : text;
      return (_, member) => fnmatch(member.package_name, name);
    }
    case 'config':
      return (id, member) => (id in manifest.nodes || id in manifest.sources) && hasConfig(member, args, value);
    case 'resource_type':
      if (!RESOURCE_TYPES.includes(text))
        throw selectorError(
          `'${text}' in '${raw}' is no resource type`,
          undefined,
          `One of ${RESOURCE_TYPES.join(', ')}.`,
        );
      return (_, member) => member.resource_type === text;
    case 'test_name':
      return (_, member) =>
        member.resource_type === 'unit_test'
          ? fnmatch(member.name, text)
          : isGenericTest(member) && fnmatch(member.test_metadata.name, text);
    case 'test_type':
      return byTestType(text);
    case 'version':
      return byVersion(text);
    case 'state':
      return stateMatcher(text, manifest, scope.earlier?.manifest);
    case 'result':
      return byResult(text, scope.earlier);
    case 'source_status':
      return bySourceStatus(text, scope.earlier);
  }
}

const RESOURCE_TYPES = (
  'model analysis test snapshot operation seed rpc sql_operation doc source macro exposure metric group saved_query ' +
  'semantic_model unit_test fixture function'
).split(' ');

function hasName(member: Member, name: string): boolean {
  const fqn = member.fqn ?? [];
  const versioned = isVersioned(member);
  return matchesFqn(fqn, name, versioned) || matchesFqn(fqn.slice(1), name, versioned);
}

function isVersioned(member: Member): boolean {
  const version = (member as Node).version;
  return member.resource_type === 'model' && version !== null && version !== undefined;
}

/**
 * Whether a name stands for an fqn: the last part alone, or the parts from the first on, with wildcards. A versioned model
 * (`[..., orders, v2]`) goes by its name, by `orders.v2` and by `orders_v2`.
 */
function matchesFqn(fqn: readonly string[], name: string, versioned: boolean): boolean {
  if (name === '*') return fqn.length > 0;
  const parts = name.split('.');
  const leaf = versioned ? fqn.at(-2) : fqn.at(-1);
  if (leaf === name) return true;
  if (versioned && fqn.slice(-2).join('_') === parts.slice(-2).join('_')) return true;
  const flat = fqn.flatMap((part) => part.split('.'));
  if (flat.length < parts.length) return false;
  for (const [i, part] of parts.entries()) {
    if (hasWildcard(part)) {
      if (fnmatch(flat.slice(i).join('.'), parts.slice(i).join('.'))) return true;
      return parts.length === 1 && leaf !== undefined && fnmatch(leaf, name);
    }
    if (flat[i] !== part) return false;
  }
  return true;
}

function tagsOf(member: Member): string[] {
  const tags: unknown = member.resource_type === 'unit_test' ? configOf(member).tags : member.tags;
  if (typeof tags === 'string') return [tags];
  return Array.isArray(tags) ? tags.map(String) : [];
}

export function configOf(member: Member): Record<string, unknown> {
  return (member.config ?? {}) as Record<string, unknown>;
}

function bySource(text: string, raw: string): Match {
  const parts = text.split('.');
  if (parts.length > 3)
    throw selectorError(
      `'${raw}' has too many parts`,
      undefined,
      'Write source:NAME, source:NAME.TABLE or source:PACKAGE.NAME.TABLE.',
    );
  const [table = '*', name = '*', pkg = '*'] = parts.length === 1 ? ['*', parts[0]] : [...parts].reverse();
  return (_, member) =>
    member.resource_type === 'source' &&
    fnmatch(member.package_name, pkg) &&
    fnmatch((member as SourceNode).source_name, name) &&
    fnmatch(member.name, table);
}

function byPackageAndName(type: string, text: string, raw: string): Match {
  const parts = text.split('.');
  if (parts.length > 2)
    throw selectorError(`'${raw}' has too many parts`, undefined, `Write ${type}:NAME or ${type}:PACKAGE.NAME.`);
  const [name = '*', pkg = '*'] = [...parts].reverse();
  return (_, member) =>
    member.resource_type === type && fnmatch(member.package_name, pkg) && fnmatch(member.name, name);
}

function byPath(pattern: string, root: string | undefined): Match {
  const known = new Map<string, boolean>();
  const matches = (file: string): boolean => {
    const before = known.get(file);
    if (before !== undefined) return before;
    const answer = globMatch(file, pattern) && (root === undefined || existsSync(path.join(root, file)));
    known.set(file, answer);
    return answer;
  };
  return (_, member) => {
    const file = posix(member.original_file_path);
    if (matches(file)) return true;
    const patch = (member as Node).patch_path?.split('://')[1];
    if (patch !== undefined && matches(posix(patch))) return true;
    for (let end = file.lastIndexOf('/'); end > 0; end = file.lastIndexOf('/', end - 1))
      if (matches(file.slice(0, end))) return true;
    return false;
  };
}

function posix(file: string): string {
  return file.includes('\\') ? file.replaceAll('\\', '/') : file;
}

function hasConfig(member: Member, keys: readonly string[], wanted: unknown): boolean {
  let value: unknown = member.config;
  for (const key of keys) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
    const map = value as Record<string, unknown>;
    // Hooks are `pre-hook` in the artifact and `pre_hook` in dbt's own config.
    const name = Object.hasOwn(map, key) ? key : key.replaceAll('_', '-');
    if (!Object.hasOwn(map, name)) return false;
    value = map[name];
  }
  const ignoreCase = keys.length === 1 && keys[0] === 'severity';
  const equals = (item: unknown) =>
    item === wanted ||
    (ignoreCase && typeof item === 'string' && item.toUpperCase() === String(wanted).toUpperCase()) ||
    (typeof item === 'boolean' && typeof wanted === 'string' && wanted.toLowerCase() === String(item));
  return Array.isArray(value) ? value.some(equals) : equals(value);
}

function isGenericTest(member: Member): member is Node & { test_metadata: { name: string } } {
  return member.resource_type === 'test' && typeof (member as Node).test_metadata?.name === 'string';
}

function byTestType(text: string): Match {
  if (text === 'generic' || text === 'schema') return (_, member) => isGenericTest(member);
  if (text === 'data') return (_, member) => member.resource_type === 'test';
  if (text === 'singular') return (_, member) => member.resource_type === 'test' && !isGenericTest(member);
  if (text === 'unit') return (_, member) => member.resource_type === 'unit_test';
  throw selectorError(`'${text}' is no test type`, undefined, 'One of generic, singular, unit, data.');
}

function byVersion(text: string): Match {
  const only =
    (test: (model: Node) => boolean): Match =>
    (_, member) =>
      member.resource_type === 'model' && test(member as Node);
  const order = (model: Node) =>
    model.version && model.latest_version ? compareVersions(model.version, model.latest_version) : 0;
  switch (text) {
    case 'latest':
      return only((model) => isVersioned(model) && model.version === model.latest_version);
    case 'prerelease':
      return only((model) => order(model) > 0);
    case 'old':
      return only((model) => order(model) < 0);
    case 'none':
      return only((model) => !isVersioned(model));
    default:
      throw selectorError(`'${text}' is no kind of version`, undefined, 'One of latest, prerelease, old, none.');
  }
}

function compareVersions(a: string | number, b: string | number): number {
  const [x, y] = [Number(a), Number(b)];
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

function byResult(text: string, earlier: Earlier | undefined): Match {
  if (earlier?.results === undefined)
    throw selectorError('result: needs the results of an earlier run', undefined, 'Give their folder with --state.');
  const matching = new Set(
    earlier.results.filter((result) => result.status === text).map((result) => result.unique_id),
  );
  return (id) => matching.has(id);
}

function bySourceStatus(text: string, earlier: Earlier | undefined): Match {
  const { sources, currentSources } = earlier ?? {};
  if (sources === undefined || currentSources === undefined)
    throw selectorError(
      'source_status: needs the freshness of sources then and now',
      undefined,
      'Run "upsql source freshness", and give the folder of the earlier sources.json with --state.',
    );
  if (text !== 'fresher') return () => false;
  const before = new Map(sources.map((source) => [source.unique_id, source.max_loaded_at]));
  const fresher = new Set<string>();
  for (const { unique_id, max_loaded_at } of currentSources) {
    const then = before.get(unique_id);
    if (typeof max_loaded_at !== 'string') continue;
    if (!before.has(unique_id) || (typeof then === 'string' && Date.parse(max_loaded_at) > Date.parse(then)))
      fresher.add(unique_id);
  }
  return (id) => fresher.has(id);
}

/** What a value of `method` could have been, for near misses. */
export function candidates(criterion: Criterion, manifest: Manifest): string[] {
  const all = [...members(manifest).values()];
  switch (criterion.method) {
    case 'fqn':
      return all.filter((member) => member.resource_type !== 'source').map((member) => member.name);
    case 'tag':
      return all.flatMap(tagsOf);
    case 'group':
      return Object.values(manifest.groups).map((group) => group.name);
    case 'source':
      return Object.values(manifest.sources).flatMap((s) => [s.source_name, `${s.source_name}.${s.name}`]);
    case 'path':
      return all.map((member) => posix(member.original_file_path));
    case 'file':
      return all.map((member) => path.basename(member.original_file_path));
    case 'package':
      return all.map((member) => member.package_name);
    case 'test_name':
      return all.filter(isGenericTest).map((member) => member.test_metadata.name);
    case 'exposure':
    case 'metric':
    case 'semantic_model':
    case 'saved_query':
    case 'unit_test':
      return all.filter((member: OtherNode | Member) => member.resource_type === criterion.method).map((m) => m.name);
    default:
      return [];
  }
}
