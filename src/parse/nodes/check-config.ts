/** Configs of tests and snapshots that nothing could run with. */
import { problem } from '../../diagnostics/index.js';
import type { Node } from '../node.js';
import { originOf, type ParsedProject } from '../state.js';

type Fault = readonly [message: string, hint: string];

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

function severityFault({ config }: Node): Fault | undefined {
  const { severity } = config;
  if (typeof severity === 'string' && /^(warn|error)$/i.test(severity)) return undefined;
  return [`has the severity ${JSON.stringify(severity)}`, 'A severity is warn or error.'];
}

function snapshotFault({ config }: Node): Fault | undefined {
  const { strategy, unique_key, check_cols, updated_at, materialized } = config;
  if (isEmpty(strategy)) return ['has no strategy', 'Set strategy to timestamp or check.'];
  if (isEmpty(unique_key)) return ['has no unique_key', 'Set unique_key to what tells its rows apart.'];
  if (strategy === 'check' && isEmpty(check_cols))
    return ["has the strategy 'check' without check_cols", 'Set check_cols to a list of columns, or to all.'];
  if (strategy === 'check' && typeof check_cols === 'string' && check_cols !== 'all')
    return [`has the check_cols '${check_cols}'`, `Write check_cols: [${check_cols}], or all.`];
  if (strategy === 'timestamp' && isEmpty(updated_at))
    return [
      "has the strategy 'timestamp' without updated_at",
      'Set updated_at to the column that says when a row changed.',
    ];
  if (strategy === 'timestamp' && !isEmpty(check_cols))
    return ["has the strategy 'timestamp' and check_cols", 'Leave check_cols out, or set strategy to check.'];
  if (!isEmpty(materialized) && materialized !== 'snapshot')
    return [`has the materialization '${String(materialized)}'`, "A snapshot's own is the only one; leave it out."];
  return undefined;
}

/** Adds an error for a test's severity or a snapshot's strategy with which the node can't run. */
export function checkConfig(parsed: ParsedProject, node: Node): void {
  const { resource_type: type } = node;
  const fault = type === 'test' ? severityFault(node) : type === 'snapshot' ? snapshotFault(node) : undefined;
  if (fault === undefined) return;
  const [message, hint] = fault;
  const { file, line } = originOf(parsed, node);
  const what = type === 'test' ? 'Data test' : 'Snapshot';
  parsed.diagnostics.push(
    problem('invalid-config', `${what} '${node.name}' ${message}.`, { place: { file, line, column: 1 }, hint }),
  );
}
