import { didYouMean, problem, UpsqlError } from '../../diagnostics/index.js';
import type { MacroNode, Node } from '../../parse/node.js';
import type { Engine } from '../engine.js';
import type { NodeResult, RunOutcome } from '../events.js';
import { blankResult } from '../execute.js';
import { failureOf } from '../failure.js';
import { standIn } from '../stand-in.js';

export interface OperationOutcome extends RunOutcome {
  /** What the macro returned, as plain JS. */
  readonly value: unknown;
}

/**
 * Calls a macro with arguments (`upsql run-operation`). `name` may carry its package: `dbt_utils.pivot`. A macro that
 * fails is in the result; one that isn't there throws UpsqlError `unknown-macro`.
 */
export async function runOperation(
  engine: Engine,
  name: string,
  args: Readonly<Record<string, unknown>> = {},
): Promise<OperationOutcome> {
  const node = operationNode(engine, findMacro(engine, name));
  const session = await engine.adapter.session('main');
  const startedAt = new Date();
  const clock = performance.now();
  let value: unknown = null;
  let part: Pick<NodeResult, 'status' | 'message' | 'failures' | 'diagnostics'>;
  try {
    value = await engine.runtime.callMacro(name, args, session);
    if (session.inTransaction) await session.commit();
    part = { status: 'success', message: null, failures: 0, diagnostics: [] };
  } catch (error) {
    if (session.inTransaction) await session.rollback();
    part = { status: 'error', failures: 1, ...failureOf(error, node, engine) };
  } finally {
    await session.close();
  }
  const elapsed = (performance.now() - clock) / 1000;
  const result: NodeResult = {
    ...blankResult(node, 'main'),
    ...part,
    timing: [{ name: 'execute', startedAt, completedAt: new Date() }],
    executionTime: elapsed,
  };
  return { results: [result], elapsed, success: result.status === 'success', value };
}

/** The macro of a name: the root project's first, then any installed package's, as dbt looks for operations. */
function findMacro({ manifest }: Engine, name: string): MacroNode {
  const dot = name.indexOf('.');
  const bare = name.slice(dot + 1);
  const named = Object.values(manifest.macros).filter((macro) => macro.name === bare);
  const root = manifest.metadata.project_name;
  const found =
    dot === -1
      ? (named.find((macro) => macro.package_name === root) ?? named[0])
      : named.find((macro) => macro.package_name === name.slice(0, dot));
  if (found !== undefined) return found;
  const own = Object.values(manifest.macros).filter((macro) => macro.package_name === root);
  throw new UpsqlError(
    problem('unknown-macro', `There is no macro '${name}' in this project or its packages`, {
      hint: hintFor(bare, own),
    }),
  );
}

function hintFor(name: string, own: readonly MacroNode[]): string {
  const names = own.map((macro) => macro.name);
  return (
    didYouMean(name, names) ??
    (names.length === 0 ? 'The project has no macros of its own.' : `The project has: ${names.sort().join(', ')}.`)
  );
}

/** The call as a node, as dbt has it in its results: the macro's id, without a file of its own. */
function operationNode({ adapter }: Engine, macro: MacroNode): Node {
  return standIn({
    resource_type: 'operation',
    unique_id: macro.unique_id,
    name: macro.name,
    package_name: macro.package_name,
    path: macro.path,
    original_file_path: macro.original_file_path,
    database: adapter.database,
    schema: adapter.schema,
    description: macro.description,
    docs: macro.docs,
    raw_code: macro.macro_sql,
    depends_on: { macros: macro.depends_on.macros, nodes: [] },
  });
}
