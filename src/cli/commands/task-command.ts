import type { Engine } from '../../run/engine.js';
import type { RunOutcome } from '../../run/events.js';
import type { TaskOptions } from '../../run/tasks/run-task.js';
import type { Command, CommandContext } from '../command.js';
import { type OpenedProject, openProject } from '../open-project.js';
import type { Option } from '../options.js';
import { selectionOptions } from '../options.js';
import { exitCode, taskOptions } from '../task-options.js';

export interface TaskCommand {
  readonly options: readonly Option[];
  readonly examples: readonly (readonly [string, string])[];
  readonly answers?: boolean;
  /** Needs the state of another environment. */
  readonly copiesState?: boolean;
  /** Makes relations, so that what they were built from is recorded for `upsql plan`. */
  readonly builds?: boolean;
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
      const opened = await openProject(context, options, { copiesState: task.copiesState ?? false });
      try {
        const run = await task.load();
        const recording = task.builds === true ? await record(opened) : undefined;
        const given = taskOptions(context, opened);
        const outcome = await run(opened.engine, recording === undefined ? given : recording.watch(given));
        await opened.writeResults(outcome);
        await recording?.finish(outcome);
        await task.after?.(opened.engine, outcome, context);
        return exitCode(outcome);
      } finally {
        await opened.close();
      }
    },
  };
}

/** Notes down what a run builds, and from what. */
async function record({ engine, flag }: OpenedProject) {
  const { startRecording } = await import('../../plan/record.js');
  const recording = startRecording(engine.project, engine.manifest);
  return {
    watch: (options: TaskOptions): TaskOptions => ({
      ...options,
      listen: (event) => {
        recording.listen(event);
        options.listen?.(event);
      },
    }),
    finish: (outcome: RunOutcome) => recording.finish(outcome, !flag('empty')),
  };
}
