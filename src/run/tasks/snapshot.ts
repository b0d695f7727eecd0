import type { Engine } from '../engine.js';
import type { RunOutcome } from '../events.js';
import { runTask, type TaskOptions } from './run-task.js';

/** Brings the selected snapshots up to date (`upsql snapshot`). */
export function snapshot(engine: Engine, options: TaskOptions = {}): Promise<RunOutcome> {
  return runTask(engine, { types: ['snapshot'], action: 'build', changesWarehouse: true }, options);
}
