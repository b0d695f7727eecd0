import type { RunOutcome } from '../run/events.js';
import type { MicrobatchOptions } from '../run/microbatch/run-batches.js';
import type { SelectionOptions } from '../run/selection.js';
import type { TaskOptions } from '../run/tasks/run-task.js';
import type { CommandContext } from './command.js';
import type { OpenedProject } from './open-project.js';
import { threadCount } from './run-flags.js';

/** `--select`, `--exclude` and their like, as tasks take them. */
export function selectionOf({ args }: CommandContext, opened: OpenedProject): SelectionOptions {
  const indirect = args.text('indirect-selection') ?? opened.engine.project.config.flags.indirect_selection;
  const { folder: _, ...state } = opened.state;
  return {
    ...state,
    select: args.list('select'),
    exclude: args.list('exclude'),
    selector: args.text('selector'),
    resourceTypes: args.list('resource-type'),
    excludeResourceTypes: args.list('exclude-resource-type'),
    indirectSelection: typeof indirect === 'string' ? indirect : undefined,
    listen: opened.listen,
  };
}

/** The selection with threads, fail-fast and Ctrl-C. */
export function taskOptions(context: CommandContext, opened: OpenedProject): TaskOptions {
  const threads = threadCount(context.args);
  return {
    ...selectionOf(context, opened),
    ...(threads === undefined ? {} : { threads }),
    failFast: opened.flag('fail-fast'),
    warnError: opened.failsOnTestWarnings,
    only: context.retry?.ids,
    microbatch: microbatchOf(context, opened),
    signal: context.signal,
    listen: opened.listen,
  };
}

function microbatchOf({ retry }: CommandContext, opened: OpenedProject): MicrobatchOptions {
  const until = retry?.startedAt === undefined ? undefined : new Date(retry.startedAt);
  return { fullRefresh: opened.flag('full-refresh'), window: opened.window, previous: retry?.batches, until };
}

/** As dbt: 1 when a node failed, 2 when the run was interrupted. */
export function exitCode(outcome: RunOutcome): number {
  if (outcome.interrupted === true) return 2;
  return outcome.success ? 0 : 1;
}
