import type { Session } from '../adapters/adapter.js';
import { type Diagnostic, problem, type Severity } from '../diagnostics/index.js';
import { predictions } from '../ml/sql/predictions.js';
import type { Node } from '../parse/node.js';
import type { TestOutcome } from '../parse/runtime.js';
import { nodeFrame } from './database-problem.js';
import type { Engine } from './engine.js';
import type { NodeResult, NodeStatus, NodeTiming, SampleRows } from './events.js';
import { failureOf } from './failure.js';
import type { UnitTestDiff } from './unit-tests/compare.js';
import { explainUnitTest, judgeUnitTest } from './unit-tests/judge.js';

/** What becomes of a node: its relation is made or its test run; its SQL is compiled only. */
export type Action = 'build' | 'compile';

const SAMPLE_ROWS = 5;

interface Done {
  readonly status: NodeStatus;
  readonly message: string | null;
  readonly failures?: number | null;
  readonly adapterResponse?: Readonly<Record<string, unknown>>;
  readonly diagnostics?: readonly Diagnostic[];
  readonly sample?: SampleRows;
  readonly unitTestDiff?: UnitTestDiff;
}

/** Parts of a result that a node that never ran has. */
export function blankResult(node: Node, threadId: string): NodeResult {
  return {
    node,
    status: 'skipped',
    timing: [],
    threadId,
    executionTime: 0,
    adapterResponse: {},
    message: null,
    failures: null,
    diagnostics: [],
    compiled: node.compiled ?? false,
    compiledCode: node.compiled_code ?? null,
    relationName: node.relation_name,
    skippedBecause: [],
  };
}

/**
 * Compiles a node and, for `build`, makes its relation or runs its test. Never throws: what goes wrong is in the result.
 * An open transaction is given up, so that the session serves the next node.
 */
export async function executeNode(
  engine: Engine,
  node: Node,
  action: Action,
  session: Session,
  threadId: string,
  warnError = false,
): Promise<NodeResult> {
  const started = performance.now();
  const timing: NodeTiming[] = [];
  const timed = async <T>(name: NodeTiming['name'], work: () => Promise<T>): Promise<T> => {
    const startedAt = new Date();
    try {
      return await work();
    } finally {
      timing.push({ name, startedAt, completedAt: new Date() });
    }
  };
  let done: Done;
  let settle = async (): Promise<void> => {};
  try {
    await timed('compile', async () => {
      if (node.resource_type !== 'seed') await engine.runtime.compile(node, session);
      if (node.resource_type === 'model' && isMap(node.config.ml)) {
        const { scoreInSql } = await import('./ml/score.js');
        settle = await scoreInSql(engine, node, action, session);
      }
      if (predictions.size > 0 && action === 'build' && LEAVES_TABLE.has(String(node.config.materialized))) {
        const { callModels } = await import('./ml/call-models.js');
        const [before, putBack] = [settle, await callModels(node, session)];
        settle = async () => {
          putBack();
          await before();
        };
      }
    });
    done = await timed('execute', () => act(engine, node, action, session, warnError));
  } catch (error) {
    const { message, diagnostics } = failureOf(error, node, engine);
    const isUnitTest = node.resource_type === 'unit_test';
    done = {
      status: 'error',
      message,
      diagnostics: isUnitTest ? explainUnitTest(engine, node, error, diagnostics) : diagnostics,
    };
  }
  if (session.inTransaction) await session.rollback();
  await settle();
  const result: NodeResult = {
    ...blankResult(node, threadId),
    status: done.status,
    timing,
    executionTime: (performance.now() - started) / 1000,
    adapterResponse: done.adapterResponse ?? {},
    message: done.message,
    failures: done.failures ?? null,
    diagnostics: done.diagnostics ?? [],
  };
  const { sample, unitTestDiff } = done;
  return {
    ...result,
    ...(sample === undefined ? {} : { sample }),
    ...(unitTestDiff === undefined ? {} : { unitTestDiff }),
  };
}

const LEAVES_TABLE = new Set(['table', 'incremental']);

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

async function act(engine: Engine, node: Node, action: Action, session: Session, warnError: boolean): Promise<Done> {
  if (action === 'compile' || node.config.materialized === 'ephemeral') return { status: 'success', message: null };
  if (node.resource_type === 'unit_test') return judgeUnitTest(engine, node, session);
  if (node.resource_type === 'test') {
    const outcome = await engine.runtime.test(node, session);
    return judgeTest(engine, node, outcome, session, warnError);
  }
  const { response } = await engine.runtime.materialize(node, session);
  return { status: 'success', message: response._message, adapterResponse: { ...response } };
}

async function judgeTest(
  engine: Engine,
  node: Node,
  outcome: TestOutcome,
  session: Session,
  warnError: boolean,
): Promise<Done> {
  const config = node.config as Readonly<Record<string, unknown>>;
  const adapterResponse = outcome.response === undefined ? {} : { ...outcome.response };
  const severity = String(config.severity ?? 'ERROR').toUpperCase();
  const errs = severity === 'ERROR' && outcome.shouldError;
  const failed = errs || (outcome.shouldWarn && warnError);
  if (!failed && !outcome.shouldWarn) return { status: 'pass', message: null, failures: 0, adapterResponse };
  const count = `${outcome.failures} result${outcome.failures === 1 ? '' : 's'}`;
  const bound = String((errs ? config.error_if : config.warn_if) ?? '!= 0');
  const message = `Got ${count}, configured to ${failed ? 'fail' : 'warn'} if ${bound}`;
  const sample = await sampleRows(node, session);
  return {
    status: failed ? 'fail' : 'warn',
    message,
    failures: outcome.failures,
    adapterResponse,
    diagnostics: [testProblem(engine, node, message, failed ? 'error' : 'warning')],
    ...(sample === undefined ? {} : { sample }),
  };
}

function testProblem(engine: Engine, node: Node, message: string, severity: Severity): Diagnostic {
  const frame = nodeFrame(node, engine);
  const rows = node.relation_name !== null ? `\`select * from ${node.relation_name}\`` : (node.compiled_path ?? '');
  return problem('test-failed', `${node.name}: ${message}`, {
    severity,
    ...(frame?.place === undefined ? {} : { place: frame.place }),
    ...(rows === '' ? {} : { hint: `The failing rows: ${rows}` }),
  });
}

/** A few failing rows; undefined where they can't be read (a test whose query is no plain select). */
async function sampleRows(node: Node, session: Session): Promise<SampleRows | undefined> {
  const compiled = node.compiled_code?.trim().replace(/;+$/, '');
  if (compiled === undefined || compiled === '') return undefined;
  try {
    const found = await session.execute(`select * from (\n${compiled}\n) as failing_rows limit ${SAMPLE_ROWS}`);
    return { columns: found.columns.map((column) => column.name), rows: found.rows };
  } catch {
    return undefined;
  }
}
