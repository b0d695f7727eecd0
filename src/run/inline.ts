import { UpsqlError } from '../diagnostics/index.js';
import type { Node } from '../parse/node.js';
import type { Engine } from './engine.js';
import type { NodeResult } from './events.js';
import { blankResult } from './execute.js';
import { failureOf } from './failure.js';
import { standIn } from './stand-in.js';

/** What places in an inline query show as their file. */
export const INLINE = '<inline query>';

/** The node that stands for an inline query, as dbt names it. */
export function inlineNode(engine: Pick<Engine, 'manifest'>, raw: string, compiled?: string): Node {
  const project = engine.manifest.metadata.project_name;
  return standIn({
    resource_type: 'sql_operation',
    unique_id: `sql_operation.${project}.inline_query`,
    name: 'inline_query',
    package_name: project,
    path: INLINE,
    original_file_path: INLINE,
    raw_code: raw,
    ...(compiled === undefined ? {} : { compiled: true, compiled_code: compiled }),
  });
}

/** The result of an inline query that went well: when it was begun, compiled and, if it was, run. */
export function inlineResult(
  engine: Engine,
  compiled: string,
  [startedAt, compiledAt, endedAt = compiledAt]: readonly [Date, Date, Date?],
): NodeResult {
  const { project_name: package_name } = engine.manifest.metadata;
  const path = 'inline_query.sql';
  const node = standIn({
    resource_type: 'sql_operation',
    unique_id: `sql_operation.${package_name}.inline_query`,
    name: 'inline_query',
    package_name,
    path,
    original_file_path: path,
  });
  return {
    ...blankResult(node, 'main'),
    status: 'success',
    timing: [
      { name: 'compile', startedAt, completedAt: compiledAt },
      { name: 'execute', startedAt: compiledAt, completedAt: endedAt },
    ],
    executionTime: (endedAt.getTime() - startedAt.getTime()) / 1000,
    compiled: true,
    compiledCode: compiled,
  };
}

/** An error of an inline query, with its places in the query's own text. */
export function inlineFailure(error: unknown, engine: Engine, raw: string, compiled?: string): UpsqlError {
  const origin = (): { file: string; line: number } => ({ file: INLINE, line: 1 });
  const { diagnostics } = failureOf(error, inlineNode(engine, raw, compiled), { ...engine, origin });
  const placed = diagnostics.map((found) =>
    found.place?.file === INLINE && found.source === undefined ? { ...found, source: raw } : found,
  );
  return new UpsqlError(placed, 2, error);
}
