import type { Session } from '../../adapters/adapter.js';
import type { Diagnostic } from '../../diagnostics/index.js';
import { DateTime } from '../../jinja/index.js';
import type { EventWindow, NodeBatch } from '../../parse/context/references.js';
import type { Node } from '../../parse/node.js';
import type { Engine } from '../engine.js';
import type { BatchResults, NodeResult, NodeStatus, RunListener } from '../events.js';
import { blankResult } from '../execute.js';
import { failureOf } from '../failure.js';
import type { Room } from '../scheduler.js';
import { type Batch, batchLabel, batchPlanOf, planBatches, readTime } from './batches.js';
import type { RecordedBatches } from './recorded.js';

/** What the batches of a run depend on besides the models. */
export interface MicrobatchOptions {
  readonly fullRefresh?: boolean | undefined;
  /** `--event-time-start` and `--event-time-end`, or `--sample`. */
  readonly window?: EventWindow | undefined;
  /** Batches of an earlier run, of which the failed ones are to run again. */
  readonly previous?: ReadonlyMap<string, RecordedBatches> | undefined;
  /** Where the newest batch ends without a window. Default: when this run began. */
  readonly until?: Date | undefined;
}

interface BatchResult {
  readonly batch: Batch;
  readonly status: NodeStatus;
  readonly diagnostics: readonly Diagnostic[];
}

const SHOWN_FAILURES = 3;

/**
 * Builds a microbatch model batch by batch, as dbt does: the first alone, those between side by side on free slots where
 * that is safe, the last alone; pre-hooks run with the first, post-hooks with the last. A failed batch fails no other, but
 * without the first one none is begun. The model's one result has them all.
 */
export async function runMicrobatch(
  engine: Engine,
  node: Node,
  session: Session,
  threadId: string,
  room: Room,
  options: MicrobatchOptions,
  listen?: RunListener,
): Promise<NodeResult> {
  const started = performance.now();
  const startedAt = new Date();
  const found = await engine.runtime.existing(node, session);
  const isIncremental = found === 'table' && !(node.config.full_refresh ?? options.fullRefresh ?? false);
  const previous = options.previous?.get(node.unique_id);
  const batches = previous === undefined ? plan(engine, node, isIncremental, options) : previous.failed.map(batchOf);
  const run = (index: number, on: Session): Promise<BatchResult> =>
    runBatch(engine, node, batches, index, on, index > 0 || isIncremental, listen);
  const results: BatchResult[] = [];
  const last = batches.length - 1;
  let failedFirst = false;
  const concurrent = inParallel(node);
  const running: Promise<void>[] = [];
  for (let index = 0; index <= last; index++) {
    const batch = batches[index];
    if (batch === undefined || room.stopped.aborted) break;
    if (index === last) await Promise.all(running);
    if (failedFirst) {
      results.push(skipBatch(node, batches, index, listen));
      continue;
    }
    const borrowed = index > 0 && index < last && concurrent ? room.borrow() : undefined;
    if (borrowed === undefined) results.push(await run(index, session));
    else {
      const work = borrowed.session.then((on) => run(index, on)).then((result) => void results.push(result));
      running.push(work.finally(borrowed.release));
    }
    failedFirst = index === 0 && results[0]?.status !== 'success';
  }
  await Promise.all(running);
  const all = resultsOf(batches, results, previous);
  return {
    ...blankResult(node, threadId),
    ...outcome(all, results),
    failures: 0,
    batches: all,
    timing: [
      { name: 'compile', startedAt, completedAt: startedAt },
      { name: 'execute', startedAt, completedAt: new Date() },
    ],
    executionTime: (performance.now() - started) / 1000,
  };
}

function plan(engine: Engine, node: Node, isIncremental: boolean, { window, until }: MicrobatchOptions): Batch[] {
  const began = new Date(engine.manifest.metadata.invocation_started_at);
  return planBatches(batchPlanOf(node), { from: window?.start, until: window?.end ?? until ?? began, isIncremental });
}

function batchOf([start, end]: readonly [string, string]): Batch {
  return { start: readTime(start) ?? new Date(start), end: readTime(end) ?? new Date(end) };
}

/** As configured; else side by side unless the model reads itself. */
function inParallel({ config, raw_code }: Node): boolean {
  if (typeof config.concurrent_batches === 'boolean') return config.concurrent_batches;
  return !/\{[{%](?:[^}]|\}(?!\}))*\bthis\b/.test(raw_code);
}

async function runBatch(
  engine: Engine,
  node: Node,
  batches: readonly Batch[],
  index: number,
  session: Session,
  isIncremental: boolean,
  listen: RunListener | undefined,
): Promise<BatchResult> {
  const batch = batches[index] as Batch;
  const { size } = batchPlanOf(node);
  const place = { node, label: batchLabel(batch, size), index: index + 1, total: batches.length };
  listen?.({ kind: 'batch-start', ...place });
  const started = performance.now();
  const copy = batchNode(node, batch, place.label, { isFirst: index === 0, isLast: index === batches.length - 1 });
  let status: NodeStatus = 'success';
  let diagnostics: readonly Diagnostic[] = [];
  try {
    await engine.runtime.compile(copy, session);
    await engine.runtime.materialize(copy, session, { isIncremental });
  } catch (error) {
    status = 'error';
    diagnostics = failureOf(error, copy, engine).diagnostics;
  }
  if (session.inTransaction) await session.rollback();
  listen?.({ kind: 'batch-end', ...place, status, executionTime: (performance.now() - started) / 1000 });
  return { batch, status, diagnostics };
}

function skipBatch(node: Node, batches: readonly Batch[], index: number, listen: RunListener | undefined): BatchResult {
  const batch = batches[index] as Batch;
  const label = batchLabel(batch, batchPlanOf(node).size);
  listen?.({
    kind: 'batch-end',
    ...{ node, label, index: index + 1, total: batches.length, status: 'skipped', executionTime: 0 },
  });
  return { batch, status: 'skipped', diagnostics: [] };
}

/** The node as one batch sees it: `model.batch`, filters of its inputs, files of its own. */
function batchNode(
  node: Node,
  batch: Batch,
  label: string,
  { isFirst, isLast }: { readonly isFirst: boolean; readonly isLast: boolean },
): Node {
  const start = DateTime.ofDate(batch.start);
  const end = DateTime.ofDate(batch.end);
  const seen: NodeBatch = { id: label.replaceAll('-', ''), event_time_start: start, event_time_end: end };
  const copy: Node = {
    ...node,
    config: {
      ...node.config,
      ...(isFirst ? {} : { 'pre-hook': [] }),
      ...(isLast ? {} : { 'post-hook': [] }),
      __dbt_internal_microbatch_event_time_start: start,
      __dbt_internal_microbatch_event_time_end: end,
    },
    batch: seen,
    split_suffix: label,
  };
  delete copy.compiled;
  delete copy.compiled_code;
  return copy;
}

function resultsOf(
  batches: readonly Batch[],
  results: readonly BatchResult[],
  previous: RecordedBatches | undefined,
): BatchResults {
  const successful = results.filter(({ status }) => status === 'success').map(({ batch }) => batch);
  const done = new Set(successful);
  const byStart = (a: Batch, b: Batch): number => a.start.getTime() - b.start.getTime();
  return {
    successful: [...successful.sort(byStart), ...(previous?.successful ?? []).map(batchOf)],
    // What was not begun, after a stop, counts as failed: retry takes it up.
    failed: batches.filter((batch) => !done.has(batch)),
  };
}

function outcome(
  all: BatchResults,
  results: readonly BatchResult[],
): Pick<NodeResult, 'status' | 'message' | 'diagnostics'> {
  const went = results.filter(({ status }) => status === 'success').length;
  const failed = all.failed.length;
  const diagnostics = results.flatMap((result) => result.diagnostics).slice(0, SHOWN_FAILURES);
  if (failed === 0) return { status: 'success', message: 'SUCCESS', diagnostics };
  if (went === 0) return { status: 'error', message: 'ERROR', diagnostics };
  return { status: 'partial success', message: `PARTIAL SUCCESS (${went}/${went + failed})`, diagnostics };
}
