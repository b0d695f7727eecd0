import type { Session } from '../../adapters/adapter.js';
import type { DeferRelation } from '../../parse/context/references.js';
import type { Node } from '../../parse/node.js';
import type { Engine } from '../engine.js';
import type { NodeResult, RunOutcome } from '../events.js';
import { blankResult } from '../execute.js';
import { failureOf } from '../failure.js';
import { runTask, type TaskOptions } from './run-task.js';

/**
 * Makes a copy of what the state has of each selected model, seed and snapshot: a clone of a table where the warehouse can,
 * else a view on it (`upsql clone`). What is here already stays, unless with a full refresh.
 */
export function clone(engine: Engine, options: TaskOptions = {}): Promise<RunOutcome> {
  return runTask(
    engine,
    {
      types: ['model', 'seed', 'snapshot'],
      action: 'build',
      changesWarehouse: true,
      hooks: false,
      independent: true,
      execute: (node) => (session, threadId) => cloneNode(engine, node, session, threadId),
    },
    options,
  );
}

async function cloneNode(engine: Engine, node: Node, session: Session, threadId: string): Promise<NodeResult> {
  const started = performance.now();
  const startedAt = new Date();
  let part: Partial<NodeResult> & Pick<NodeResult, 'status'>;
  try {
    const elsewhere = node.defer_relation as DeferRelation | undefined;
    const compiled_code = `select * from ${elsewhere?.relation_name ?? ''}`;
    const copy: Node = { ...node, language: 'sql', compiled: true, compiled_code };
    const { response, relations } = await engine.runtime.materialize(copy, session, { materialization: 'clone' });
    part =
      relations.length === 0
        ? { status: 'success', message: 'No-op' }
        : { status: 'success', message: response._message, adapterResponse: { ...response } };
  } catch (error) {
    part = { status: 'error', ...failureOf(error, node, engine) };
  }
  if (session.inTransaction) await session.rollback();
  return {
    ...blankResult(node, threadId),
    timing: [
      { name: 'compile', startedAt, completedAt: startedAt },
      { name: 'execute', startedAt, completedAt: new Date() },
    ],
    executionTime: (performance.now() - started) / 1000,
    ...part,
  };
}
