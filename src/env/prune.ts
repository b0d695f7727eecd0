/** Which relations no environment needs any more, and their end. */

import type { Engine } from '../run/engine.js';
import { finishPromotion } from './carry-out.js';
import { takeLease } from './leases.js';
import { ownSchema, type Place, placeKey } from './names.js';
import { dropSql, type Listed, listRelations } from './relations.js';
import type { Production, StateStore, Version } from './state.js';
import { switchAtOnce } from './switch-views.js';
import { withStore } from './workspace.js';

export interface Pruned {
  /** Relations that no environment shows and nothing reads that one shows. */
  readonly relations: readonly Place[];
  /** Versions that stay. */
  readonly kept: number;
}

export interface PruneOptions {
  readonly dryRun: boolean;
  /** Keep what was built in the last so many days. */
  readonly days: number;
}

/** Drops versions that no environment needs, what runs that were killed have left, and what promotions have put aside. */
export function prune(engine: Engine, { dryRun, days }: PruneOptions): Promise<Pruned> {
  return withStore(engine, async (store) => {
    if (!(await store.exists())) return { relations: [], kept: 0 };
    const lease = await takeLease(store, 'prune', '');
    try {
      await finishPromotion(engine, store);
      return await collect(engine, store, dryRun, new Date(Date.now() - days * 86_400_000).toISOString());
    } finally {
      await lease.release();
    }
  });
}

const STATE_TABLES = new Set(['state', 'versions', 'checks']);

async function collect(engine: Engine, store: StateStore, dryRun: boolean, since: string): Promise<Pruned> {
  const versions = [...(await store.versions()).values()];
  const production = await store.production();
  const environments = await store.environments();
  const needed = neededPlaces(
    [
      ...Object.values(production.nodes).map(({ place }) => place),
      ...environments.flatMap(({ nodes }) => Object.values(nodes).map(({ place }) => place)),
      ...versions.flatMap(({ place, builtAt }) => (builtAt >= since ? [place] : [])),
    ],
    versions,
  );
  const unneeded = versions.filter(({ place }) => !needed.has(placeKey(place)));
  const aside = (production.kept ?? []).filter((place) => !needed.has(placeKey(place)));
  const own = { database: engine.adapter.database, schema: ownSchema(engine) };
  const places = [own, ...versions.map(({ place }) => place), ...aside];
  const relations = await listRelations(engine, store.session, places);
  // Another project may share the schema.
  const known = new Set((await store.allPlaces()).map(placeKey));
  const leftovers = ownSchemas(engine, places).flatMap(({ database, schema }) =>
    relations
      .in(database, schema)
      .filter(({ place }) => !known.has(placeKey(place)) && !STATE_TABLES.has(place.identifier.toLowerCase())),
  );
  const drops = new Map<string, Listed>();
  for (const listed of [
    ...[...unneeded.map(({ place }) => place), ...aside].flatMap((place) => relations.get(place) ?? []),
    ...leftovers.filter(({ place }) => !needed.has(placeKey(place))),
  ])
    drops.set(placeKey(listed.place), listed);
  if (!dryRun) {
    const statements = [...drops.values()].map((listed) => ({
      sql: dropSql(engine, listed),
      database: listed.place.database,
    }));
    // Versions are forgotten first where the two can't go together: what is left behind is found the next time.
    if (engine.adapter.dialect.ddlCommits === true) await forget(store, unneeded, needed);
    await switchAtOnce(engine, store, statements, () => forget(store, unneeded, needed));
  }
  return { relations: [...drops.values()].map(({ place }) => place), kept: versions.length - unneeded.length };
}

async function forget(store: StateStore, versions: readonly Version[], needed: ReadonlySet<string>): Promise<void> {
  await store.removeVersions(versions);
  await store.update<Production>('production', '', (before = { nodes: {} }) => ({
    ...before,
    kept: (before.kept ?? []).filter((place) => needed.has(placeKey(place))),
  }));
}

/** The places themselves, and what those of them that are views read, at any remove. */
function neededPlaces(roots: readonly Place[], versions: readonly Version[]): ReadonlySet<string> {
  const reads = new Map(versions.map((version) => [placeKey(version.place), version.reads]));
  const needed = new Set<string>();
  const open = [...roots];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const key = placeKey(place);
    if (needed.has(key)) continue;
    needed.add(key);
    open.push(...(reads.get(key) ?? []));
  }
  return needed;
}

function ownSchemas(engine: Engine, places: readonly Pick<Place, 'database' | 'schema'>[]) {
  const own = ownSchema(engine).toLowerCase();
  const found = new Map<string, { readonly database: string | null; readonly schema: string }>();
  for (const { database, schema } of places)
    if (schema?.toLowerCase() === own)
      found.set((database ?? engine.adapter.database).toLowerCase(), { database, schema });
  return [...found.values()];
}
