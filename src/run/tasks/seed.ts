import type { Engine } from '../engine.js';
import type { RunOutcome } from '../events.js';
import { runTask, type TaskOptions } from './run-task.js';

/** Loads the selected seeds (`upsql seed`). */
export function seed(engine: Engine, options: TaskOptions = {}): Promise<RunOutcome> {
  return runTask(engine, { types: ['seed'], action: 'build', changesWarehouse: true }, options);
}
