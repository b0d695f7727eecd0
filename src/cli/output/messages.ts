import type { Diagnostic } from '../../diagnostics/index.js';
import type { RunEvent } from '../../run/events.js';
import { dbtEvent } from '../dbt-events.js';
import { type DiagnosticOptions, formatDiagnostic } from './diagnostics.js';
import { nodeInfo } from './node-data.js';
import { batchMessage, endMessage, startMessage } from './node-line.js';
import type { Message } from './output.js';
import { blank, kindName, plural, summaryMessages } from './summary.js';
import { printable } from './width.js';

export interface MessageOptions extends DiagnosticOptions {
  readonly printerWidth: number;
  readonly targetName: string;
}

/** What a run's event says, in dbt's order and names. */
export function eventMessages(event: RunEvent, options: MessageOptions): Message[] {
  switch (event.kind) {
    case 'run-start': {
      const { total, threads } = event;
      return [
        { ...foundMessage(event.counts), only: 'text' },
        ...concurrencyMessages(total, threads, options.targetName),
      ];
    }
    case 'node-start':
      // What has nothing to run does not start.
      if (['exposure', 'saved_query'].includes(event.node.resource_type)) return [];
      return [startMessage(event.node, event.index, event.total, options)];
    case 'node-end':
      return [endMessage(event.result, event.index, event.total, options)];
    case 'batch-start':
    case 'batch-end':
      return [batchMessage(event, options)];
    case 'node-log': {
      // A TypeScript model's line stands under its name; a template's is as its author wrote it, as in dbt.
      const { node, message } = event;
      const isNode = node !== null && node.resource_type !== 'sql_operation';
      const text = node === null || node.language === 'sql' ? message : `${node.name}: ${message}`;
      return [
        {
          level: event.level,
          name: event.level === 'debug' ? 'JinjaLogDebug' : 'JinjaLogInfo',
          code: event.level === 'debug' ? 'I063' : 'I062',
          text: printable(text),
          data: { msg: message, ...(isNode ? { node_info: nodeInfo(node, 'started') } : {}) },
        },
      ];
    }
    case 'statement': {
      const { node, sql } = event;
      const data = { conn_name: node.unique_id, sql, node_info: nodeInfo(node, 'started') };
      return [
        { level: 'debug', name: 'SQLQuery', code: 'E016', text: `On ${node.unique_id}: ${printable(sql)}`, data },
      ];
    }
    case 'warning':
      return [diagnosticMessage(event.diagnostic, options)];
    case 'run-end':
      return summaryMessages(event.outcome, options);
  }
}

/** A diagnostic as a message; what there is of its parts also as data. */
export function diagnosticMessage(diagnostic: Diagnostic, options: DiagnosticOptions): Message {
  const { severity, code, message, place, hint, frames } = diagnostic;
  const event =
    severity === 'error'
      ? { name: 'MainEncounteredError', code: 'Z002' }
      : (dbtEvent(code) ?? { name: 'Warning', code: 'U003' });
  return {
    level: severity === 'error' ? 'error' : 'warn',
    ...event,
    text: formatDiagnostic(diagnostic, options),
    data: {
      severity,
      code,
      message,
      place,
      hint,
      frames,
      ...(severity === 'error' ? { exc: message } : { msg: message }),
    },
  };
}

/** On how many threads the nodes run, between blank lines. */
export function concurrencyMessages(node_count: number, num_threads: number, target_name: string): Message[] {
  return [
    blank,
    {
      level: 'info',
      name: 'ConcurrencyLine',
      code: 'Q027',
      text: `Concurrency: ${plural(num_threads, 'thread')} (target='${printable(target_name, true)}')`,
      data: { node_count, num_threads, target_name },
    },
    blank,
  ];
}

/** `Found 4 models, 1 seed, 3 data tests`. */
export function foundMessage(counts: Readonly<Record<string, number>>): Message {
  const stat = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => plural(count, kindName(kind)))
    .join(', ');
  return {
    level: 'info',
    name: 'FoundStats',
    code: 'W006',
    text: `Found ${stat || 'nothing'}`,
    data: { stat_line: stat },
  };
}
