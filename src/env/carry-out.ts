/** The statements of a promotion, and what is written down of it. */
import { fingerprintSource, fingerprints } from '../plan/fingerprint.js';
import type { Engine } from '../run/engine.js';
import { orderByForeignKeys } from './foreign-keys.js';
import { forgetReaders } from './invalidate.js';
import { type Place, placeKey, render, samePlace } from './names.js';
import { listRelations, type Relations, viewSql } from './relations.js';
import type { Environment, EnvironmentNode, Production, Promotion, PromotionStep, StateStore } from './state.js';
import { createSchemas } from './switch-views.js';

/** Finishes a promotion that was killed on a warehouse that can't take DDL back. */
export async function finishPromotion(engine: Engine, store: StateStore): Promise<void> {
  const { intent } = await store.production();
  if (intent !== undefined) await carryOut(engine, store, intent);
}

/** In one transaction where the warehouse can; else the intent is written down first, and each step can be done twice. */
export async function carryOut(engine: Engine, store: StateStore, promotion: Promotion): Promise<void> {
  const { adapter } = engine;
  const { session } = store;
  const home = adapter.database.toLowerCase();
  const local = promotion.steps.every(({ name }) => (name.database ?? home).toLowerCase() === home);
  const whole = local && adapter.dialect.ddlCommits !== true;
  const environments = await store.environments();
  const shown = viewsOnKept(environments, promotion);
  const relations = await listRelations(
    engine,
    session,
    promotion.steps.flatMap(({ name }) => [name]),
  );
  const indexes = await indexesOf(engine, store, promotion);
  const { steps, copied } = await orderByForeignKeys(engine, store, promotion.steps);
  if (whole) await session.begin();
  else
    await store.update<Production>('production', '', (before) => ({
      nodes: before?.nodes ?? {},
      kept: before?.kept,
      intent: promotion,
    }));
  try {
    await createMissing(engine, store, promotion);
    for (const sql of indexes) await session.execute(sql, { fetch: false });
    for (const step of steps) {
      for (const sql of statementsOf(engine, step, relations, copied)) await session.execute(sql, { fetch: false });
    }
    for (const { node, keep } of shown) await session.execute(viewSql(engine, node.name, keep), { fetch: false });
    await writeDown(engine, store, promotion, environments, shown);
    if (whole) await session.commit();
  } catch (error) {
    await session.rollback();
    throw error;
  }
}

async function createMissing(engine: Engine, store: StateStore, { steps }: Promotion): Promise<void> {
  await createSchemas(
    engine,
    store,
    steps.map(({ name }) => name),
  );
}

/** As far as it has not been done already. */
function statementsOf(
  engine: Engine,
  step: PromotionStep,
  relations: Relations,
  copied: ReadonlySet<string>,
): string[] {
  const { name, place, keep, readers } = step;
  const grants = readers.map((reader) => `grant select on view ${render(engine, name)} to ${reader}`);
  const view = [viewSql(engine, name, place), ...grants];
  const there = relations.get(name);
  if (keep === null || there === undefined || relations.get(keep) !== undefined) return view;
  if (copied.has(placeKey(name))) {
    const [from, kept] = [render(engine, name), render(engine, keep)];
    return [`create table ${kept} as select * from ${from}`, `drop table ${from}`, ...view];
  }
  const kind = there.type === 'view' ? 'view' : 'table';
  const to =
    engine.adapter.dialect.ddlCommits === true
      ? render(engine, keep)
      : render(engine, { ...keep, database: null, schema: null });
  return [`alter ${kind} ${render(engine, name)} rename to ${to}`, ...view];
}

/** DuckDB renames no table that has an index: those of a table that is only kept are dropped. */
async function indexesOf(engine: Engine, store: StateStore, { steps }: Promotion): Promise<string[]> {
  if (engine.adapter.type !== 'duckdb') return [];
  const kept = new Map(steps.flatMap(({ name, keep }) => (keep === null ? [] : [[placeKey(name), name] as const])));
  const { rows } = await store.session.execute(
    'select database_name, schema_name, table_name, index_name from duckdb_indexes()',
  );
  return rows.flatMap(([database, schema, table, index]) => {
    const name = kept.get(placeKey({ database: String(database), schema: String(schema), identifier: String(table) }));
    return name === undefined ? [] : [`drop index ${render(engine, { ...name, identifier: String(index) })}`];
  });
}

interface Reshown {
  readonly environment: string;
  readonly id: string;
  readonly node: EnvironmentNode;
  readonly keep: Place;
}

/** Views of environments on plain relations that get another name. */
function viewsOnKept(environments: readonly Environment[], { steps }: Promotion): Reshown[] {
  const kept = new Map(steps.flatMap(({ name, keep }) => (keep === null ? [] : [[placeKey(name), keep] as const])));
  return environments.flatMap((environment) =>
    Object.entries(environment.nodes).flatMap(([id, node]) => {
      const keep = kept.get(placeKey(node.place));
      return keep === undefined ? [] : [{ environment: environment.name, id, node, keep }];
    }),
  );
}

async function writeDown(
  engine: Engine,
  store: StateStore,
  promotion: Promotion,
  environments: readonly Environment[],
  shown: readonly Reshown[],
): Promise<void> {
  const { steps } = promotion;
  const before = await store.production();
  const parts = fingerprints(engine.manifest, fingerprintSource(engine));
  const versions = [...(await store.versions()).values()];
  const builtAt = new Map(versions.map((version) => [placeKey(version.place), version.builtAt]));
  // What was plain is a version now, by which a change can be taken back.
  await store.addVersions(
    steps.flatMap(({ node, keep, keepsView }) => {
      const there = before.nodes[node];
      if (keep === null || keepsView || there === undefined || there.key === null) return [];
      return { node, key: there.key, place: keep, reads: [], builtAt: there.builtAt };
    }),
  );
  const keptViews = new Set(
    steps.flatMap(({ name, keep, keepsView }) => (keep !== null && keepsView ? [placeKey(name)] : [])),
  );
  for (const environment of environments) {
    const moved = shown.filter((view) => view.environment === environment.name);
    const unsure = Object.entries(environment.nodes).flatMap(([id, node]) =>
      keptViews.has(placeKey(node.place)) ? [id] : [],
    );
    // Another environment may show the same versions.
    const promoted = steps.filter(({ node, place }) => samePlace(environment.nodes[node]?.place, place));
    if (moved.length === 0 && unsure.length === 0 && promoted.length === 0) continue;
    await store.update<Environment>('environment', environment.name, (now = environment) => {
      const nodes: Record<string, EnvironmentNode> = { ...now.nodes };
      // It is still none of the environment's own changes, so that promoting that one does not bring it back.
      for (const { id, node, keep } of moved) nodes[id] = { ...node, place: keep };
      for (const { node, key } of promoted) {
        const own = nodes[node];
        if (own !== undefined) nodes[node] = { ...own, from: 'production', base: key };
      }
      return { ...now, nodes, pending: [...new Set([...now.pending, ...unsure])] };
    });
  }
  const replaced = steps.flatMap(({ name, keep }) => (keep === null ? [] : [name]));
  await forgetReaders(store, replaced, environments);
  await store.update<Production>('production', '', (now) => {
    const nodes = { ...now?.nodes };
    for (const { node, name, place, key } of steps) {
      const own = parts.get(node);
      nodes[node] = {
        key,
        parts: own?.version === key ? own : null,
        name,
        place,
        builtAt: builtAt.get(placeKey(place)) ?? '',
      };
    }
    return { nodes, kept: [...(now?.kept ?? []), ...steps.flatMap(({ keep }) => keep ?? [])] };
  });
}
