import type { NodeResult, RunOutcome } from '../run/events.js';
import { scrub } from './secrets.js';
import { writeAtomic } from './write-atomic.js';

export interface JunitOptions {
  /** What was run: `upsql build`. */
  readonly name: string;
  /** Texts that must not be written; each becomes `*****`. */
  readonly secrets?: readonly string[];
  /** Default: now. */
  readonly startedAt?: Date;
}

const SUITES: Readonly<Record<string, string>> = {
  model: 'models',
  seed: 'seeds',
  snapshot: 'snapshots',
  test: 'data tests',
  unit_test: 'unit tests',
  source: 'source freshness',
  operation: 'hooks and operations',
  exposure: 'exposures',
};

/** A run as JUnit XML, which CI servers show: a suite for each kind of node, a case for each node and test. */
export function junitXml(outcome: RunOutcome, options: JunitOptions): string {
  const bySuite = new Map<string, NodeResult[]>();
  for (const result of outcome.results) {
    const type = result.node.resource_type;
    const name = SUITES[type] ?? type.replaceAll('_', ' ');
    const list = bySuite.get(name);
    if (list === undefined) bySuite.set(name, [result]);
    else list.push(result);
  }
  const began = options.startedAt ?? new Date(Date.now() - outcome.elapsed * 1000);
  const suites = [...bySuite].map(([name, results]) => suite(name, results, began));
  const head = attributes({ name: options.name, ...counts(outcome.results), time: outcome.elapsed.toFixed(3) });
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${head}>\n${suites.join('')}</testsuites>\n`;
  const secrets = (options.secrets ?? []).flatMap((secret) => [escapeXml(secret), secret]);
  return scrub(xml, secrets);
}

/** Writes the run as JUnit XML, atomically. Throws UpsqlError `cannot-write`. */
export async function writeJunit(outcome: RunOutcome, file: string, options: JunitOptions): Promise<void> {
  await writeAtomic(file, [junitXml(outcome, options)]);
}

type Verdict = 'failure' | 'error' | 'skipped' | 'passed';

function verdict({ status, node }: NodeResult): Verdict {
  if (status === 'skipped') return 'skipped';
  // A source that is too old is what its check found, no fault of the check.
  if (status === 'fail' || (status === 'error' && node.resource_type === 'source')) return 'failure';
  return status === 'error' || status === 'runtime error' || status === 'partial success' ? 'error' : 'passed';
}

function counts(results: readonly NodeResult[]): Record<string, number> {
  const count = (wanted: Verdict): number => results.filter((result) => verdict(result) === wanted).length;
  return { tests: results.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') };
}

function suite(name: string, results: readonly NodeResult[], began: Date): string {
  const time = results.reduce((sum, result) => sum + result.executionTime, 0).toFixed(3);
  const head = attributes({ name, ...counts(results), time, timestamp: began.toISOString().slice(0, 19) });
  return `  <testsuite${head}>\n${results.map(testcase).join('')}  </testsuite>\n`;
}

function testcase(result: NodeResult): string {
  const { node, executionTime } = result;
  const folders = node.original_file_path.split('/').slice(0, -1);
  const head = attributes({
    name: node.name,
    classname: [node.package_name, ...folders].join('.'),
    file: node.original_file_path,
    time: executionTime.toFixed(3),
  });
  const body = bodyOf(result);
  return body === '' ? `    <testcase${head}/>\n` : `    <testcase${head}>\n${body}    </testcase>\n`;
}

function bodyOf(result: NodeResult): string {
  const said = verdict(result);
  const message = result.diagnostics[0]?.message ?? result.message ?? result.status;
  if (said === 'skipped') {
    const because =
      result.skippedBecause.length === 0
        ? (result.message ?? 'skipped')
        : `because of ${result.skippedBecause.join(', ')}`;
    return `      <skipped${attributes({ message: because })}/>\n`;
  }
  if (said !== 'passed') {
    const head = attributes({ message: message.split('\n')[0] ?? '', type: result.status });
    return `      <${said}${head}>${escapeXml(details(result))}</${said}>\n`;
  }
  return result.status === 'warn' ? `      <system-out>${escapeXml(`warning: ${details(result)}`)}</system-out>\n` : '';
}

/** What went wrong with its places, the failing rows, and where the SQL is. */
function details({ diagnostics, message, sample, node }: NodeResult): string {
  const lines = diagnostics.flatMap(({ message: text, place, hint }) => [
    text,
    ...(place === undefined ? [] : [`  at ${place.file}:${place.line}:${place.column}`]),
    ...(hint === undefined ? [] : [`  hint: ${hint}`]),
  ]);
  if (lines.length === 0 && message !== null) lines.push(message);
  if (sample !== undefined && sample.rows.length > 0) {
    lines.push('failing rows:', `  ${sample.columns.join(' | ')}`);
    for (const row of sample.rows)
      lines.push(`  ${row.map((value) => (value === null ? 'null' : String(value))).join(' | ')}`);
  }
  if (node.compiled_path) lines.push(`compiled code at ${node.compiled_path}`);
  return lines.join('\n');
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
}

/** Whether XML 1.0 can hold a character: no control characters, no halves of pairs. */
function isInXml(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff;
}

function escapeXml(text: string): string {
  return Array.from(text, (character) => (isInXml(character) ? character : '\ufffd'))
    .join('')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');
}
