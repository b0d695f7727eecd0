import type { Node } from '../../parse/node.js';
import type { NodeResult, NodeStatus, RunEvent } from '../../run/events.js';
import { unitTestTitle } from '../../run/unit-tests/unit-test-node.js';
import { endData, hookName, nodeInfo } from './node-data.js';
import type { Message } from './output.js';
import type { Style } from './style.js';
import { printable, textWidth, truncate } from './width.js';

export interface LineOptions {
  readonly style: Style;
  readonly printerWidth: number;
  /** Cells of a line; a longer name is cut. Undefined: as long as it takes. */
  readonly width?: number;
}

/** The words that dbt uses for a node: `sql table model main.orders`, `seed file main.users`, `test not_null_id`. */
export function describeNode(node: Node): string {
  const relation = node.schema ? `${node.schema}.${node.alias}` : node.alias;
  switch (node.resource_type) {
    case 'model':
      return `${node.language} ${kindOfModel(node)} model ${relation}`;
    case 'seed':
      return `seed file ${relation}`;
    case 'snapshot':
      return `snapshot ${relation}`;
    case 'operation':
      return `hook: ${hookName(node)}`;
    case 'source':
      return `freshness of ${String(node.source_name)}.${node.name}`;
    case 'unit_test':
      return `unit_test ${unitTestTitle(node)}`;
    default:
      return `${node.resource_type} ${node.name}`;
  }
}

function kindOfModel({ config }: Node): string {
  const isMicrobatch = config.materialized === 'incremental' && config.incremental_strategy === 'microbatch';
  return isMicrobatch ? 'microbatch' : config.materialized;
}

/** The line for a node that begins. */
export function startMessage(node: Node, index: number, total: number, options: LineOptions): Message {
  const description = printable(describeNode(node), true);
  const text = nodeLine(`START ${description}`, 'RUN', undefined, index, total, options);
  const data = { index, total, node_info: nodeInfo(node, 'started') };
  if (node.resource_type === 'operation')
    return {
      level: 'info',
      name: 'LogHookStartLine',
      code: 'Q032',
      text,
      data: { ...data, statement: hookName(node) },
    };
  return { level: 'info', name: 'LogStartLine', code: 'Q011', text, data: { ...data, description } };
}

type BatchEvent = Extract<RunEvent, { readonly kind: 'batch-start' | 'batch-end' }>;

/** The line for a batch of a microbatch model that begins or ended. */
export function batchMessage(event: BatchEvent, options: LineOptions): Message {
  const { node, label, index, total } = event;
  const { style } = options;
  const place = node.schema ? `${node.schema}.${node.alias}` : node.alias;
  const description = printable(`batch ${label} of ${place}`, true);
  const data = { description, batch_index: index, total_batches: total };
  const line = (words: string, state: string, seconds?: number): string =>
    `Batch ${nodeLine(`${words} ${description}`, state, seconds, index, total, options)}`;
  if (event.kind === 'batch-start') {
    const text = line('START', 'RUN');
    return {
      level: 'info',
      name: 'LogStartBatch',
      code: 'Q045',
      text,
      data: { ...data, node_info: nodeInfo(node, 'started') },
    };
  }
  const { status, executionTime } = event;
  const text =
    status === 'skipped'
      ? line('SKIP', style.yellow('SKIPPED'))
      : status === 'error'
        ? line('ERROR creating', style.red('ERROR'), executionTime)
        : line('OK created', style.green('OK'), executionTime);
  return {
    level: status === 'error' ? 'error' : 'info',
    name: 'LogBatchResult',
    code: 'Q046',
    text,
    data: { ...data, status, execution_time: executionTime, node_info: nodeInfo(node, status) },
  };
}

/** The line for a node that ended. */
export function endMessage(result: NodeResult, index: number, total: number, options: LineOptions): Message {
  const { node, status } = result;
  const { style } = options;
  const description = printable(describeNode(node), true);
  const isTest = node.resource_type === 'test' || node.resource_type === 'unit_test';
  const name = node.resource_type === 'unit_test' ? unitTestTitle(node) : node.name;
  const finish = (
    words: string,
    state: string,
    level: Message['level'],
    names: readonly [string, string],
  ): Message => ({
    level,
    name: names[0],
    code: names[1],
    text: nodeLine(words, state, status === 'skipped' ? undefined : result.executionTime, index, total, options),
    data: endData(result, description, index, total),
    thread: result.threadId,
  });
  const names = eventNames(node, isTest);
  if (node.resource_type === 'source') {
    const [words, level] = FRESHNESS[status] ?? ['SKIP', 'info'];
    const paint = level === 'error' ? style.red : level === 'warn' ? style.yellow : style.green;
    return finish(`${words} ${description}`, paint(words), level, names);
  }
  const count = result.failures === null ? '' : ` ${result.failures}`;
  switch (status) {
    case 'skipped': {
      const what = isTest ? description : `relation ${node.schema ? `${node.schema}.` : ''}${node.alias}`;
      return finish(`SKIP ${what}`, style.yellow('SKIP'), 'info', ['SkippingDetails', 'Q034']);
    }
    case 'no-op':
      return finish(`NO-OP ${description}`, style.yellow('NO-OP'), 'info', ['LogNodeNoOpResult', 'Q019']);
    case 'pass':
      return finish(`PASS ${name}`, style.green('PASS'), 'info', names);
    case 'warn':
      return finish(`WARN${count} ${name}`, style.yellow(`WARN${count}`), 'warn', names);
    case 'fail':
      return finish(`FAIL${count} ${name}`, style.red(`FAIL${count}`), 'error', names);
    case 'runtime error':
    case 'error': {
      const words = isTest ? `ERROR ${name}` : `ERROR ${verb(node)[0]} ${whatIsDone(node, description)}`;
      return finish(words, style.red('ERROR'), 'error', names);
    }
    case 'partial success':
      return finish(
        `PARTIALLY created ${description}`,
        style.yellow(result.message ?? 'PARTIAL SUCCESS'),
        'warn',
        names,
      );
    case 'success': {
      const done =
        node.resource_type === 'operation' ? description : `${verb(node)[1]} ${whatIsDone(node, description)}`;
      return finish(`OK ${done}`, style.green(successText(result)), 'info', names);
    }
  }
}

const FRESHNESS: Partial<Record<NodeStatus, readonly [words: string, level: Message['level']]>> = {
  pass: ['PASS', 'info'],
  warn: ['WARN', 'warn'],
  error: ['ERROR STALE', 'error'],
  'runtime error': ['ERROR', 'error'],
};

/** What the warehouse answered, as shown in the brackets: rows where it says them, else its own word. */
function successText(result: NodeResult): string {
  const rows = result.adapterResponse.rows_affected;
  if ((typeof rows === 'number' && rows > 0) || (typeof rows === 'bigint' && rows > 0n)) {
    return `${rows.toLocaleString('en-US')} row${Number(rows) === 1 ? '' : 's'}`;
  }
  const message = result.adapterResponse._message;
  return typeof message === 'string' && message !== '' ? printable(message, true) : 'OK';
}

/** `snapshotted main.orders`, not `snapshotted snapshot main.orders`. */
const whatIsDone = (node: Node, description: string): string =>
  node.resource_type === 'snapshot' ? description.replace(/^snapshot /, '') : description;

function verb(node: Node): readonly [string, string] {
  if (node.resource_type === 'seed') return ['loading', 'loaded'];
  if (node.resource_type === 'snapshot') return ['snapshotting', 'snapshotted'];
  return node.resource_type === 'operation' ? ['in', ''] : ['creating', 'created'];
}

function eventNames(node: Node, isTest: boolean): readonly [string, string] {
  if (isTest) return ['LogTestResult', 'Q007'];
  if (node.resource_type === 'source') return ['LogFreshnessResult', 'Q018'];
  if (node.resource_type === 'seed') return ['LogSeedResult', 'Q016'];
  if (node.resource_type === 'snapshot') return ['LogSnapshotResult', 'Q015'];
  return node.resource_type === 'operation' ? ['LogHookEndLine', 'Q033'] : ['LogModelResult', 'Q012'];
}

/** `3 of 8 OK created … ........ [OK in 0.02s]`, dots up to the printer's width. */
function nodeLine(
  words: string,
  state: string,
  seconds: number | undefined,
  index: number,
  total: number,
  options: LineOptions,
): string {
  const time = seconds === undefined ? '' : ` in ${seconds.toFixed(2)}s`;
  const tail = ` [${state}${time}]`;
  const whole = `${index} of ${total} ${words}`;
  const head = `${options.width === undefined ? whole : truncate(whole, options.width - textWidth(tail) - 1)} `;
  const dots = '.'.repeat(Math.max(0, options.printerWidth - textWidth(head)));
  return `${head}${options.style.dim(dots)}${tail}`;
}
