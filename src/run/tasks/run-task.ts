import { DatabaseError, type Session } from '../../adapters/adapter.js';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { Node } from '../../parse/node.js';
import type { Engine } from '../engine.js';
import type { NodeResult, NodeStatus, RunListener, RunOutcome } from '../events.js';
import { blankResult } from '../execute.js';
import { type HookKind, runHooks } from '../hooks.js';
import { countNodes, makePlan, type PlanOptions, type PlanSpec, selectedIds } from '../plan.js';
import { runPlan } from '../scheduler.js';

export interface TaskOptions extends PlanOptions {
  /** Nodes at the same time; default: the target's `threads`. */
  readonly threads?: number | undefined;
  /** Stop at the first node that fails. */
  readonly failFast?: boolean;
  /** Stops the run: statements are cancelled, results so far are kept, what has not run is `skipped`. */
  readonly signal?: AbortSignal | undefined;
  readonly listen?: RunListener | undefined;
  readonly host?: RunHost | undefined;
}

/** What takes part in a run from outside: environments. */
export interface RunHost {
  /** Gets the selected ids before anything runs, and gives what is to run in their place. `session` is the run's own. */
  arrange(ids: readonly string[], session: () => Promise<Session>): Promise<readonly string[]>;
  /** After the nodes, before on-run-end. */
  settle(results: readonly NodeResult[]): Promise<void>;
}

export interface TaskSpec extends PlanSpec {
  /** Whether on-run-start and on-run-end run, and schemas are made. */
  readonly changesWarehouse: boolean;
  /** False leaves the project's hooks out. Default true. */
  readonly hooks?: boolean;
}

/** Runs the selected nodes of a command between the project's hooks, as dbt's commands of this shape do. */
export async function runTask(engine: Engine, spec: TaskSpec, options: TaskOptions): Promise<RunOutcome> {
  const { signal } = options;
  let warned = false;
  const listen: RunListener = (event) => {
    warned ||= event.kind === 'warning';
    options.listen?.(event);
  };
  const main = lazySession(engine);
  try {
    const { host } = options;
    const selected = selectedIds(engine, spec, { ...options, listen });
    const only = host === undefined ? selected : await host.arrange(selected, main.get);
    const plan = makePlan(engine, spec, { ...options, only, listen });
    const threads = Math.max(1, options.threads ?? engine.project.target.threads);
    if (plan.nodes.length === 0) {
      await host?.settle([]);
      if (selected.length === 0 && !warned) listen({ kind: 'warning', diagnostic: nothingSelected(options) });
      return finish([], performance.now(), options);
    }
    const counts = countNodes(engine.manifest);
    const total = plan.nodes.filter((node) => spec.listEphemeral || node.config.materialized !== 'ephemeral').length;
    listen({ kind: 'run-start', total, threads, counts });
    const started = performance.now();
    const scheduling = { threads, signal, listen, failFast: options.failFast ?? false };
    if (!spec.changesWarehouse) return finish(await runPlan(engine, plan, scheduling), started, options);

    const session = await main.get();
    const hooks = (kind: HookKind, results: readonly NodeResult[] = []): Promise<NodeResult[]> =>
      spec.hooks === false ? Promise.resolve([]) : runHooks(engine, kind, session, results, listen);
    await prepare(engine, plan.nodes, session);
    const results: NodeResult[] = await hooks('on-run-start');
    const hookFailed = results.some((result) => result.status === 'error');
    if (hookFailed && engine.project.config.flags.skip_nodes_if_on_run_start_fails === true) {
      results.push(...plan.nodes.map((node) => blankResult(node, 'main')));
    } else {
      results.push(...(await runPlan(engine, plan, scheduling)));
    }
    await host?.settle(results);
    if (signal?.aborted !== true) results.push(...(await hooks('on-run-end', results)));
    return finish(results, started, options);
  } finally {
    await main.close();
  }
}

/** The session of what is no node, opened when it is first needed. */
function lazySession({ adapter }: Engine) {
  let opening: Promise<Session> | undefined;
  return {
    get: (): Promise<Session> => {
      opening ??= adapter.session('main');
      return opening;
    },
    close: async (): Promise<void> => (await opening?.catch(() => undefined))?.close(),
  };
}

function finish(results: readonly NodeResult[], started: number, { listen, signal }: TaskOptions): RunOutcome {
  const outcome: RunOutcome = {
    results,
    elapsed: (performance.now() - started) / 1000,
    success: results.every(succeeded),
    ...(signal?.aborted === true ? { interrupted: true } : {}),
  };
  listen?.({ kind: 'run-end', outcome });
  return outcome;
}

const FAILED: ReadonlySet<NodeStatus> = new Set(['error', 'fail', 'partial success', 'runtime error']);

/** As dbt's exit code counts: a skipped node is a failure, but for exposures, which do nothing. */
function succeeded({ status, node }: NodeResult): boolean {
  if (status === 'skipped') return node.resource_type === 'exposure';
  return !FAILED.has(status);
}

async function prepare(engine: Engine, nodes: readonly Node[], session: Session): Promise<void> {
  try {
    await engine.runtime.prepare(nodes, session);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    const hint = /read-only/i.test(error.message)
      ? "The database is read-only: choose a target that can be written to, or drop 'read_only' from the profile."
      : 'Schemas are made before the first node runs; check the rights of the profile and the names of the schemas.';
    throw new UpsqlError(problem('database-error', error.message, { hint, source: error.sql }), 1, error);
  }
}

function nothingSelected({ select, exclude, selector, only }: PlanOptions) {
  if (only !== undefined) {
    return problem('nothing-selected', 'There is nothing to run again: no node failed or was skipped', {
      severity: 'warning',
    });
  }
  const given = [
    ...(select?.length ? [`--select ${select.join(' ')}`] : []),
    ...(exclude?.length ? [`--exclude ${exclude.join(' ')}`] : []),
    ...(selector === undefined ? [] : [`--selector ${selector}`]),
  ].join(' ');
  return problem('nothing-selected', given === '' ? 'There is nothing to run' : `Nothing is selected by ${given}`, {
    severity: 'warning',
    hint: 'See what a selection gives with `upsql ls --select ...`; a disabled node is never selected.',
  });
}
