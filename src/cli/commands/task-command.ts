import type { Engine } from '../../run/engine.js';
import type { RunOutcome } from '../../run/events.js';
import type { TaskOptions } from '../../run/tasks/run-task.js';
import type { Args } from '../args.js';
import type { Command, CommandContext } from '../command.js';
import { openProject } from '../open-project.js';
import type { Option } from '../options.js';
import { selectionOptions } from '../options.js';
import { requireStateManifest } from '../state.js';
import { exitCode, taskOptions } from '../task-options.js';
import { usageError } from '../usage.js';

export interface TaskCommand {
  readonly options: readonly Option[];
  readonly examples: readonly (readonly [string, string])[];
  readonly answers?: boolean;
  /** Needs the state of another environment. */
  readonly copiesState?: boolean;
  /** Makes relations, so that what they were built from is recorded for `upsql plan` and environments. */
  readonly builds?: boolean;
  /** Tests relations, also those of environments. */
  readonly tests?: boolean;
  readonly load: () => Promise<(engine: Engine, options: TaskOptions) => Promise<RunOutcome>>;
  /** Printed after the run. */
  readonly after?: (engine: Engine, outcome: RunOutcome, context: CommandContext) => Promise<void>;
}

/** A command that runs selected nodes of the graph, prints how it goes and writes run_results.json. */
export function taskCommand(task: TaskCommand): Command {
  const options = [...selectionOptions, ...task.options];
  return {
    options,
    examples: task.examples,
    ...(task.answers === undefined ? {} : { answers: task.answers }),
    async run(context) {
      const { args } = context;
      const environment = environmentOf(args);
      const needsState = environment !== undefined;
      const opened = await openProject(context, options, { copiesState: task.copiesState ?? false, needsState });
      try {
        const { engine, flag, state } = opened;
        // Without it, it would be guessed what production was built from.
        if (environment !== undefined) requireStateManifest(args.text('state'), state);
        const run = await task.load();
        const given = taskOptions(context, opened);
        if (task.builds !== true && task.tests !== true) {
          const outcome = await run(engine, given);
          await opened.writeResults(outcome);
          await task.after?.(engine, outcome, context);
          return exitCode(outcome);
        }
        const { startRecordedRun } = await import('../../env/recorded-run.js');
        const recorded = await startRecordedRun(engine, given, {
          environment,
          builds: task.builds === true,
          refresh: args.flag('refresh') === true,
          fullRefresh: flag('full-refresh'),
          whole: !flag('empty') && args.text('sample') === undefined,
          earlier: state.manifest,
        });
        try {
          const outcome = await run(engine, recorded.options);
          await opened.writeResults(outcome);
          await recorded.finish(outcome);
          await task.after?.(engine, outcome, context);
          return exitCode(outcome);
        } finally {
          await recorded.close();
        }
      } finally {
        await opened.close();
      }
    },
  };
}

/** Flags that build with fewer rows than there are: what an environment keeps has to be whole. */
const PARTIAL = ['sample', 'event-time-start', 'event-time-end'] as const;

/** `--env`, with flags that go together with it. @throws UpsqlError for those that do not. */
function environmentOf(args: Args): string | undefined {
  const environment = args.text('env');
  if (environment === undefined) {
    if (args.flag('refresh') === true) throw usageError('--refresh needs --env', 'Production is always built anew.');
    return undefined;
  }
  const partial = args.flag('empty') === true ? 'empty' : PARTIAL.find((name) => args.text(name) !== undefined);
  if (partial !== undefined)
    throw usageError(
      `--${partial} can't be used with --env`,
      'What is built in an environment may be promoted, so that it has to be whole. Build into another target.',
    );
  if (args.flag('defer') === true)
    throw usageError("--defer can't be used with --env", 'An environment reads production where nothing has changed.');
  return environment;
}
