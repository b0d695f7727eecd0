import type { Engine } from '../../run/engine.js';
import type { RunOutcome } from '../../run/events.js';
import type { TaskOptions } from '../../run/tasks/run-task.js';
import type { Command, CommandContext } from '../command.js';
import { openProject } from '../open-project.js';
import type { Option } from '../options.js';
import { selectionOptions } from '../options.js';
import { exitCode, taskOptions } from '../task-options.js';

export interface TaskCommand {
  readonly options: readonly Option[];
  readonly examples: readonly (readonly [string, string])[];
  readonly answers?: boolean;
  /** Needs the state of another environment. */
  readonly copiesState?: boolean;
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
        const outcome = await run(opened.engine, taskOptions(context, opened));
        await opened.writeResults(outcome);
        await task.after?.(opened.engine, outcome, context);
        return exitCode(outcome);
      } finally {
        await opened.close();
      }
    },
  };
}
