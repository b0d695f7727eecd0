import type { Node } from '../../parse/node.js';
import type { NodeResult, NodeStatus } from '../../run/events.js';
import { unitTestTitle } from '../../run/unit-tests/unit-test-node.js';

/** dbt's `node_info` of a log event. */
export function nodeInfo(node: Node, status: NodeStatus | 'started' | 'None', result?: NodeResult): object {
  const first = result?.timing.at(0)?.startedAt;
  const last = result?.timing.at(-1)?.completedAt;
  const type = node.resource_type;
  // As in dbt: what is no relation of the project has no name of one, a unit test that ran no state.
  const isUnitTest = type === 'unit_test';
  const isUnread = isUnitTest && status === 'started';
  const hasAlias = isUnitTest ? !isUnread : type !== 'source' && node.schema !== null;
  return {
    materialized: isUnread || type === 'exposure' || type === 'saved_query' ? '' : node.config.materialized,
    meta: node.config.meta,
    node_checksum: node.checksum.checksum,
    node_finished_at: last?.toISOString() ?? '',
    node_name: node.name,
    node_path: isUnread ? node.original_file_path.replace(/^[^/]*\//, '') : node.path,
    node_relation: {
      alias: hasAlias ? node.alias : '',
      database: isUnread ? '' : (node.database ?? ''),
      relation_name: node.relation_name ?? '',
      schema: node.schema ?? '',
    },
    node_started_at: first?.toISOString() ?? '',
    node_status: isUnitTest && (status === 'pass' || status === 'fail') ? 'None' : status,
    resource_type: type,
    unique_id: node.unique_id,
  };
}

/** `shop.on-run-start.0` of a hook. */
export function hookName(node: Node): string {
  return node.name.replace(/-(on-run-(?:start|end))-(\d+)$/, '.$1.$2');
}

/** The fields of dbt's event for a node that ended; each kind of node has an event of its own. */
export function endData(
  result: NodeResult,
  description: string,
  index: number,
  total: number,
): Readonly<Record<string, unknown>> {
  const { node, status, executionTime: execution_time } = result;
  const type = node.resource_type;
  const node_info = nodeInfo(node, status, result);
  const schema = node.schema ?? '';
  if (status === 'skipped') return { node_name: node.name, resource_type: type, schema, index, total, node_info };
  const common = { status, index, execution_time, node_info };
  const result_message = result.message ?? '';
  switch (type) {
    case 'test':
    case 'unit_test':
      return {
        ...common,
        name: type === 'unit_test' ? unitTestTitle(node) : node.name,
        num_failures: result.failures ?? 0,
        num_models: total,
        attached_node: node.attached_node ?? '',
      };
    case 'source':
      return { ...common, total, source_name: node.source_name, table_name: node.name };
    case 'operation':
      return { ...common, total, statement: hookName(node) };
    case 'seed':
      return { ...common, total, relation: node.alias, schema, result_message };
    case 'snapshot':
      return { ...common, total, description: `${schema}.${node.alias}`, cfg: configTexts(node), result_message };
    default: {
      const said = status === 'success' ? (result.message ?? status) : status === 'no-op' ? '' : status;
      return { ...common, status: said, total, description };
    }
  }
}

/** The configs that are set, each as Python's `str` writes it. */
function configTexts({ config }: Node): Record<string, string> {
  const entries = Object.entries(config).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === 'string' ? value : pythonText(value)]),
  );
}

/** Plain data as Python's `repr` writes it, without what is not set. */
function pythonText(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return value.includes("'") ? JSON.stringify(value) : `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(pythonText).join(', ')}]`;
  if (typeof value !== 'object' || String(value) !== '[object Object]') return String(value);
  return `{${Object.entries(value)
    .filter(([, item]) => item !== null)
    .map(([key, item]) => `${pythonText(key)}: ${pythonText(item)}`)
    .join(', ')}}`;
}
