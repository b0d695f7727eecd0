import type { RunOutcome } from '../run/events.js';
import type { TaskOptions } from '../run/tasks/run-task.js';
import type { CommandContext } from './command.js';
import type { OpenedEngine } from './engine.js';
import { threadCount } from './run-flags.js';

/** `--select`, `--exclude` and their like, as tasks take them. */
export function selectionOf({ args }: CommandContext) {
  return {
    select: args.list('select'),
    exclude: args.list('exclude'),
    selector: args.text('selector'),
    resourceTypes: args.list('resource-type'),
    excludeResourceTypes: args.list('exclude-resource-type'),
    indirectSelection: args.text('indirect-selection'),
  };
}

/** Threads, fail-fast, Ctrl-C and the listener of a run. */
export function taskOptions({ args, output, signal }: CommandContext, opened: OpenedEngine): Partial<TaskOptions> {
  return {
    threads: threadCount(args),
    failFast: opened.flag('fail-fast'),
    signal,
    listen: (event) => output.event(event),
  };
}

/** As dbt: 1 when a node failed, 2 when the run was interrupted. */
export function exitCode(outcome: RunOutcome): number {
  if (outcome.interrupted === true) return 2;
  return outcome.success ? 0 : 1;
}
