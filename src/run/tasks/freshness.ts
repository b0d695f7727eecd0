import type { Session } from '../../adapters/adapter.js';
import { type Diagnostic, problem } from '../../diagnostics/index.js';
import type { Node, SourceNode } from '../../parse/node.js';
import type { SourceAge } from '../../parse/runtime.js';
import type { Engine } from '../engine.js';
import type { NodeResult, NodeTiming, RunOutcome } from '../events.js';
import { blankResult } from '../execute.js';
import { failureOf } from '../failure.js';
import { runTask, type TaskOptions } from './run-task.js';

/** How old a source may be: dbt's `warn_after` and `error_after`. */
export interface FreshnessCriteria {
  readonly warn_after: Age | null;
  readonly error_after: Age | null;
  readonly filter: string | null;
}

interface Age {
  readonly count: number | null;
  readonly period: 'minute' | 'hour' | 'day' | null;
}

const SECONDS = { minute: 60, hour: 3600, day: 86_400 } as const;

/**
 * Asks the selected sources that have a freshness config for their newest row (`upsql source freshness`): `pass`, `warn` or
 * `error` by age, `runtime error` where it could not be told.
 */
export function freshness(engine: Engine, options: TaskOptions = {}): Promise<RunOutcome> {
  const { sources } = engine.manifest;
  return runTask(
    engine,
    {
      types: ['source'],
      action: 'build',
      changesWarehouse: true,
      hooks: engine.project.config.flags.source_freshness_run_project_hooks !== false,
      independent: true,
      keep: (id) => hasThreshold(criteriaOf(sources[id])),
      execute: (node) => (session, threadId) => askSource(engine, node, session, threadId),
    },
    options,
  );
}

/** The freshness config of a source; null where it has none. */
export function criteriaOf(source: SourceNode | undefined): FreshnessCriteria | null {
  return (source?.freshness ?? null) as FreshnessCriteria | null;
}

function hasThreshold(criteria: FreshnessCriteria | null): boolean {
  return [criteria?.warn_after, criteria?.error_after].some((age) => secondsOf(age) !== undefined);
}

function secondsOf(age: Age | null | undefined): number | undefined {
  if (!age || age.count === null || age.period === null) return undefined;
  return age.count * SECONDS[age.period];
}

async function askSource(engine: Engine, node: Node, session: Session, threadId: string): Promise<NodeResult> {
  const started = performance.now();
  const compiled: NodeTiming = { name: 'compile', startedAt: new Date(), completedAt: new Date() };
  let part: Partial<NodeResult> & Pick<NodeResult, 'status'>;
  const startedAt = new Date();
  try {
    const source = engine.manifest.sources[node.unique_id];
    if (source === undefined) throw new Error(`${node.unique_id} is not in the manifest`);
    const age = await engine.runtime.freshness(source, session);
    part = judge(source, node, age, engine);
  } catch (error) {
    part = { status: 'runtime error', ...failureOf(error, node, engine) };
  }
  if (session.inTransaction) await session.rollback();
  return {
    ...blankResult(node, threadId),
    timing: [compiled, { name: 'execute', startedAt, completedAt: new Date() }],
    executionTime: (performance.now() - started) / 1000,
    ...part,
  };
}

function judge(
  source: SourceNode,
  node: Node,
  age: SourceAge,
  engine: Engine,
): Partial<NodeResult> & Pick<NodeResult, 'status'> {
  const criteria = criteriaOf(source);
  const exceeded = (bound: Age | null | undefined): boolean => age.age > (secondsOf(bound) ?? Number.POSITIVE_INFINITY);
  const adapterResponse = { ...age.response };
  const common = { freshness: age, adapterResponse };
  const bound = exceeded(criteria?.error_after) ? 'error_after' : exceeded(criteria?.warn_after) ? 'warn_after' : null;
  if (bound === null) return { status: 'pass', ...common };
  const status = bound === 'error_after' ? 'error' : 'warn';
  return { status, diagnostics: [stale(source, node, age, bound, engine)], ...common };
}

function stale(
  source: SourceNode,
  node: Node,
  age: SourceAge,
  bound: 'warn_after' | 'error_after',
  engine: Engine,
): Diagnostic {
  const allowed = criteriaOf(source)?.[bound];
  const name = `${source.source_name}.${source.name}`;
  const isEmpty = age.maxLoadedAt.startsWith('0001-01-01');
  const what = isEmpty
    ? `${name} has no rows`
    : `The newest row of ${name} is ${shownAge(age.age)} old (${age.maxLoadedAt})`;
  const file = engine.origin?.(node) ?? { file: source.original_file_path, line: 1 };
  return problem(
    'stale-source',
    `${what}; ${bound} is ${allowed?.count} ${allowed?.period}${allowed?.count === 1 ? '' : 's'}`,
    {
      severity: bound === 'error_after' ? 'error' : 'warning',
      place: { ...file, column: 1 },
      hint: 'Load the source, or correct its freshness config.',
    },
  );
}

function shownAge(seconds: number): string {
  const [unit, size] =
    seconds >= 2 * SECONDS.day
      ? (['days', SECONDS.day] as const)
      : seconds >= 2 * SECONDS.hour
        ? (['hours', SECONDS.hour] as const)
        : (['minutes', SECONDS.minute] as const);
  return `${Math.floor(seconds / size)} ${unit}`;
}
