import type { Engine } from '../engine.js';
import type { RunOutcome } from '../events.js';
import { runTask, type TaskOptions } from './run-task.js';

/** Runs the selected data tests and unit tests (`upsql test`). */
export function test(engine: Engine, options: TaskOptions = {}): Promise<RunOutcome> {
  return runTask(engine, { types: ['test', 'unit_test'], action: 'build', changesWarehouse: true }, options);
}
