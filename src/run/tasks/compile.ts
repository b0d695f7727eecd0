import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { Engine } from '../engine.js';
import type { RunOutcome } from '../events.js';
import { inlineFailure } from '../inline.js';
import { runTask, type TaskOptions } from './run-task.js';

/** Compiles the selected nodes and writes their SQL below `target/compiled`; ephemeral models have a result too. */
export function compile(engine: Engine, options: TaskOptions = {}): Promise<RunOutcome> {
  const types = ['model', 'test', 'snapshot', 'seed', 'analysis', 'operation'] as const;
  const spec = { types, action: 'compile', changesWarehouse: false, listEphemeral: true } as const;
  return runTask(engine, spec, options);
}

/**
 * The SQL that a query with Jinja becomes in this project (`upsql compile --inline`). Throws UpsqlError with the place in
 * the query.
 */
export async function compileInline(engine: Engine, sql: string): Promise<string> {
  if (sql.trim() === '') throw new UpsqlError(problem('empty-query', 'The inline query is empty'));
  const session = await engine.adapter.session('main');
  try {
    return await engine.runtime.compileInline(sql, session);
  } catch (error) {
    throw inlineFailure(error, engine, sql);
  } finally {
    await session.close();
  }
}
