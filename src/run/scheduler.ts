import type { Session } from '../adapters/adapter.js';
import type { GraphQueue } from '../graph/index.js';
import type { Node } from '../parse/node.js';
import type { Engine } from './engine.js';
import type { NodeResult, NodeStatus, RunListener } from './events.js';
import { blankResult } from './execute.js';
import { failureOf } from './failure.js';
import { createSlotSessions, threadName } from './sessions.js';
import { createSkips } from './skips.js';
import { drain, type SlotLender } from './slots.js';

/** Works on a node and says what became of it. What it throws becomes an error of the node. */
export type Execute = (session: Session, threadId: string, room: Room) => Promise<NodeResult>;

/** What else a node may use while it runs. */
export interface Room {
  /** A session of a slot that is free now, for work side by side; undefined when there is none. */
  readonly borrow: () => { readonly session: Promise<Session>; readonly release: () => void } | undefined;
  /** Aborted when nothing more is to be begun. */
  readonly stopped: AbortSignal;
}

export interface Plan {
  readonly queue: GraphQueue;
  /** Every node that `queue` gives, in the order in which unfinished ones are to be listed. */
  readonly nodes: readonly Node[];
  /** Direct successors in the whole graph: what hangs below a failed node is skipped even across nodes not selected. */
  readonly children: (id: string) => Iterable<string>;
  /** Runs a node; undefined: it has nothing to run (an exposure). */
  readonly execute: (node: Node) => Execute | undefined;
  /** Whether a failed test skips what is downstream of it (`build`). */
  readonly testsGuard: boolean;
  /** Whether ephemeral models have a result of their own (`compile`, `show`); else they are only compiled. */
  readonly listEphemeral: boolean;
}

export interface ScheduleOptions {
  readonly threads: number;
  readonly failFast?: boolean;
  /** Stops the run: statements are cancelled, what has not run is `skipped`. */
  readonly signal?: AbortSignal | undefined;
  readonly listen?: RunListener | undefined;
  /** Milliseconds that running nodes get to end after a stop. */
  readonly grace?: number;
}

const FAILED: ReadonlySet<NodeStatus> = new Set(['error', 'fail', 'partial success', 'runtime error']);
const FAIL_FAST = 'Skipping due to fail_fast';
const INTERRUPTED = 'Skipping because the run was interrupted';

/**
 * Runs the nodes of a plan, each when its parents are done, on `threads` sessions. What is downstream of a failed node is
 * skipped. Results come in the order in which nodes ended.
 */
export async function runPlan(engine: Engine, plan: Plan, options: ScheduleOptions): Promise<NodeResult[]> {
  const { listen, signal, failFast = false } = options;
  const byId = new Map(plan.nodes.map((node) => [node.unique_id, node]));
  const sessions = createSlotSessions(engine.adapter);
  const skips = createSkips(plan.children);
  const stop = new AbortController();
  const results: NodeResult[] = [];
  const finished = new Set<string>();
  const listed = (node: Node): boolean => plan.listEphemeral || node.config.materialized !== 'ephemeral';
  const total = plan.nodes.filter(listed).length;
  let started = 0;

  const halt = (): void => {
    stop.abort();
    sessions.cancel();
    engine.onStop?.();
  };
  const endMessage = (): string => (signal?.aborted === true ? INTERRUPTED : FAIL_FAST);
  const keep = (result: NodeResult, index: number): void => {
    finished.add(result.node.unique_id);
    results.push(result);
    listen?.({ kind: 'node-end', result, index, total });
  };

  const end = (node: Node, ended: NodeResult, index: number): void => {
    // After a stop the statements were cancelled by us: that is no fault of the node's.
    const interrupted = stop.signal.aborted && ended.diagnostics.some((found) => found.code === 'interrupted');
    const cancelled = interrupted && ended.status !== 'partial success';
    const result: NodeResult = cancelled ? { ...blankResult(node, ended.threadId), message: endMessage() } : ended;
    const isTest = node.resource_type === 'test' || node.resource_type === 'unit_test';
    if (FAILED.has(result.status) && (!isTest || plan.testsGuard)) skips.fail(node.unique_id);
    // An ephemeral model has no line of its own, unless there is something to tell.
    if (listed(node)) keep(result, index);
    else if (result.status === 'error') keep({ ...result, unlisted: true }, index);
    else finished.add(node.unique_id);
    if (failFast && FAILED.has(result.status)) halt();
  };

  const skip = (node: Node, causes: readonly string[], threadId: string): void => {
    if (!listed(node)) {
      finished.add(node.unique_id);
      return;
    }
    started += 1;
    keep({ ...blankResult(node, threadId), message: brokenInput(causes), skippedBecause: causes }, started);
  };

  // An ephemeral model has no result to look its error up in: it is told with each node that reads it.
  const brokenInput = (causes: readonly string[]): string | null => {
    const failed = results.find((result) => result.unlisted === true && causes.includes(result.node.unique_id));
    return failed === undefined ? null : failed.message;
  };

  const work = (id: string, slot: number, lender: SlotLender): Promise<void> | undefined => {
    const node = byId.get(id);
    if (node === undefined) return undefined;
    const causes = skips.causes(id);
    if (causes !== undefined) {
      skip(node, causes, threadName(slot));
      return undefined;
    }
    if (listed(node)) started += 1;
    const index = started;
    if (listed(node)) listen?.({ kind: 'node-start', node, index, total });
    const borrow: Room['borrow'] = () => {
      const free = lender.take();
      return free === undefined ? undefined : { session: sessions.get(free), release: () => lender.giveBack(free) };
    };
    const execute = plan.execute(node);
    if (execute === undefined) {
      const now = new Date();
      const timing = (['compile', 'execute'] as const).map((name) => ({ name, startedAt: now, completedAt: now }));
      end(
        node,
        { ...blankResult(node, threadName(slot)), status: 'no-op', message: 'NO-OP', failures: 0, timing },
        index,
      );
      return undefined;
    }
    return sessions
      .get(slot)
      .then((session) => execute(session, threadName(slot), { borrow, stopped: stop.signal }))
      .catch((error: unknown): NodeResult => {
        const { message, diagnostics } = failureOf(error, node, engine);
        return { ...blankResult(node, threadName(slot)), status: 'error', message, diagnostics };
      })
      .then((result) => {
        if (!finished.has(id)) end(node, result, index);
      });
  };

  if (signal?.aborted === true) halt();
  signal?.addEventListener('abort', halt);
  try {
    await drain({ queue: plan.queue, slots: options.threads, work, stop: stop.signal, grace: options.grace ?? 5000 });
  } catch (error) {
    // A listener threw: nothing more is started.
    halt();
    throw error;
  } finally {
    signal?.removeEventListener('abort', halt);
    await sessions.close();
  }
  if (stop.signal.aborted) {
    for (const node of plan.nodes) {
      if (finished.has(node.unique_id)) continue;
      finished.add(node.unique_id);
      // As in dbt, --fail-fast tells of ephemeral models too.
      if (listed(node) || signal?.aborted !== true)
        results.push({ ...blankResult(node, 'main'), message: endMessage() });
    }
  }
  return results;
}
