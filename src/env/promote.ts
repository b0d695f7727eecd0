/** Production takes over what an environment has built: its relations become views on those versions. Nothing is built. */

import { problem, UpsqlError } from '../diagnostics/index.js';
import type { Engine } from '../run/engine.js';
import { carryOut, finishPromotion } from './carry-out.js';
import { takeLease } from './leases.js';
import { checkName, type Place, placeKey, samePlace } from './names.js';
import { listRelations, type Relations, readersOf } from './relations.js';
import type { Environment, Promotion, PromotionStep, StateStore } from './state.js';
import { isPlain, withStore } from './workspace.js';

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
  return withStore(engine, async (store) => {
    if (!(await store.exists())) throw unknownEnvironment(environment, []);
    const lease = await takeLease(store, 'promote', environment);
    try {
      await finishPromotion(engine, store);
      const { promotion, refusal, ...told } = await planPromotion(engine, store, environment);
      if (refusal !== undefined) throw refusal;
      if (!dryRun && promotion.steps.length > 0) await carryOut(engine, store, promotion);
      return told;
    } finally {
      await lease.release();
    }
  });
}

/** What a promotion would do now, without a hold on anything: also of an environment that can't be promoted yet. */
export interface PromotionPreview extends Promoted {
  /** Why it would be refused. */
  readonly refusal: UpsqlError | undefined;
  /** Production's name of each node that it would show anew, and the environment's view of it. */
  readonly places: ReadonlyMap<string, { readonly production: Place; readonly environment: Place }>;
}

export async function previewPromotion(engine: Engine, environment: string): Promise<PromotionPreview> {
  checkName(environment);
  return withStore(engine, async (store) => {
    if (!(await store.exists())) throw unknownEnvironment(environment, []);
    const { promotion, ...told } = await planPromotion(engine, store, environment);
    const shown = (await store.environment(environment))?.nodes ?? {};
    const places = promotion.steps.flatMap(({ node, name }) => {
      const view = shown[node]?.name;
      return view === undefined ? [] : [[node, { production: name, environment: view }] as const];
    });
    return { ...told, places: new Map(places) };
  });
}

export function unknownEnvironment(name: string, known: readonly string[]): UpsqlError {
  const hint = known.length === 0 ? `Build it: upsql build --env ${name}` : `There are: ${known.join(', ')}.`;
  return new UpsqlError(problem('unknown-environment', `There is no environment '${name}'`, { hint }));
}

async function planPromotion(
  engine: Engine,
  store: StateStore,
  environment: string,
): Promise<Promoted & { readonly promotion: Promotion; readonly refusal: UpsqlError | undefined }> {
  const env = await store.environment(environment);
  if (env === undefined)
    throw unknownEnvironment(
      environment,
      (await store.environments()).map(({ name }) => name),
    );
  let refusal = refusalOf(env);
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
  if (moved.length > 0) refusal ??= movedOn(environment, moved);
  if (lost.length > 0) refusal ??= notReady(environment, `relations are gone that it shows: ${listed(lost)}`);
  const promotion = { environment, steps };
  const kept = steps.flatMap(({ keep }) => keep ?? []);
  return { promotion, refusal, nodes: steps.map(({ node }) => node), left, older, kept };
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

function refusalOf({ name, settled, pending, failed }: Environment): UpsqlError | undefined {
  if (!settled) return notReady(name, 'its last build did not come to an end');
  if (pending.length > 0) return notReady(name, `not built: ${listed(pending)}`);
  return failed.length > 0 ? notReady(name, `tests that fail: ${listed(failed)}`) : undefined;
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
