/** A run of which it is noted what it builds and from what: in this checkout, and in the warehouse where there are environments. */
import type { Manifest } from '../parse/node.js';
import { startRecording } from '../plan/record.js';
import type { Engine } from '../run/engine.js';
import type { RunListener, RunOutcome } from '../run/events.js';
import type { TaskOptions } from '../run/tasks/run-task.js';
import { buildInEnvironment, type EnvironmentRun } from './build-environment.js';
import { buildInProduction } from './build-production.js';
import { testInEnvironment } from './test-environment.js';
import { withRefusals } from './warehouse-refusal.js';

export interface RecordedRunOptions {
  /** Undefined: production. */
  readonly environment?: string | undefined;
  /** False for commands that only test. */
  readonly builds: boolean;
  /** With an environment: build again what has been built there before. */
  readonly refresh?: boolean;
  readonly fullRefresh?: boolean;
  /** False where nodes are built with fewer rows than there are. */
  readonly whole?: boolean;
  /** What production was built from. */
  readonly earlier?: Manifest | undefined;
}

export interface RecordedRun {
  /** The options of the task, with what the run needs. */
  readonly options: TaskOptions;
  /** After the artifacts are written. */
  finish(outcome: RunOutcome): Promise<void>;
  /** In any case: lets go of what the run held and puts the manifest back. */
  close(): Promise<void>;
}

/** Begins a run. Without environments in the warehouse it is recorded in the target folder only. */
export async function startRecordedRun(
  engine: Engine,
  options: TaskOptions,
  how: RecordedRunOptions,
): Promise<RecordedRun> {
  const { environment, whole = true } = how;
  const recording = environment === undefined ? startRecording(engine) : undefined;
  const host = explained(await hostOf(engine, options, how));
  const listen: RunListener = (event) => {
    recording?.listen(event);
    host?.listen(event);
    options.listen?.(event);
  };
  return {
    options: { ...options, listen, host },
    finish: async (outcome) => recording?.finish(outcome, whole, host?.placed()),
    close: async () => host?.close(),
  };
}

/** What the warehouse refuses before and after the nodes is told as such. */
function explained(host: EnvironmentRun | undefined): EnvironmentRun | undefined {
  if (host === undefined) return undefined;
  return {
    ...host,
    arrange: (ids, session) => withRefusals(() => host.arrange(ids, session)),
    settle: (results) => withRefusals(() => host.settle(results)),
  };
}

async function hostOf(
  engine: Engine,
  options: TaskOptions,
  how: RecordedRunOptions,
): Promise<EnvironmentRun | undefined> {
  const { environment, builds, refresh = false, fullRefresh = false, whole = true, earlier } = how;
  const continued = new Set(options.microbatch?.previous?.keys());
  if (environment === undefined)
    return builds ? buildInProduction(engine, { fullRefresh, continued, whole, listen: options.listen }) : undefined;
  if (!builds) return testInEnvironment(engine, environment);
  return buildInEnvironment(engine, {
    environment,
    refresh: refresh || fullRefresh,
    earlier,
    continued,
    listen: options.listen,
  });
}
