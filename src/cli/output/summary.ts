import type { Node } from '../../parse/node.js';
import type { NodeResult, NodeStatus, RunOutcome } from '../../run/events.js';
import { type DiagnosticOptions, formatDiagnostic } from './diagnostics.js';
import { nodeInfo } from './node-data.js';
import type { Message } from './output.js';
import type { Style } from './style.js';
import { formatTable } from './table.js';
import { unitTestDiffMessage } from './unit-test-diff.js';
import { printable } from './width.js';

export interface Counts {
  readonly pass: number;
  readonly warn: number;
  readonly error: number;
  readonly skip: number;
  readonly noop: number;
  readonly total: number;
}

const FAILED: ReadonlySet<NodeStatus> = new Set(['error', 'fail', 'partial success', 'runtime error']);

/** How many nodes ended how, as in dbt's last line. */
export function countResults(results: readonly NodeResult[]): Counts {
  const counts = { pass: 0, warn: 0, error: 0, skip: 0, noop: 0, total: results.length };
  for (const { status } of results) {
    if (status === 'success' || status === 'pass') counts.pass += 1;
    else if (status === 'warn') counts.warn += 1;
    else if (status === 'skipped') counts.skip += 1;
    else if (status === 'no-op') counts.noop += 1;
    else counts.error += 1;
  }
  return counts;
}

/** The end of a run: what was done, every failure with its reason and place, what was skipped for it, the counts. */
export function summaryMessages(outcome: RunOutcome, options: DiagnosticOptions): Message[] {
  const results = outcome.results;
  if (results.length === 0 && outcome.interrupted !== true) {
    return [
      { level: 'warn', name: 'NothingToDo', code: 'Q035', text: 'Nothing to do: no node is selected.', data: {} },
    ];
  }
  const failed = results.filter((r) => FAILED.has(r.status));
  const out: Message[] = [blank];
  const took = duration(outcome.elapsed);
  const what = statLine(results);
  out.push({
    level: 'info',
    name: 'FinishedRunningStats',
    code: 'E047',
    text: `Finished running ${what}${took} (${outcome.elapsed.toFixed(2)}s).`,
    data: { stat_line: what, execution: took, execution_time: outcome.elapsed },
  });
  if (results.every(({ node }) => node.resource_type === 'source')) {
    out.push(...freshnessMessages(failed).map((message) => ({ ...message, only: 'json' as const })));
    return [...out, ...endMessages(outcome, options).map((message) => ({ ...message, only: 'text' as const }))];
  }
  return [...out, ...endMessages(outcome, options)];
}

/** What dbt's log says at the end of a check of sources. */
function freshnessMessages(failed: readonly NodeResult[]): Message[] {
  const out = failed.flatMap((result): Message[] => {
    const { node, message } = result;
    const node_info = nodeInfo(node, 'None');
    const text = message ?? '';
    const error = { level: 'error' as const, text };
    if (result.status === 'runtime error')
      return [blank, { ...error, name: 'RunResultError', code: 'Z024', data: { msg: text, node_info } }];
    const about = { node_name: node.name, path: node.original_file_path, resource_type: node.resource_type };
    return [
      blank,
      { ...error, name: 'RunResultFailure', code: 'Z022', data: { ...about, node_info } },
      { ...error, name: 'RunResultErrorNoMessage', code: 'Z025', data: { status: result.status, node_info } },
    ];
  });
  return [...out, { level: 'info', name: 'FreshnessCheckComplete', code: 'Q003', text: 'Done.', data: {} }];
}

/** How the run went, its failures, what was skipped for them, and the counts. */
function endMessages(outcome: RunOutcome, options: DiagnosticOptions): Message[] {
  const { results } = outcome;
  const failed = results.filter((r) => FAILED.has(r.status));
  const warned = results.filter((r) => r.status === 'warn');
  const partial = results.filter((r) => r.status === 'partial success').length;
  const errors = failed.length - partial;
  const out: Message[] = [];
  out.push(blank, {
    level: 'info',
    name: 'EndOfRunSummary',
    code: 'Z030',
    text: headline(options.style, outcome.interrupted === true, errors, partial, warned.length),
    data: {
      num_errors: errors,
      num_warnings: warned.length,
      num_partial_success: partial,
      keyboard_interrupt: outcome.interrupted === true,
    },
  });
  for (const result of failed) out.push(...failureMessages(result, 'Failure', options));
  for (const result of warned) out.push(...failureMessages(result, 'Warning', options));
  out.push(...skippedMessages(results, options));
  const counts = countResults(results);
  const { pass, warn, error, skip, noop, total } = counts;
  out.push(blank, {
    level: 'info',
    name: 'StatsLine',
    code: 'Z023',
    text: `Done. PASS=${pass} WARN=${warn} ERROR=${error} SKIP=${skip} NO-OP=${noop} TOTAL=${total}`,
    data: { stats: counts },
  });
  return out;
}

export const blank: Message = { level: 'info', name: 'Formatting', code: 'Z017', text: '', data: { msg: '' } };

/** Where dbt's log has an empty line and the text needs none. */
const jsonBlank: Message = { ...blank, only: 'json' };

function headline(style: Style, interrupted: boolean, errors: number, partial: number, warnings: number): string {
  const partly = plural(partial, 'partial success', 'partial successes');
  const warned = plural(warnings, 'warning');
  if (interrupted) return style.yellow('Stopped by an interrupt before the end');
  if (errors > 0) return style.red(`Completed with ${plural(errors, 'error')}, ${partly}, and ${warned}:`);
  if (partial > 0) return style.yellow(`Completed with ${partly} and ${warned}:`);
  if (warnings > 0) return style.yellow(`Completed with ${warned}:`);
  return style.green('Completed successfully');
}

/** The first line of an error's message in run_results.json, by which programs find errors in dbt's output too. */
const ERROR_KIND = /^\w+ Error in .*/;

function failureMessages(result: NodeResult, word: 'Failure' | 'Warning', options: DiagnosticOptions): Message[] {
  const { node } = result;
  const level = word === 'Failure' ? 'error' : 'warn';
  const paint = word === 'Failure' ? options.style.red : options.style.yellow;
  const info = nodeInfo(node, 'None');
  const title = printable(`${word} in ${node.resource_type} ${node.name} (${node.original_file_path})`, true);
  const out: Message[] = [
    // Seen with --quiet, too.
    { ...blank, level: level === 'error' ? level : 'info', only: 'text' },
    jsonBlank,
    {
      level,
      name: word === 'Failure' ? 'RunResultFailure' : 'RunResultWarning',
      code: word === 'Failure' ? 'Z022' : 'Z021',
      text: paint(title),
      data: { node_info: info, node_name: node.name, path: node.original_file_path, resource_type: node.resource_type },
    },
  ];
  const reasons = result.diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, options));
  if (reasons.length === 0 && result.message !== null) reasons.push(printable(result.message));
  for (const [at, reason] of reasons.entries()) {
    const kind = at === 0 && reason !== result.message ? ERROR_KIND.exec(result.message ?? '')?.[0] : undefined;
    const text = kind === undefined ? reason : `${printable(kind, true)}\n${reason}`;
    out.push({
      level,
      name: word === 'Failure' ? 'RunResultError' : 'RunResultWarningMessage',
      code: word === 'Failure' ? 'Z024' : 'Z046',
      text: indent(text),
      data: { msg: result.message ?? reason, node_info: info },
    });
  }
  if (result.sample !== undefined && result.sample.rows.length > 0) {
    const columns = result.sample.columns.map((name) => ({ name, type: '' }));
    const room = options.width === undefined ? {} : { width: options.width - 2 };
    const table = formatTable(columns, result.sample.rows, { style: options.style, ...room });
    const shown = result.sample.rows.length;
    const all = result.failures ?? shown;
    out.push({
      level,
      name: 'FailingRows',
      code: 'U002',
      text: indent(
        `${all > shown ? `${shown} of ${all.toLocaleString('en-US')} failing rows` : 'failing rows'}:\n${table}`,
      ),
      data: { columns: result.sample.columns, rows: result.sample.rows, node_info: info },
    });
  }
  if (result.unitTestDiff !== undefined) out.push(unitTestDiffMessage(result.unitTestDiff, info, options));
  if (node.compiled_path) {
    const text = `  ${options.style.dim(`compiled code at ${printable(node.compiled_path, true)}`)}`;
    const data = { path: node.compiled_path, node_info: info };
    out.push(jsonBlank, { level: 'info', name: 'SQLCompiledPath', code: 'Z026', text, data });
  }
  if (node.resource_type === 'test' && node.relation_name !== null) {
    const data = { relation_name: node.relation_name, node_info: info };
    const text = `  failing rows are kept in ${node.relation_name}`;
    out.push(jsonBlank, { level: 'info', name: 'CheckNodeTestFailure', code: 'Z027', text, data, only: 'json' });
  }
  return out;
}

const NAMED = 12;

/** One block a cause: which relations were not built because of it, and how many tests did not run. */
function skippedMessages(results: readonly NodeResult[], options: DiagnosticOptions): Message[] {
  const byCause = new Map<string, Node[]>();
  for (const result of results) {
    if (result.status !== 'skipped' || result.skippedBecause.length === 0) continue;
    const cause = [...result.skippedBecause].sort().join(', ');
    const list = byCause.get(cause) ?? [];
    list.push(result.node);
    byCause.set(cause, list);
  }
  return [...byCause].flatMap(([cause, nodes]) => [
    { ...blank, only: 'text' as const },
    {
      level: 'info' as const,
      name: 'SkippedBecause',
      code: 'U001',
      text: [
        options.style.yellow(
          `Skipped ${plural(nodes.length, 'node')} because of ${cause.split(', ').map(shortId).join(', ')}:`,
        ),
        ...wrapList(namesOf(nodes), options.width ?? 100),
      ].join('\n'),
      data: { cause: cause.split(', '), skipped: nodes.map((node) => node.unique_id) },
    },
  ]);
}

/** The first names, then how many more; tests are only counted beside relations. */
function namesOf(nodes: readonly Node[]): string[] {
  const relations = nodes.filter((node) => node.resource_type !== 'test' && node.resource_type !== 'unit_test');
  const tests = nodes.length - relations.length;
  const listed = relations.length === 0 ? nodes : relations;
  const names = listed.slice(0, NAMED).map((node) => printable(node.name, true));
  if (listed.length > NAMED) names.push(`… ${listed.length - NAMED} more`);
  if (relations.length > 0 && tests > 0) names.push(plural(tests, 'test'));
  return names;
}

/** `model.shop.orders` as `model orders`; tests carry a hash behind their name. */
function shortId(uniqueId: string): string {
  const [kind = '', , ...name] = uniqueId.split('.');
  return name.length === 0 ? uniqueId : `${kind} ${(kind === 'test' ? name.slice(0, 1) : name).join('.')}`;
}

function wrapList(names: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = ' ';
  for (const [n, name] of names.entries()) {
    const word = n < names.length - 1 ? `${name},` : name;
    if (line.length + 1 + word.length > width && line.trim() !== '') {
      lines.push(line);
      line = ' ';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

function statLine(results: readonly NodeResult[]): string {
  const counts = new Map<string, number>();
  for (const { node } of results) {
    const kind =
      node.resource_type === 'model'
        ? `${node.config.materialized} model`
        : node.resource_type === 'operation'
          ? 'project hook'
          : kindName(node.resource_type);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, count]) => plural(count, kind))
    .join(', ');
}

/** A resource type as people say it: `data test`, `unit test`. */
export function kindName(type: string): string {
  return type === 'test' ? 'data test' : type.replaceAll('_', ' ');
}

/** `1 model`, `2 models`; a kind of node has its plural in dbt's way. */
export function plural(count: number, one: string, many?: string): string {
  if (count === 1) return `1 ${one}`;
  const regular = one.endsWith('analysis') ? one.replace(/is$/, 'es') : `${one.replace(/query$/, 'querie')}s`;
  return `${count} ${many ?? regular}`;
}

function duration(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return ` in ${hours} hours ${minutes} minutes and ${(seconds % 60).toFixed(2)} seconds`;
}

const indent = (text: string): string => text.replace(/^(?=.)/gm, '  ');
