import type { Graph } from '../graph/index.js';
import type { Manifest, Node } from '../parse/node.js';
import { changedKeys, isBuilt, type Parts } from './fingerprint.js';
import { type BuildRecord, compiledHash } from './record.js';

/**
 * Why a node is to be built: it is new; it was built, but not known from what; its relation is gone; a run was killed while
 * it built it; its SQL, its file (seeds), its configs, macros, trained models, place or contract changed; its SQL gives another text (a variable,
 * a query); something that it is built from changed.
 */
export type ReasonKind =
  | 'new'
  | 'unrecorded'
  | 'missing'
  | 'interrupted'
  | 'sql'
  | 'data'
  | 'config'
  | 'macros'
  | 'models'
  | 'relation'
  | 'contract'
  | 'compiled'
  | 'upstream';

export interface Reason {
  readonly kind: ReasonKind;
  /** Keys of configs, ids of macros or parents, trained models. */
  readonly names: readonly string[];
}

/** Reasons that leave the content as it was, so that what is built from the node need not be built again. */
const SAME_CONTENT = new Set<ReasonKind>(['missing', 'relation', 'interrupted', 'unrecorded']);

export interface ReasonOptions {
  readonly manifest: Manifest;
  readonly graph: Graph;
  readonly now: ReadonlyMap<string, Parts>;
  readonly record: BuildRecord;
  /** Whether the record is of this target, so that places and compiled SQL compare. */
  readonly sameTarget: boolean;
  readonly exists: (node: Node) => boolean;
  /** What `ChangePlanOptions.isSame` says. */
  readonly isSame?: ((id: string) => boolean) | undefined;
}

/** Reasons of each model, seed and snapshot, in the order of the graph; none: it can stay as it is. */
export function reasonsOf(options: ReasonOptions): ReadonlyMap<string, readonly Reason[]> {
  const { manifest, graph } = options;
  const all = new Map<string, readonly Reason[]>();
  const changed = new Set<string>();
  for (const id of graph.order) {
    const node = manifest.nodes[id];
    if (node === undefined || !isBuilt(node)) continue;
    if (options.isSame?.(id) === true) {
      all.set(id, []);
      continue;
    }
    const own = ownReasons(node, options);
    const parents = (graph.parents.get(id) ?? []).filter(
      (parent) => changed.has(parent) || differs(id, parent, options),
    );
    const upstream: Reason[] =
      parents.length > 0 && !own.some(({ kind }) => kind === 'new') ? [{ kind: 'upstream', names: parents }] : [];
    // The version has more in it than what is compared one by one: variables.
    if (options.isSame !== undefined && own.length === 0 && upstream.length === 0)
      own.push({ kind: 'compiled', names: [] });
    const reasons = upstream.length > 0 ? [...own.filter(({ kind }) => kind !== 'compiled'), ...upstream] : own;
    all.set(id, reasons);
    if (reasons.some(({ kind }) => !SAME_CONTENT.has(kind))) changed.add(id);
  }
  return all;
}

/** Whether the node was last built from another parent than there is now. */
function differs(id: string, parent: string, { record, now }: ReasonOptions): boolean {
  const before = record.nodes[id]?.parents[parent];
  const current = now.get(id)?.parents[parent];
  return before !== undefined && before !== current;
}

/** Which versions of trained models the engine found promoted (`ml_models`), as `churn: version 1 → version 2`. */
function changedModels(before: Parts, current: Parts): readonly string[] {
  const promoted = ({ config }: Parts) => (config[MODELS] ?? {}) as Readonly<Record<string, string | null>>;
  const told = (version: string | null | undefined): string =>
    version === null || version === undefined ? 'none' : `version ${version.split(' ')[0]}`;
  return changedKeys(promoted(before), promoted(current)).map((name) => {
    const versions = [promoted(before), promoted(current)].map((all) => told(all[name]));
    // A version may have been trained anew under its number.
    return versions[0] === versions[1] ? `${name}: ${versions[0]}, other content` : `${name}: ${versions.join(' → ')}`;
  });
}

const MODELS = 'ml_models';

function ownReasons(node: Node, options: ReasonOptions): Reason[] {
  const { record, now, sameTarget, exists } = options;
  const id = node.unique_id;
  const before = record.nodes[id];
  const current = now.get(id);
  const ephemeral = node.config.materialized === 'ephemeral';
  if (current === undefined || (ephemeral && before === undefined)) return [];
  const one = (kind: ReasonKind, names: readonly string[] = []): Reason => ({ kind, names });
  if (record.unsure.has(id)) return [one('interrupted')];
  if (before === undefined) return [one(sameTarget && exists(node) ? 'unrecorded' : 'new')];
  const reasons: Reason[] = [];
  if (sameTarget && !ephemeral && !exists(node)) reasons.push(one('missing'));
  if (before.body !== current.body) reasons.push(one(node.resource_type === 'seed' ? 'data' : 'sql'));
  const config = changedKeys(before.config, current.config).filter((key) => key !== MODELS);
  if (config.length > 0) reasons.push(one('config', config));
  const macros = changedKeys(before.macros, current.macros);
  if (macros.length > 0) reasons.push(one('macros', macros));
  const models = changedModels(before, current);
  if (models.length > 0) reasons.push(one('models', models));
  if (before.contract !== current.contract) reasons.push(one('contract'));
  if (sameTarget && before.relation !== current.relation) reasons.push(one('relation'));
  const compiled = compiledHash(node);
  if (
    reasons.length === 0 &&
    sameTarget &&
    compiled !== null &&
    before.compiled !== null &&
    before.compiled !== compiled
  )
    reasons.push(one('compiled'));
  return reasons;
}
