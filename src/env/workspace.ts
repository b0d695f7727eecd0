/** What a command on environments works with: the state, the project's keys, and what the warehouse holds. */
import { isDeepStrictEqual } from 'node:util';
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { Manifest } from '../parse/node.js';
import { checkKeys } from '../plan/checks.js';
import { fingerprintSource, fingerprints, type Parts } from '../plan/fingerprint.js';
import { readRecord, recordOfManifest } from '../plan/record.js';
import type { Engine } from '../run/engine.js';
import { type Decision, decide, hasRelation } from './decide.js';
import { environmentSchema, ownSchema, type Place, versionPlace } from './names.js';
import { productionNames } from './placement.js';
import { listRelations, type Relations } from './relations.js';
import { type Production, type ProductionNode, StateStore, type Version } from './state.js';
import { withRefusals } from './warehouse-refusal.js';

export interface Workspace {
  readonly parts: ReadonlyMap<string, Parts>;
  /** Keys of tests. */
  readonly checkKeys: ReadonlyMap<string, string>;
  /** Where production has its nodes. */
  readonly names: ReadonlyMap<string, Place>;
  readonly production: Production;
  readonly versions: ReadonlyMap<string, Version>;
  /** Keys of tests that have passed. */
  readonly checks: ReadonlySet<string>;
  readonly relations: Relations;
  decisions(environment: string): ReadonlyMap<string, Decision>;
}

export interface WorkspaceOptions {
  /** The manifest that production's plain relations were built from (`--state`). */
  readonly earlier?: Manifest | undefined;
  /** The environment whose schemas are looked into; '' for none. */
  readonly environment: string;
  /** What is found out about production is not written down. */
  readonly readOnly?: boolean;
}

/** Reads what there is. Nodes must not have been placed yet. `store` may have no tables (`known` false): all is then new. */
export async function openWorkspace(
  engine: Engine,
  store: StateStore,
  known: boolean,
  { earlier, environment, readOnly = false }: WorkspaceOptions,
): Promise<Workspace> {
  const { manifest, graph } = engine;
  const parts = fingerprints(manifest, fingerprintSource(engine));
  const names = productionNames(engine);
  const versions = known ? await store.versions() : new Map<string, Version>();
  const noted: ReadonlySet<string> = known ? await store.checks() : new Set();
  const checks = new Set(noted);
  const stored = known ? await store.production() : { nodes: {} };
  const places = placesToRead(engine, names, stored, versions, environment);
  const relations = await listRelations(engine, store.session, places);
  const production = adopt(engine, stored, names, relations, earlier, checks);
  if (known && !readOnly) {
    await writeAdopted(store, stored, production);
    await store.addChecks([...checks].filter((key) => !noted.has(key)));
  }
  return {
    parts,
    checkKeys: checkKeys(manifest, parts),
    names,
    production,
    versions,
    checks,
    relations,
    decisions: (name) =>
      decide({
        manifest,
        graph,
        parts,
        environment: name,
        production,
        versions,
        exists: (place) => relations.get(place) !== undefined,
        versionPlace: (node, key) => versionPlace(engine, node, key),
      }),
  };
}

function placesToRead(
  engine: Engine,
  names: ReadonlyMap<string, Place>,
  production: Production,
  versions: ReadonlyMap<string, Version>,
  environment: string,
): Pick<Place, 'database' | 'schema'>[] {
  const own = Object.values(engine.manifest.nodes).filter(hasRelation);
  return own
    .flatMap((node) => {
      const { database, schema } = names.get(node.unique_id) ?? node;
      const shown = environment === '' ? [] : [{ database, schema: environmentSchema(schema, environment) }];
      return [{ database, schema }, { database, schema: ownSchema(engine) }, ...shown];
    })
    .concat(Object.values(production.nodes).flatMap(({ name, place }) => [name, place]))
    .concat([...versions.values()].map(({ place }) => place));
}

/**
 * Production as it is known: from the state, and for plain relations that it does not know from `--state` or from the record
 * of this checkout. Passed tests of those are added to `checks`.
 */
function adopt(
  engine: Engine,
  stored: Production,
  names: ReadonlyMap<string, Place>,
  relations: Relations,
  earlier: Manifest | undefined,
  checks: Set<string>,
): Production {
  const { manifest, project } = engine;
  const record = earlier === undefined ? readRecord(project) : recordOfManifest(earlier, fingerprintSource(engine));
  const nodes: Record<string, ProductionNode> = {};
  for (const [id, node] of Object.entries(stored.nodes)) {
    // A view on a version that something else has replaced is production's no more.
    const plain = isPlain(node);
    const shown = relations.get(node.name);
    if (shown !== undefined && (plain || shown.type === 'view')) nodes[id] = node;
  }
  let adopted = false;
  for (const node of Object.values(manifest.nodes)) {
    const id = node.unique_id;
    const name = names.get(id);
    if (!hasRelation(node) || name === undefined || relations.get(name) === undefined) continue;
    const known = nodes[id];
    const built = record.nodes[id];
    if (known !== undefined && !(isPlain(known) && (known.key === null || earlier !== undefined))) continue;
    if (built === undefined || record.unsure.has(id) || !sameRelation(built.relation, node.relation_name, earlier)) {
      nodes[id] ??= { key: null, parts: null, name, place: name, builtAt: '' };
      continue;
    }
    const { compiled: _, built_at: builtAt, ...parts } = built;
    nodes[id] = { key: built.version, parts, name, place: name, builtAt };
    adopted = true;
  }
  if (adopted) for (const key of record.checks) checks.add(key);
  return { ...stored, nodes };
}

/** What was found out about production is there for others too; what somebody else has written meanwhile stays. */
async function writeAdopted(store: StateStore, stored: Production, now: Production): Promise<void> {
  const differs = (id: string): boolean => !isDeepStrictEqual(stored.nodes[id], now.nodes[id]);
  const changed = [...new Set([...Object.keys(stored.nodes), ...Object.keys(now.nodes)])].filter(differs);
  if (changed.length === 0) return;
  await store.update<Production>('production', '', (before = { nodes: {} }) => {
    const nodes = { ...before.nodes };
    for (const id of changed) {
      if (!isDeepStrictEqual(nodes[id], stored.nodes[id])) continue;
      const node = now.nodes[id];
      if (node === undefined) delete nodes[id];
      else nodes[id] = node;
    }
    return { ...before, nodes };
  });
}

/** A manifest of another checkout may name the database in another way. */
const sameRelation = (before: string | null, now: string | null, earlier: Manifest | undefined): boolean =>
  earlier !== undefined || before === now;

/** Whether production has the node as `upsql build` makes it, not as a view on a version. */
export const isPlain = ({ name, place }: Pick<ProductionNode, 'name' | 'place'>): boolean =>
  name.schema === place.schema && name.identifier === place.identifier && name.database === place.database;

/** @throws UpsqlError where a schema of the project has the name that the environment's schemas would get. */
export function checkSchemas(engine: Engine, names: ReadonlyMap<string, Place>, environment: string): void {
  const nodes = Object.values(engine.manifest.nodes).filter(hasRelation);
  const schemas = new Set(nodes.map(({ unique_id: id }) => names.get(id)?.schema?.toLowerCase()));
  const taken = [...schemas].find((schema) => schemas.has(environmentSchema(schema ?? null, environment)));
  if (taken !== undefined)
    throw new UpsqlError(
      problem('invalid-environment', `The project itself builds into ${environmentSchema(taken, environment)}`, {
        hint: 'Give the environment another name.',
      }),
    );
}

/** Lends a session with the state on it. */
export function withStore<T>(engine: Engine, work: (store: StateStore) => Promise<T>): Promise<T> {
  return withRefusals(async () => {
    const session = await engine.adapter.session('environments');
    try {
      return await work(new StateStore(engine, session));
    } finally {
      await session.close();
    }
  });
}
