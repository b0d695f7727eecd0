import type { Engine } from '../engine.js';
import type { RunOutcome } from '../events.js';
import { runTask, type TaskOptions } from './run-task.js';

/** Builds the selected models (`upsql run`). */
export function run(engine: Engine, options: TaskOptions = {}): Promise<RunOutcome> {
  return runTask(engine, { types: ['model'], action: 'build', changesWarehouse: true }, options);
}
