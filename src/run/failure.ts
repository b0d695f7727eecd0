import { DatabaseError } from '../adapters/adapter.js';
import { type Diagnostic, problem, UpsqlError } from '../diagnostics/index.js';
import type { Node } from '../parse/node.js';
import { databaseProblem, nodeFrame } from './database-problem.js';
import type { Engine } from './engine.js';

export interface Failure {
  /** As run_results.json has it: a head line that names the node, then the indented text. */
  readonly message: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** What went wrong in a node, whatever was thrown. */
export function failureOf(
  error: unknown,
  node: Node,
  engine: Pick<Engine, 'project' | 'manifest' | 'origin'>,
): Failure {
  const database = databaseErrorIn(error);
  // The error of a model in Python or TypeScript already points at the line of its own file; that of a statement does not.
  const pointsAtCode =
    error instanceof UpsqlError && node.language !== 'sql' && error.diagnostics[0]?.code !== 'jinja-host';
  if (database !== undefined && !pointsAtCode) {
    const calls = error instanceof UpsqlError ? (error.diagnostics[0]?.frames ?? []) : [];
    const found = databaseProblem(database, node, engine, calls);
    return { message: headed('Database Error', node, database.message), diagnostics: [found] };
  }
  if (error instanceof UpsqlError) {
    const kind = error.diagnostics[0]?.code === 'python-model-failed' ? 'Runtime Error' : 'Compilation Error';
    return { message: headed(kind, node, error.message), diagnostics: error.diagnostics };
  }
  const text = error instanceof Error ? error.message : String(error);
  const place = nodeFrame(node, engine)?.place;
  const diagnostic = problem('internal-error', text, {
    ...(place === undefined ? {} : { place }),
    // The stack, which is shown with --debug.
    ...(error instanceof Error && error.stack !== undefined ? { source: error.stack } : {}),
    hint: 'This is a fault in upsql or in one of its libraries: please report it with the command and the model.',
  });
  return { message: headed('Internal Error', node, text), diagnostics: [diagnostic] };
}

/** A DatabaseError itself, or one that a stage on the way wrapped to add its own frames. */
function databaseErrorIn(error: unknown): DatabaseError | undefined {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 10; inner = inner.cause, depth++) {
    if (inner instanceof DatabaseError) return inner;
  }
  return undefined;
}

function headed(kind: string, node: Node, text: string): string {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => `  ${line}`.trimEnd());
  return `${kind} in ${node.resource_type} ${node.name} (${node.original_file_path})\n${lines.join('\n')}`;
}
