import type { Session } from '../adapters/adapter.js';
import type { HookResult } from '../parse/runtime.js';
import type { Engine } from './engine.js';
import type { NodeResult, RunListener } from './events.js';
import { blankResult } from './execute.js';
import { failureOf } from './failure.js';

export type HookKind = 'on-run-start' | 'on-run-end';

/**
 * Runs the project's hooks of a kind, in order, as operation results. After one that failed the others are skipped.
 * `results` of the run so far are what `on-run-end` sees.
 */
export async function runHooks(
  engine: Engine,
  kind: HookKind,
  session: Session,
  results: readonly NodeResult[],
  listen?: RunListener,
): Promise<NodeResult[]> {
  const hooks = engine.runtime.hooks(kind);
  const given = results.filter((result) => result.threadId !== 'main' || result.status === 'error').map(hookView);
  const ended: NodeResult[] = [];
  let failed = false;
  for (const [i, hook] of hooks.entries()) {
    const name = `${hook.package_name}.${kind}.${i}`;
    const index = i + 1;
    hook.index = index;
    if (failed) {
      const result: NodeResult = { ...blankResult(hook, 'main'), message: `${name} skipped`, failures: 1 };
      ended.push(result);
      listen?.({ kind: 'node-end', result, index, total: hooks.length });
      continue;
    }
    listen?.({ kind: 'node-start', node: hook, index, total: hooks.length });
    const startedAt = new Date();
    const clock = performance.now();
    let part: Pick<NodeResult, 'status' | 'message' | 'failures' | 'diagnostics'>;
    try {
      await engine.runtime.runHook(hook, session, given);
      part = { status: 'success', message: `${name} passed`, failures: 0, diagnostics: [] };
    } catch (error) {
      failed = true;
      if (session.inTransaction) await session.rollback();
      const { message, diagnostics } = failureOf(error, hook, engine);
      part = { status: 'error', message: `${name} failed, error:\n ${message}`, failures: 1, diagnostics };
    }
    const result: NodeResult = {
      ...blankResult(hook, 'main'),
      ...part,
      compiled: part.status === 'success' || hook.compiled_code !== undefined,
      timing: [{ name: 'execute', startedAt, completedAt: new Date() }],
      executionTime: (performance.now() - clock) / 1000,
    };
    ended.push(result);
    listen?.({ kind: 'node-end', result, index, total: hooks.length });
  }
  return ended;
}

/** A result as `results` in on-run-end shows it: dbt's names. */
function hookView(result: NodeResult): HookResult {
  return {
    status: result.status,
    thread_id: result.threadId,
    execution_time: result.executionTime,
    timing: result.timing.map((span) => ({
      name: span.name,
      started_at: span.startedAt.toISOString(),
      completed_at: span.completedAt.toISOString(),
    })),
    message: result.message,
    failures: result.failures,
    adapter_response: result.adapterResponse,
    node: result.node,
  };
}
