/** Comparison of two manifests: which members are new, modified or the same. */
import { isDeepStrictEqual } from 'node:util';
import { type Diagnostic, nearest, problem } from '../diagnostics/index.js';
import type { ColumnSpec, Manifest, Node, SourceNode } from '../parse/node.js';
import { type Member, members } from './graph.js';
import { selectorError } from './spec.js';

type Compare = (before: Member | undefined, now: Member) => boolean;

const STATES = [
  'new',
  'old',
  'modified',
  'unmodified',
  'modified.body',
  'modified.configs',
  'modified.persisted_descriptions',
  'modified.relation',
  'modified.macros',
  'modified.contract',
] as const;

/** Whether a member is in a state (`modified`, `modified.body`, ...) against an earlier manifest. */
export function stateMatcher(
  state: string,
  manifest: Manifest,
  earlier: Manifest | undefined,
): (id: string, member: Member) => boolean {
  const compare = comparison(state, manifest, earlier);
  const before = earlier === undefined ? new Map<string, Member>() : members(earlier);
  return (id, member) => compare(before.get(id), member);
}

function comparison(text: string, manifest: Manifest, earlier: Manifest | undefined): Compare {
  const state = STATES.find((known) => known === text);
  if (state === undefined) {
    const near = nearest(text, STATES);
    const hint = near === undefined ? `One of ${STATES.join(', ')}.` : `Did you mean 'state:${near}'?`;
    throw selectorError(`'state:${text}' is no state`, undefined, hint);
  }
  if (earlier === undefined)
    throw selectorError(
      `'state:${text}' needs an earlier manifest`,
      undefined,
      'Give the folder of its manifest.json with --state.',
    );
  const macros = macroChanges(manifest, earlier);
  switch (state) {
    case 'new':
      return (before) => before === undefined;
    case 'old':
      return (before) => before !== undefined;
    case 'modified':
      return (before, now) => !sameContents(before, now) || macros(now);
    case 'unmodified':
      return (before, now) => sameContents(before, now) && !macros(now);
    case 'modified.macros':
      return (_, now) => macros(now);
    case 'modified.body':
      return (before, now) => isParsed(now) && (before === undefined || !sameBody(before as Node, now));
    case 'modified.configs':
      return (before, now) => hasConfigs(now) && (before === undefined || !sameConfig(before, now));
    case 'modified.persisted_descriptions':
      return (before, now) => isParsed(now) && (before === undefined || !sameDescriptions(before as Node, now));
    case 'modified.relation':
      return (before, now) =>
        now.resource_type === 'source'
          ? before === undefined || !sameSourceRelation(before as SourceNode, now as SourceNode)
          : isParsed(now) && (before === undefined || !sameRelation(before as Node, now));
    case 'modified.contract':
      return (before, now) => isParsed(now) && (before === undefined || !sameContract(before as Node, now));
  }
}

const PARSED = new Set(['model', 'seed', 'snapshot', 'test', 'analysis', 'operation', 'sql_operation', 'function']);

/** A member that comes from SQL, CSV or Python, in contrast to one that stands in YAML. */
function isParsed(member: Member): member is Node {
  return PARSED.has(member.resource_type);
}

function hasConfigs(member: Member): boolean {
  return member.resource_type !== 'unit_test';
}

/** dbt's rule for each kind. A source, exposure, metric, semantic model or saved query that is new counts as the same. */
function sameContents(before: Member | undefined, now: Member): boolean {
  switch (now.resource_type) {
    case 'source':
      return before === undefined || sameSource(before as SourceNode, now as SourceNode);
    case 'exposure':
      return (
        before === undefined ||
        (same(before, now, ['fqn', 'type', 'owner', 'maturity', 'url', 'description', 'label']) &&
          isDeepStrictEqual(dependencySet(before), dependencySet(now)) &&
          sameConfig(before, now))
      );
    case 'metric':
      return before === undefined || (same(before, now, ['type', 'description', 'label']) && sameConfig(before, now));
    case 'semantic_model':
      return before === undefined || same(before, now, SEMANTIC_MODEL);
    case 'saved_query':
      return before === undefined || sameSavedQuery(before, now);
    case 'unit_test':
      return before !== undefined && same(before, now, ['checksum']);
    case 'test':
      if ((now as Node).test_metadata !== undefined)
        return before !== undefined && sameConfig(before, now) && same(before, now, ['fqn']);
      return before !== undefined && sameNode(before as Node, now as Node);
    case 'model':
      return (
        before !== undefined &&
        sameNode(before as Node, now as Node) &&
        same(before, now, ['latest_version', 'access', 'deprecation_date'])
      );
    case 'function' as string:
      return (
        before !== undefined && sameNode(before as Node, now as Node) && same(before, now, ['arguments', 'returns'])
      );
    default:
      return before !== undefined && sameNode(before as Node, now as Node);
  }
}

const SEMANTIC_MODEL = [
  'model',
  'description',
  'defaults',
  'entities',
  'dimensions',
  'measures',
  'config',
  'primary_entity',
  'group',
];

function same(before: Member, now: Member, keys: readonly string[]): boolean {
  const [a, b] = [before as Record<string, unknown>, now as Record<string, unknown>];
  return keys.every((key) => isDeepStrictEqual(a[key] ?? null, b[key] ?? null));
}

function sameNode(before: Node, now: Node): boolean {
  return (
    sameBody(before, now) &&
    sameConfig(before, now) &&
    sameDescriptions(before, now) &&
    isDeepStrictEqual(before.fqn, now.fqn) &&
    sameRelation(before, now) &&
    sameContract(before, now)
  );
}

function sameBody(before: Node, now: Node): boolean {
  if (now.resource_type !== 'seed') return before.raw_code === now.raw_code;
  return isDeepStrictEqual(before.checksum, now.checksum);
}

/** Where a node goes and how it is labelled is no part of its config here. */
const NOT_COMPARED = new Set(['alias', 'schema', 'database', 'tags', 'group']);
const COMPARED_OF_TESTS = new Set([
  'severity',
  'where',
  'limit',
  'fail_calc',
  'warn_if',
  'error_if',
  'store_failures',
  'store_failures_as',
]);

function sameConfig(before: Member, now: Member): boolean {
  const type = now.resource_type;
  if (type === 'semantic_model' || type === 'saved_query') return same(before, now, ['config']);
  const a = unrendered(before);
  const b = unrendered(now);
  const compared = (key: string): boolean => {
    if (type === 'test') return COMPARED_OF_TESTS.has(key);
    if (type === 'source' || type === 'exposure') return true;
    return type === 'metric' ? key !== 'group' : !NOT_COMPARED.has(key);
  };
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter(compared)
    .every((key) => Object.hasOwn(a, key) === Object.hasOwn(b, key) && isDeepStrictEqual(a[key], b[key]));
}

function unrendered(member: Member): Record<string, unknown> {
  return (member.unrendered_config ?? {}) as Record<string, unknown>;
}

function sameDescriptions(before: Node, now: Node): boolean {
  const persisted = (now.config.persist_docs ?? {}) as { relation?: unknown; columns?: unknown };
  if (persisted.relation && before.description !== now.description) return false;
  return !persisted.columns || isDeepStrictEqual(columnDescriptions(before), columnDescriptions(now));
}

function columnDescriptions(node: Node): Record<string, string> {
  return Object.fromEntries(Object.entries(node.columns ?? {}).map(([name, column]) => [name, column.description]));
}

/** The configured database, schema and alias, before they are rendered: a target's own schema is no change. */
function sameRelation(before: Node, now: Node): boolean {
  const [a, b] = [unrendered(before), unrendered(now)];
  return ['database', 'schema', 'alias'].every((key) => isDeepStrictEqual(a[key] ?? null, b[key] ?? null));
}

function sameSource(before: SourceNode, now: SourceNode): boolean {
  return (
    sameSourceRelation(before, now) &&
    same(before, now, ['fqn', 'quoting', 'freshness', 'loaded_at_field', 'external']) &&
    sameConfig(before, now)
  );
}

function sameSourceRelation(before: SourceNode, now: SourceNode): boolean {
  return same(before, now, ['database', 'schema', 'identifier']);
}

function dependencySet(member: Member): Set<string> {
  return new Set((member as Node).depends_on?.nodes ?? []);
}

interface SavedQueryParts {
  readonly query_params?: { readonly metrics?: unknown; readonly group_by?: unknown; readonly where?: unknown };
  readonly exports?: readonly { readonly name: string; readonly unrendered_config?: Record<string, unknown> }[];
}

function sameSavedQuery(before: Member, now: Member): boolean {
  const [a, b] = [before as SavedQueryParts, now as SavedQueryParts];
  const parts = (query: SavedQueryParts) => [
    query.query_params?.metrics ?? null,
    query.query_params?.group_by ?? null,
    query.query_params?.where ?? null,
    (query.exports ?? []).map((item) => [
      item.name,
      ...['export_as', 'schema', 'alias'].map((key) => item.unrendered_config?.[key] ?? null),
    ]),
  ];
  return (
    isDeepStrictEqual(parts(a), parts(b)) && same(before, now, ['description', 'label', 'config', 'group', 'tags'])
  );
}

function contractOf(node: Node): { enforced: boolean; checksum: string | null } {
  const contract = node.contract;
  return { enforced: contract?.enforced === true, checksum: contract?.checksum ?? null };
}

function sameContract(before: Node, now: Node): boolean {
  if (now.resource_type !== 'model') return true;
  const [a, b] = [contractOf(before), contractOf(now)];
  if (!a.enforced && !b.enforced) return true;
  return a.enforced && b.enforced && a.checksum === b.checksum;
}

/** Tells of a member whether a macro it calls, at any remove, differs from the earlier manifest's. */
function macroChanges(manifest: Manifest, earlier: Manifest): (member: Member) => boolean {
  const changed = new Set<string>();
  for (const [id, macro] of Object.entries(manifest.macros))
    if (earlier.macros[id]?.macro_sql !== macro.macro_sql) changed.add(id);
  for (const id of Object.keys(earlier.macros)) if (manifest.macros[id] === undefined) changed.add(id);
  const known = new Map<string, boolean>();
  const isChanged = (id: string): boolean => {
    const before = known.get(id);
    if (before !== undefined) return before;
    known.set(id, changed.has(id));
    const answer = changed.has(id) || (manifest.macros[id]?.depends_on.macros ?? []).some(isChanged);
    known.set(id, answer);
    return answer;
  };
  return (member) => changed.size > 0 && ((member as Node).depends_on?.macros ?? []).some(isChanged);
}

/**
 * Breaks of enforced contracts since an earlier manifest: columns gone or of another type, the contract or the model gone.
 * An error for a versioned model, whose contract is a promise; else a warning.
 */
export function contractBreaks(manifest: Manifest, earlier: Manifest, included: ReadonlySet<string>): Diagnostic[] {
  const out: Diagnostic[] = [];
  for (const [id, before] of Object.entries(earlier.nodes)) {
    if (before.resource_type !== 'model' || !contractOf(before).enforced) continue;
    const now = manifest.nodes[id];
    if (now !== undefined && !included.has(id)) continue;
    const breaks = now === undefined ? removedModel(before, manifest) : contractChanges(before, now);
    if (breaks.length === 0) continue;
    const versioned = before.version !== null && before.version !== undefined;
    out.push({
      ...problem('breaking-contract', `The contract of ${before.name} is broken: ${breaks.join('; ')}`, {
        place: { file: (now ?? before).original_file_path, line: 1, column: 1 },
        hint: versioned ? 'Add a new version of the model instead.' : 'Consider a new version of the model.',
      }),
      severity: versioned ? 'error' : 'warning',
    });
  }
  return out;
}

function removedModel(before: Node, manifest: Manifest): string[] {
  const until = before.deprecation_date;
  if (typeof until === 'string' && Date.parse(until) < Date.parse(manifest.metadata.generated_at)) return [];
  return [manifest.disabled[before.unique_id] === undefined ? 'the model is gone' : 'the model is disabled'];
}

function contractChanges(before: Node, now: Node): string[] {
  const [a, b] = [contractOf(before), contractOf(now)];
  if (b.enforced && a.checksum === b.checksum) return [];
  const breaks: string[] = [];
  if (!b.enforced) breaks.push('it is no longer enforced');
  const columns = now.columns;
  for (const [name, column] of Object.entries(before.columns)) {
    const current = columns[name];
    if (current === undefined) breaks.push(`the column ${column.name} is gone`);
    else if (baseType(column) !== baseType(current))
      breaks.push(`the column ${column.name} is ${current.data_type} instead of ${column.data_type}`);
  }
  const holds = (node: Node) => node.config.materialized === 'table' || node.config.materialized === 'incremental';
  const constrained = Object.values(before.columns).some((column) => column.constraints.length > 0);
  if (holds(before) && !holds(now) && (constrained || (before.constraints ?? []).length > 0))
    breaks.push(`it is a ${now.config.materialized} now, which can not enforce its constraints`);
  return breaks;
}

/** A column's type without length and precision, whose change breaks no contract. */
function baseType(column: ColumnSpec): string {
  return (column.data_type ?? '').split('(')[0]?.trim().toLowerCase() ?? '';
}
