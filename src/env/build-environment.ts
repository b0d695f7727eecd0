/** A run in an environment: what is the same as in production is left alone, what differs is built into versions. */
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { Manifest } from '../parse/node.js';
import type { Engine } from '../run/engine.js';
import type { NodeResult, RunListener } from '../run/events.js';
import type { RunHost } from '../run/tasks/run-task.js';
import { finishPromotion } from './carry-out.js';
import { type Decision, hasRelation, inputsOf, toBuild } from './decide.js';
import { endRun } from './end-run.js';
import { leaveOutForeignKeys } from './foreign-keys.js';
import { forgetVersions } from './invalidate.js';
import { type Lease, plainUnderWay, takeLease } from './leases.js';
import { checkName, type Place, render } from './names.js';
import { createPlacement, placeTests } from './placement.js';
import { type Progress, recordProgress } from './progress.js';
import { dropSql } from './relations.js';
import { settleEnvironment } from './settle-environment.js';
import { type Environment, StateStore, type Version, versionId } from './state.js';
import { createSchemas } from './switch-views.js';
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
      for (const diagnostic of leaveOutForeignKeys(engine, placement, workspace.names, work.builds))
        options.listen?.({ kind: 'warning', diagnostic });
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
    close: () => endRun(placement, lease, session),
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
