/** Production takes over what an environment has built: its relations become views on those versions. Nothing is built. */
import { problem, UpsqlError } from '../diagnostics/index.js';
import { fingerprintSource, fingerprints } from '../plan/fingerprint.js';
import type { Engine } from '../run/engine.js';
import { forgetReaders } from './invalidate.js';
import { takeLease } from './leases.js';
import { checkName, type Place, placeKey, render, samePlace } from './names.js';
import { listRelations, type Relations, readersOf, viewSql } from './relations.js';
import {
  type Environment,
  type EnvironmentNode,
  type Production,
  type Promotion,
  type PromotionStep,
  StateStore,
} from './state.js';
import { createSchemas } from './switch-views.js';
import { isPlain } from './workspace.js';

export interface Promoted {
  /** Nodes that production shows anew, in the order of their ids. */
  readonly nodes: readonly string[];
  /** Nodes that production's next build makes, since they hang on a history that stays production's own. */
  readonly left: readonly string[];
  /** Nodes whose production was built after the version that took its place. */
  readonly older: readonly string[];
  /** Where plain relations went whose names are views now. */
  readonly kept: readonly Place[];
}

/**
 * Makes production's names views on the environment's versions. Plain relations are renamed and kept, and other environments that
 * show them show them under their new name. @throws UpsqlError, with nothing changed, when the environment is not wholly
 * built and tested, or production has moved on since.
 */
export async function promote(engine: Engine, environment: string, dryRun = false): Promise<Promoted> {
  checkName(environment);
  const session = await engine.adapter.session('environments');
  const store = new StateStore(engine, session);
  try {
    if (!(await store.exists())) throw unknownEnvironment(environment, []);
    const lease = await takeLease(store, 'promote', environment);
    try {
      await finishPromotion(engine, store);
      const { promotion, ...told } = await planPromotion(engine, store, environment);
      if (!dryRun && promotion.steps.length > 0) await carryOut(engine, store, promotion);
      return told;
    } finally {
      await lease.release();
    }
  } finally {
    await session.close();
  }
}

export function unknownEnvironment(name: string, known: readonly string[]): UpsqlError {
  const hint = known.length === 0 ? `Build it: upsql build --env ${name}` : `There are: ${known.join(', ')}.`;
  return new UpsqlError(problem('unknown-environment', `There is no environment '${name}'`, { hint }));
}

async function planPromotion(
  engine: Engine,
  store: StateStore,
  environment: string,
): Promise<Promoted & { readonly promotion: Promotion }> {
  const env = await store.environment(environment);
  if (env === undefined)
    throw unknownEnvironment(
      environment,
      (await store.environments()).map(({ name }) => name),
    );
  checkReady(env);
  const production = await store.production();
  const versions = [...(await store.versions()).values()];
  const builtAt = new Map(versions.map((version) => [placeKey(version.place), version.builtAt]));
  const own = Object.entries(env.nodes).filter(([, { from }]) => from !== 'production');
  const relations = await listRelations(engine, store.session, [
    ...own.flatMap(([, { production: name, place }]) => [name, place]),
  ]);
  const steps: PromotionStep[] = [];
  const left: string[] = [];
  const older: string[] = [];
  const moved: string[] = [];
  const lost: string[] = [];
  for (const [id, node] of own.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const there = production.nodes[id];
    const name = node.production;
    if (samePlace(there?.place, node.place) && isView(relations, name)) continue;
    if (node.from === 'preview') {
      left.push(id);
      continue;
    }
    if ((there?.key ?? null) !== node.base) moved.push(id);
    if (relations.get(node.place) === undefined) lost.push(id);
    const shown = relations.get(name);
    const plain = shown !== undefined && (there === undefined || isPlain(there) || shown.type !== 'view');
    const keep = plain ? { ...name, identifier: keptName(name, there?.key ?? null, relations) } : null;
    if (there !== undefined && there.builtAt > (builtAt.get(placeKey(node.place)) ?? '')) older.push(id);
    const { session } = store;
    const readers = new Set([
      ...(await readersOf(engine, session, shown)),
      ...(await readersOf(engine, session, relations.get(node.place))),
    ]);
    const step = { node: id, name, place: node.place, keep, key: node.key ?? '', readers: [...readers] };
    steps.push({ ...step, keepsView: shown?.type === 'view' });
  }
  if (moved.length > 0) throw movedOn(environment, moved);
  if (lost.length > 0) throw notReady(environment, `relations are gone that it shows: ${lost.map(short).join(', ')}`);
  const promotion = { environment, steps };
  const kept = steps.flatMap(({ keep }) => keep ?? []);
  return { promotion, nodes: steps.map(({ node }) => node), left, older, kept };
}

const isView = (relations: Relations, place: Place): boolean => relations.get(place)?.type === 'view';
const short = (id: string): string => id.split('.').slice(2).join('.');

function keptName(name: Place, key: string | null, relations: Relations): string {
  const base = `${name.identifier}__${(key ?? 'unknown').slice(0, 10)}`;
  for (let n = 1; ; n++) {
    const identifier = n === 1 ? base : `${base}_${n}`;
    if (relations.get({ ...name, identifier }) === undefined) return identifier;
  }
}

function checkReady({ name, settled, pending, failed }: Environment): void {
  if (!settled) throw notReady(name, 'its last build did not come to an end');
  if (pending.length > 0) throw notReady(name, `not built: ${listed(pending)}`);
  if (failed.length > 0) throw notReady(name, `tests that fail: ${listed(failed)}`);
}

function listed(ids: readonly string[]): string {
  const names = ids.slice(0, 10).map(short);
  return ids.length > names.length ? `${names.join(', ')} and ${ids.length - names.length} more` : names.join(', ');
}

function notReady(environment: string, why: string): UpsqlError {
  return new UpsqlError(
    problem('environment-not-ready', `${environment} can't be promoted: ${why}`, {
      hint: `Build it first: upsql build --env ${environment}`,
    }),
    1,
  );
}

function movedOn(environment: string, ids: readonly string[]): UpsqlError {
  return new UpsqlError(
    problem(
      'production-moved-on',
      `${environment} can't be promoted: production has changed since it was built: ${listed(ids)}`,
      {
        hint: `Bring your checkout up to date, so that the other change is not undone, then: upsql build --env ${environment}`,
      },
    ),
    1,
  );
}

/** Finishes a promotion that was killed on a warehouse that can't take DDL back. */
export async function finishPromotion(engine: Engine, store: StateStore): Promise<void> {
  const { intent } = await store.production();
  if (intent !== undefined) await carryOut(engine, store, intent);
}

async function carryOut(engine: Engine, store: StateStore, promotion: Promotion): Promise<void> {
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
    for (const step of promotion.steps) {
      for (const sql of statementsOf(engine, step, relations)) await session.execute(sql, { fetch: false });
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
function statementsOf(engine: Engine, step: PromotionStep, relations: Relations): string[] {
  const { name, place, keep, readers } = step;
  const grants = readers.map((reader) => `grant select on view ${render(engine, name)} to ${reader}`);
  const view = [viewSql(engine, name, place), ...grants];
  const there = relations.get(name);
  if (keep === null || there === undefined || relations.get(keep) !== undefined) return view;
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
      for (const { id, node, keep } of moved) nodes[id] = { ...node, place: keep, from: 'version' };
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
