/** A run in an environment: what is the same as in production is left alone, what differs is built into versions. */
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { Manifest, Node } from '../parse/node.js';
import type { Engine } from '../run/engine.js';
import type { NodeResult, RunListener } from '../run/events.js';
import type { RunHost } from '../run/tasks/run-task.js';
import { type Decision, hasRelation, inputsOf, toBuild } from './decide.js';
import { forgetVersions } from './invalidate.js';
import { type Lease, plainUnderWay, takeLease } from './leases.js';
import { checkName, environmentSchema, type Place, render, samePlace } from './names.js';
import { createPlacement, placeTests } from './placement.js';
import { type Progress, recordProgress } from './progress.js';
import { finishPromotion } from './promote.js';
import { dropSql, viewSql } from './relations.js';
import { type Environment, type EnvironmentNode, StateStore, type Version, versionId } from './state.js';
import { createSchemas, switchAtOnce } from './switch-views.js';
import { checkSchemas, isPlain, openWorkspace, type Workspace } from './workspace.js';

export interface EnvironmentRunOptions {
  readonly environment: string;
  /** Build again what has a version of its own: for new data, or a second run of an incremental model. */
  readonly refresh: boolean;
  /** `--state`: what production was built from. */
  readonly earlier?: Manifest | undefined;
  /** Models whose earlier batches stay (`retry`). */
  readonly continued?: ReadonlySet<string>;
  readonly listen?: RunListener | undefined;
}

/** A run that deals with environments: what `runTask` asks, and the end of it. */
export interface EnvironmentRun extends RunHost {
  readonly listen: RunListener;
  /** Whether nodes are elsewhere than the project has them. */
  placed(): boolean;
  close(): Promise<void>;
}

const NO_RELATION_READ = new Set(['table', 'incremental', 'seed', 'snapshot']);
export const FAILED: ReadonlySet<string> = new Set(['fail', 'error', 'runtime error']);

export async function buildInEnvironment(engine: Engine, options: EnvironmentRunOptions): Promise<EnvironmentRun> {
  const environment = checkName(options.environment);
  const session = await engine.adapter.session('environments');
  const store = new StateStore(engine, session);
  const placement = createPlacement(engine);
  let lease: Lease | undefined;
  let progress: Progress | undefined;
  let settle = async (_: readonly NodeResult[]): Promise<void> => undefined;
  const say = (message: string): void => options.listen?.({ kind: 'node-log', node: null, message, level: 'info' });
  return {
    listen: (event) => progress?.listen(event),
    placed: () => true,
    async arrange(ids) {
      await store.create();
      lease = await takeLease(store, 'build', environment);
      await finishPromotion(engine, store);
      const workspace = await openWorkspace(engine, store, true, { earlier: options.earlier, environment });
      checkSchemas(engine, workspace.names, environment);
      const decisions = workspace.decisions(environment);
      const work = chooseWork(engine, workspace, decisions, ids, options.refresh);
      refuseFixedFiles(engine, work.builds);
      await lease.claim([...work.builds].map((id) => versionId(id, decisions.get(id)?.key ?? '')));
      const extras = placeTests(engine, environment, placement);
      for (const [id, { action, place }] of decisions) {
        const node = engine.manifest.nodes[id];
        if (node !== undefined && (action !== 'build' || work.builds.has(id))) placement.move(node, place);
      }
      await begin(store, environment);
      await prepareVersions(engine, store, workspace, decisions, work.builds, options);
      progress = recordProgress(
        store,
        (id) => (work.builds.has(id) ? versionOf(engine, id, decisions) : undefined),
        workspace.checkKeys,
        workspace.checks,
      );
      const made = progress;
      settle = async (results) => {
        await made.finish();
        const built = await withoutMisled(engine, store, workspace, decisions, made.built);
        const reached = await settleEnvironment({
          engine,
          store,
          workspace,
          decisions,
          environment,
          built,
          results,
          extras,
          passed: new Set([...workspace.checks, ...passedOf(results, workspace.checkKeys)]),
        });
        say(reached);
      };
      say(planned(environment, work.builds, decisions, ids));
      return work.run;
    },
    settle: (results) => settle(results),
    async close() {
      try {
        await lease?.release();
      } finally {
        placement.undo();
        await session.close();
      }
    },
  };
}

/**
 * What was built, but for what has read a plain relation of production that has got, or is getting, other content meanwhile: that
 * is not what its key says.
 */
async function withoutMisled(
  engine: Engine,
  store: StateStore,
  { production }: Workspace,
  decisions: ReadonlyMap<string, Decision>,
  built: ReadonlyMap<string, Version>,
): Promise<ReadonlyMap<string, Version>> {
  const { nodes } = await store.production();
  const underWay = await plainUnderWay(store);
  const moved = new Set<string>();
  const misled: Version[] = [];
  for (const id of engine.graph.order) {
    const decision = decisions.get(id);
    const version = built.get(id);
    const there = production.nodes[id];
    if (decision?.action === 'production' && there !== undefined && isPlain(there)) {
      const keys = [nodes[id]?.key, underWay[id] ?? decision.key];
      if (keys.some((key) => key !== decision.key)) moved.add(id);
    }
    if (version === undefined || !inputsOf(id, engine.manifest, engine.graph).some((input) => moved.has(input)))
      continue;
    moved.add(id);
    misled.push(version);
  }
  await forgetVersions(store, misled, []);
  return new Map([...built].filter(([id]) => !moved.has(id)));
}

function planned(
  environment: string,
  builds: ReadonlySet<string>,
  decisions: ReadonlyMap<string, Decision>,
  ids: readonly string[],
): string {
  const selected = ids.filter((id) => decisions.has(id) && !builds.has(id));
  const count = (action: Decision['action']): number =>
    selected.filter((id) => decisions.get(id)?.action === action).length;
  const needed = [...builds].filter((id) => !ids.includes(id)).length;
  const more = needed === 0 ? '' : ` (${needed} of them not selected, but read)`;
  return `Environment ${environment}: ${builds.size} to build${more}, ${count('version')} built before, ${count('production')} as in production`;
}

interface Work {
  readonly builds: ReadonlySet<string>;
  /** What runs: `builds`, and the tests of what differs from production. */
  readonly run: readonly string[];
}

function chooseWork(
  engine: Engine,
  { checkKeys, checks }: Workspace,
  decisions: ReadonlyMap<string, Decision>,
  ids: readonly string[],
  refresh: boolean,
): Work {
  const { manifest, graph } = engine;
  const isTest = (id: string): boolean => checkKeys.has(id);
  const again = (id: string): boolean => refresh && decisions.get(id)?.action === 'version';
  const direct = ids.filter((id) => !isTest(id));
  const first = new Set([...toBuild(direct, decisions, graph), ...direct.filter(again)]);
  const reads = (id: string): readonly string[] => inputsOf(id, manifest, graph);
  const tests = ids.filter(
    (id) => isTest(id) && (!checks.has(checkKeys.get(id) ?? '') || reads(id).some((input) => first.has(input))),
  );
  const builds = new Set([...first, ...toBuild(tests.flatMap(reads), decisions, graph)]);
  // Exposures, which stand in the results only.
  const others = direct.filter((id) => !decisions.has(id) && reads(id).some((input) => builds.has(input)));
  return { builds, run: [...builds, ...tests, ...others] };
}

/** A file outside of the warehouse has no version: a model that names its file would overwrite production's. */
function refuseFixedFiles(engine: Engine, builds: ReadonlySet<string>): void {
  for (const id of builds) {
    const node = engine.manifest.nodes[id];
    if (node?.config.materialized !== 'external' || typeof node.config.location !== 'string') continue;
    throw new UpsqlError(
      problem(
        'environment-file',
        `${node.name} writes to ${node.config.location}, which production writes to as well`,
        {
          hint: "Leave 'location' away, so that the file gets the name of the version, or exclude the model.",
        },
      ),
    );
  }
}

async function begin(store: StateStore, environment: string): Promise<void> {
  const now = new Date().toISOString();
  await store.update<Environment>('environment', environment, (before) => ({
    ...(before ?? { name: environment, createdAt: now, nodes: {}, pending: [], failed: [], extras: [] }),
    builtAt: before?.builtAt ?? now,
    settled: false,
  }));
}

/** What was left of runs that did not end well goes, and histories are copied. */
async function prepareVersions(
  engine: Engine,
  store: StateStore,
  { relations }: Workspace,
  decisions: ReadonlyMap<string, Decision>,
  builds: ReadonlySet<string>,
  { continued }: EnvironmentRunOptions,
): Promise<void> {
  const chosen = [...builds].flatMap((id) => decisions.get(id) ?? []);
  await createSchemas(
    engine,
    store,
    chosen.map(({ place }) => place),
  );
  for (const id of builds) {
    const decision = decisions.get(id);
    if (decision === undefined || decision.action !== 'build' || continued?.has(id)) continue;
    const left = relations.get(decision.place);
    if (left !== undefined) await store.session.execute(dropSql(engine, left), { fetch: false });
    if (decision.copyOf !== null) await copyTable(engine, store, decision.place, decision.copyOf);
  }
}

export async function copyTable(engine: Engine, store: StateStore, to: Place, from: Place): Promise<void> {
  const source = render(engine, from);
  const how = engine.adapter.dialect.clonesTables === true ? `clone ${source}` : `as select * from ${source}`;
  await store.session.execute(`create table ${render(engine, to)} ${how}`, { fetch: false });
}

export function versionOf(
  engine: Engine,
  id: string,
  decisions: ReadonlyMap<string, Pick<Decision, 'key' | 'place'>>,
): Version | undefined {
  const decision = decisions.get(id);
  const node = engine.manifest.nodes[id];
  if (decision === undefined || !hasRelation(node)) return undefined;
  const isTable = NO_RELATION_READ.has(node.config.materialized) || node.resource_type !== 'model';
  const inputs = isTable ? [] : inputsOf(id, engine.manifest, engine.graph);
  return {
    node: id,
    key: decision.key,
    place: decision.place,
    reads: inputs.flatMap((input) => decisions.get(input)?.place ?? []),
    builtAt: new Date().toISOString(),
  };
}

export function passedOf(results: readonly NodeResult[], keys: ReadonlyMap<string, string>): string[] {
  return results.flatMap(({ node, status }) =>
    status === 'pass' || status === 'warn' ? (keys.get(node.unique_id) ?? []) : [],
  );
}

interface Settling {
  readonly engine: Engine;
  readonly store: StateStore;
  readonly workspace: Workspace;
  readonly decisions: ReadonlyMap<string, Decision>;
  readonly environment: string;
  readonly built: ReadonlyMap<string, Version>;
  readonly results: readonly NodeResult[];
  /** Where failing rows of tests are kept, by test. */
  readonly extras: ReadonlyMap<string, Place>;
  /** Keys of tests that have passed, also earlier. */
  readonly passed: ReadonlySet<string>;
}

/** Switches the environment's views to what there is now. Gives a line that says where the environment stands. */
async function settleEnvironment(settling: Settling): Promise<string> {
  const { engine, store, workspace, decisions, environment, results, passed } = settling;
  const before = await store.environment(environment);
  const nodes: Record<string, EnvironmentNode> = {};
  const pending: string[] = [];
  for (const [id, decision] of decisions) {
    const entry = shownNode(settling, id, decision, before?.nodes[id]);
    if (decision.action === 'build' && !settling.built.has(id)) pending.push(id);
    if (entry !== undefined) nodes[id] = entry;
  }
  const ran = new Map(results.map(({ node, status }) => [node.unique_id, status]));
  const failed = [...workspace.checkKeys].flatMap(([id, key]) => {
    const status = ran.get(id);
    const fails = status === undefined ? before?.failed.includes(id) && !passed.has(key) : FAILED.has(status);
    return fails ? [id] : [];
  });
  const kept = results.flatMap(({ node }) =>
    node.relation_name === null ? [] : (settling.extras.get(node.unique_id) ?? []),
  );
  const extras = [
    ...new Map([...(before?.extras ?? []), ...kept].map((place) => [JSON.stringify(place), place])).values(),
  ];
  const { relations } = workspace;
  const names = Object.values(nodes).map(({ name }) => name);
  await createSchemas(engine, store, names);
  const stale = Object.entries(nodes).filter(([id, node]) => {
    const shown = relations.get(node.name);
    if (shown !== undefined && shown.type !== 'view') throw notOurs(engine, node.name);
    return shown === undefined || !samePlace(before?.nodes[id]?.place, node.place) || settling.built.has(id);
  });
  const gone = Object.entries(before?.nodes ?? {}).filter(([id]) => nodes[id] === undefined);
  const statements = [
    ...stale.map(([, { name, place }]) => ({ sql: viewSql(engine, name, place), database: name.database })),
    ...gone.map(([, { name }]) => ({
      sql: dropSql(engine, { place: name, type: 'view' }),
      database: name.database,
    })),
  ];
  await switchAtOnce(engine, store, statements, async () => {
    await store.update<Environment>('environment', environment, (now) => ({
      name: environment,
      createdAt: now?.createdAt ?? new Date().toISOString(),
      builtAt: new Date().toISOString(),
      nodes,
      settled: true,
      pending,
      failed,
      extras,
    }));
  });
  return summary(environment, nodes, pending, failed);
}

function shownNode(
  { engine, workspace, environment, built }: Settling,
  id: string,
  decision: Decision,
  before: EnvironmentNode | undefined,
): EnvironmentNode | undefined {
  const production = workspace.names.get(id);
  if (production === undefined) return undefined;
  const there = workspace.production.nodes[id];
  const name = { ...production, schema: environmentSchema(production.schema, environment) };
  const common = { name, production, base: there?.key ?? null };
  const { action, key, preview, place } = decision;
  if (action === 'production') return { ...common, key, place, from: 'production' };
  if (action === 'version' || built.has(id)) return { ...common, key, place, from: preview ? 'preview' : 'version' };
  // Not built: what it showed before stays, else what production has.
  if (before !== undefined && before.from !== 'production' && workspace.relations.get(before.place) !== undefined)
    return { ...before, name };
  if (there === undefined || workspace.relations.get(there.place) === undefined) return undefined;
  const node: Node | undefined = engine.manifest.nodes[id];
  return node === undefined ? undefined : { ...common, key: there.key, place: there.place, from: 'production' };
}

function summary(
  environment: string,
  nodes: Readonly<Record<string, EnvironmentNode>>,
  pending: readonly string[],
  failed: readonly string[],
): string {
  const all = Object.values(nodes);
  const own = all.filter(({ from }) => from !== 'production').length;
  const parts = [`${own} ${own === 1 ? 'relation' : 'relations'} of its own, ${all.length - own} of production`];
  if (pending.length > 0) parts.push(`${pending.length} not built`);
  if (failed.length > 0) parts.push(`${failed.length} failing ${failed.length === 1 ? 'test' : 'tests'}`);
  const ready = pending.length === 0 && failed.length === 0;
  return `Environment ${environment} shows ${parts.join(', ')}${ready ? `: ready, upsql env promote ${environment}` : ''}`;
}

function notOurs(engine: Engine, place: Place): UpsqlError {
  return new UpsqlError(
    problem('environment-name-taken', `${render(engine, place)} is there already and is no view`, {
      hint: 'It is not of upsql: rename or drop it, or give the environment another name.',
    }),
    1,
  );
}
