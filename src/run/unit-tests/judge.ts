/** What becomes of a unit test that ran, and what is said of one that could not. */
import { DatabaseError, type Session } from '../../adapters/adapter.js';
import { type Diagnostic, problem } from '../../diagnostics/index.js';
import type { Node } from '../../parse/node.js';
import type { Engine } from '../engine.js';
import { compareRows, type UnitTestDiff } from './compare.js';
import { diffMessage } from './diff-text.js';
import { unitTestTitle } from './unit-test-node.js';

export interface UnitTestVerdict {
  readonly status: 'pass' | 'fail';
  readonly message: string | null;
  readonly failures: number;
  readonly adapterResponse: Readonly<Record<string, unknown>>;
  readonly diagnostics: readonly Diagnostic[];
  readonly unitTestDiff?: UnitTestDiff;
}

const some = (count: number, what: string): string[] =>
  count === 0 ? [] : [`${count.toLocaleString('en-US')} ${what}`];

/** Runs a compiled unit test and compares its rows. Throws what the warehouse throws. */
export async function judgeUnitTest(engine: Engine, node: Node, session: Session): Promise<UnitTestVerdict> {
  const outcome = await engine.runtime.unitTest(node, session);
  const adapterResponse = outcome.response === undefined ? {} : { ...outcome.response };
  const diff = compareRows(outcome);
  if (diff === undefined) return { status: 'pass', message: null, failures: 0, adapterResponse, diagnostics: [] };
  const { missing, extra, changed } = diff;
  const counts = [...some(missing, 'missing'), ...some(extra, 'extra'), ...some(changed, 'changed')].join(', ');
  const rows = missing + extra + changed === 1 ? 'row' : 'rows';
  const place = engine.place?.(node.unique_id);
  return {
    status: 'fail',
    message: diffMessage(diff),
    failures: 1,
    adapterResponse,
    diagnostics: [
      problem('unit-test-failed', `${unitTestTitle(node)}: ${counts} ${rows}`, place === undefined ? {} : { place }),
    ],
    unitTestDiff: diff,
  };
}

/** Diagnostics of a unit test that ended in an error, with a hint where the warehouse's words alone don't help. */
export function explainUnitTest(
  engine: Engine,
  node: Node,
  error: unknown,
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] {
  if (!hasDatabaseError(error)) return diagnostics;
  const place = engine.place?.(node.unique_id);
  return diagnostics.map((found) => ({
    ...found,
    ...(found.hint === undefined
      ? { hint: 'Check the values in given and expect against the types of the columns.' }
      : {}),
    ...(place === undefined ? {} : { frames: [...(found.frames ?? []), { name: `unit test ${node.name}`, place }] }),
  }));
}

function hasDatabaseError(error: unknown): boolean {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 10; inner = inner.cause, depth++)
    if (inner instanceof DatabaseError) return true;
  return false;
}
