/**
 * A run in production where there are environments. Plain relations are built as ever and it is noted from what; of a node that
 * was promoted, the version is built that production's view shows, or a new one when the project has changed.
 */
import type { Session } from '../adapters/adapter.js';
import type { Engine } from '../run/engine.js';
import type { NodeResult, RunListener } from '../run/events.js';
import { copyTable, type EnvironmentRun, passedOf, versionOf } from './build-environment.js';
import { finishPromotion } from './carry-out.js';
import { type Decision, hasRelation } from './decide.js';
import { endRun } from './end-run.js';
import { leaveOutForeignKeys } from './foreign-keys.js';
import { forgetReaders } from './invalidate.js';
import { type Lease, takeLease } from './leases.js';
import { ownSchema, versionPlace } from './names.js';
import { createPlacement } from './placement.js';
import { dropSql, viewSql } from './relations.js';
import { type Production, type ProductionNode, StateStore, type Version, versionId } from './state.js';
import { createSchemas, switchAtOnce } from './switch-views.js';
import { isPlain, openWorkspace, type Workspace } from './workspace.js';

export interface ProductionRunOptions {
  readonly fullRefresh: boolean;
  /** Models whose earlier batches stay (`retry`). */
  readonly continued?: ReadonlySet<string>;
  /** False where nodes are built with fewer rows than there are (`--empty`, `--sample`). */
  readonly whole: boolean;
  readonly listen?: RunListener | undefined;
}

/** What becomes of a promoted node. */
type Managed = Pick<Decision, 'key' | 'place' | 'copyOf'> & { readonly isNew: boolean };

/** Where there are no environments, nothing is done and nothing asked. */
export function buildInProduction(engine: Engine, options: ProductionRunOptions): EnvironmentRun {
  const placement = createPlacement(engine);
  let session: Session | undefined;
  let lease: Lease | undefined;
  let settle = async (_: readonly NodeResult[]): Promise<void> => undefined;
  return {
    listen: () => undefined,
    placed: () => placement.count() > 0,
    async arrange(ids, main) {
      const { adapter, runtime } = engine;
      if (!(await runtime.schemaExists(adapter.database, ownSchema(engine), await main()))) return ids;
      session = await adapter.session('environments');
      const store = new StateStore(engine, session);
      await store.create();
      lease = await takeLease(store, 'build', '');
      await finishPromotion(engine, store);
      const workspace = await openWorkspace(engine, store, true, { environment: '' });
      const selected = new Set(ids);
      const managed = chooseVersions(engine, workspace, selected, options);
      const chosen = [...managed].filter(([id]) => selected.has(id));
      await lease.claim(
        chosen.map(([id, { key }]) => versionId(id, key)),
        plainKeys(workspace, ids, managed),
      );
      for (const [id, { place }] of managed) {
        const node = engine.manifest.nodes[id];
        if (node !== undefined) placement.move(node, place);
      }
      for (const diagnostic of leaveOutForeignKeys(engine, placement, workspace.names, ids))
        options.listen?.({ kind: 'warning', diagnostic });
      await createSchemas(
        engine,
        store,
        chosen.map(([, { place }]) => place),
      );
      for (const [id, { place, copyOf, isNew }] of chosen) {
        const left = isNew && !options.continued?.has(id) ? workspace.relations.get(place) : undefined;
        if (left !== undefined) await store.session.execute(dropSql(engine, left), { fetch: false });
        if (copyOf !== null && !options.continued?.has(id)) await copyTable(engine, store, place, copyOf);
      }
      settle = (results) => settleProduction(engine, store, workspace, managed, results, options.whole);
      return ids;
    },
    settle: (results) => settle(results),
    close: () => endRun(placement, lease, session),
  };
}

/** Where promoted nodes are: of those that run, the version that the project is now, else what production shows. */
function chooseVersions(
  engine: Engine,
  { parts, production, versions, relations }: Workspace,
  selected: ReadonlySet<string>,
  { fullRefresh }: ProductionRunOptions,
): ReadonlyMap<string, Managed> {
  const managed = new Map<string, Managed>();
  for (const [id, there] of Object.entries(production.nodes)) {
    const node = engine.manifest.nodes[id];
    const key = parts.get(id)?.version;
    if (isPlain(there) || !hasRelation(node) || key === undefined) continue;
    if (there.key === key || !selected.has(id)) {
      managed.set(id, { key: there.key ?? key, place: there.place, copyOf: null, isNew: false });
      continue;
    }
    const known = versions.get(versionId(id, key));
    const place = known?.place ?? versionPlace(engine, node, key);
    const isNew = known === undefined || relations.get(place) === undefined;
    // As in dbt, an incremental model goes on with the rows that it has, unless a full refresh is asked for.
    const goesOn =
      node.resource_type === 'snapshot' ||
      (node.config.materialized === 'incremental' && !refreshes(node.config.full_refresh, fullRefresh));
    managed.set(id, { key, place, copyOf: isNew && goesOn ? there.place : null, isNew });
  }
  return managed;
}

const refreshes = (own: unknown, asked: boolean): boolean => (typeof own === 'boolean' ? own : asked);

/** Keys of the plain relations that are going to be built. */
function plainKeys(
  { parts }: Workspace,
  ids: readonly string[],
  managed: ReadonlyMap<string, Managed>,
): Record<string, string> {
  return Object.fromEntries(
    ids.flatMap((id) => {
      const key = managed.has(id) ? undefined : parts.get(id)?.version;
      return key === undefined ? [] : [[id, key] as const];
    }),
  );
}

async function settleProduction(
  engine: Engine,
  store: StateStore,
  workspace: Workspace,
  managed: ReadonlyMap<string, Managed>,
  results: readonly NodeResult[],
  whole: boolean,
): Promise<void> {
  const { parts, production, names, checkKeys, checks } = workspace;
  const now = new Date().toISOString();
  const changed: Record<string, ProductionNode> = {};
  const statements: { sql: string; database: string | null }[] = [];
  const built: Version[] = [];
  const places = new Map<string, Pick<Decision, 'key' | 'place'>>();
  for (const [id, { key, place, name }] of Object.entries(production.nodes))
    places.set(id, { key: key ?? '', place: place ?? name });
  for (const [id, node] of managed) places.set(id, node);
  for (const { node, status } of results) {
    const id = node.unique_id;
    const name = names.get(id);
    const own = parts.get(id);
    if (name === undefined || own === undefined || !hasRelation(node) || status === 'skipped') continue;
    const went = status === 'success';
    const version = managed.get(id);
    if (version === undefined) {
      const isKnown = went && whole;
      changed[id] = { key: isKnown ? own.version : null, parts: isKnown ? own : null, name, place: name, builtAt: now };
      continue;
    }
    if (!went) continue;
    const made = versionOf(engine, id, places);
    if (made !== undefined) built.push(made);
    changed[id] = { key: version.key, parts: own, name, place: version.place, builtAt: now };
    statements.push({ sql: viewSql(engine, name, version.place), database: name.database });
  }
  const passed = whole ? passedOf(results, checkKeys).filter((key) => !checks.has(key)) : [];
  if (Object.keys(changed).length === 0 && passed.length === 0) return;
  const replaced = Object.entries(changed).flatMap(([id, { key, name }]) =>
    managed.has(id) || production.nodes[id]?.key === key ? [] : [name],
  );
  const environments = replaced.length === 0 ? [] : await store.environments();
  await switchAtOnce(engine, store, statements, async () => {
    await store.addVersions(built);
    await store.addChecks([...new Set(passed)]);
    await forgetReaders(store, replaced, environments);
    await store.update<Production>('production', '', (before) => ({
      ...before,
      nodes: { ...before?.nodes, ...changed },
    }));
  });
}
