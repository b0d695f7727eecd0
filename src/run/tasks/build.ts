import type { Engine } from '../engine.js';
import type { RunOutcome } from '../events.js';
import { runTask, type TaskOptions } from './run-task.js';

/**
 * Builds seeds, models and snapshots and runs tests in the order of the graph: a data test runs after what it tests and
 * before what is built from it, a unit test before its model, and what is downstream of a failed test is skipped (`upsql build`).
 */
export function build(engine: Engine, options: TaskOptions = {}): Promise<RunOutcome> {
  return runTask(
    engine,
    {
      types: ['model', 'seed', 'snapshot', 'test', 'unit_test', 'exposure', 'saved_query'],
      action: 'build',
      changesWarehouse: true,
      testsGuard: true,
    },
    options,
  );
}
