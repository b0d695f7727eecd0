import type { Diagnostic } from '../../diagnostics/index.js';
import type { RunEvent } from '../../run/events.js';
import { type DiagnosticOptions, formatDiagnostic } from './diagnostics.js';
import { batchMessage, endMessage, nodeInfo, startMessage } from './node-line.js';
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
      const threads = plural(event.threads, 'thread');
      return [
        foundMessage(event.counts),
        blank,
        {
          level: 'info',
          name: 'ConcurrencyLine',
          code: 'Q027',
          text: `Concurrency: ${threads} (target='${printable(options.targetName, true)}')`,
          data: { node_count: event.total, num_threads: event.threads, target_name: options.targetName },
        },
        blank,
      ];
    }
    case 'node-start':
      return [startMessage(event.node, event.index, event.total, options)];
    case 'node-end':
      return [endMessage(event.result, event.index, event.total, options)];
    case 'batch-start':
    case 'batch-end':
      return [batchMessage(event, options)];
    case 'node-log': {
      // A TypeScript model's line stands under its name; a template's is as its author wrote it, as in dbt.
      const { node, message } = event;
      const text = node === null || node.language === 'sql' ? message : `${node.name}: ${message}`;
      return [
        {
          level: event.level,
          name: event.level === 'debug' ? 'JinjaLogDebug' : 'JinjaLogInfo',
          code: event.level === 'debug' ? 'I063' : 'I062',
          text: printable(text),
          data: { msg: message, ...(node === null ? {} : { node_info: nodeInfo(node, 'started') }) },
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
  return {
    level: severity === 'error' ? 'error' : 'warn',
    name: severity === 'error' ? 'MainEncounteredError' : 'Warning',
    code: severity === 'error' ? 'Z002' : 'U003',
    text: formatDiagnostic(diagnostic, options),
    data: { severity, code, message, place, hint, frames },
  };
}

/** `Found 4 models, 1 seed, 3 data tests`. */
function foundMessage(counts: Readonly<Record<string, number>>): Message {
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
