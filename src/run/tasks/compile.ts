import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { Engine } from '../engine.js';
import type { NodeResult, RunOutcome } from '../events.js';
import { inlineFailure, inlineResult } from '../inline.js';
import { runTask, type TaskOptions } from './run-task.js';

/**
 * Compiles the selected nodes and writes their SQL below `target/compiled`. As in dbt, ephemeral models have a result when
 * nodes are named.
 */
export function compile(
  engine: Engine,
  options: TaskOptions = {},
  listEphemeral = (options.select ?? []).length > 0,
): Promise<RunOutcome> {
  const types = ['model', 'test', 'snapshot', 'seed', 'analysis', 'operation'] as const;
  return runTask(engine, { types, action: 'compile', changesWarehouse: false, listEphemeral }, options);
}

/** An inline query's SQL, and its result for the artifacts. */
export interface CompiledInline {
  readonly sql: string;
  readonly result: NodeResult;
}

/**
 * The SQL that a query with Jinja becomes in this project (`upsql compile --inline`). Throws UpsqlError with the place in
 * the query.
 */
export async function compileInline(engine: Engine, sql: string): Promise<CompiledInline> {
  if (sql.trim() === '') throw new UpsqlError(problem('empty-query', 'The inline query is empty'));
  const session = await engine.adapter.session('main');
  try {
    const startedAt = new Date();
    const compiled = await engine.runtime.compileInline(sql, session);
    return { sql: compiled, result: inlineResult(engine, compiled, [startedAt, new Date()]) };
  } catch (error) {
    throw inlineFailure(error, engine, sql);
  } finally {
    await session.close();
  }
}
