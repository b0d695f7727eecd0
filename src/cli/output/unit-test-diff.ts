import type { UnitRow } from '../../parse/runtime.js';
import type { UnitTestDiff } from '../../run/unit-tests/compare.js';
import { diffLines } from '../../run/unit-tests/diff-text.js';
import type { DiagnosticOptions } from './diagnostics.js';
import type { Message } from './output.js';
import { printable, textWidth } from './width.js';

/** Rows of a diff that the summary shows; run_results.json has all. */
const MAX_ROWS = 40;

const texts = (row: UnitRow): (string | null)[] => row.map((cell) => cell?.text ?? null);

/** A failed unit test's rows beside the expected ones, for people and, as data, for readers of the JSON log. */
export function unitTestDiffMessage(diff: UnitTestDiff, nodeInfo: unknown, options: DiagnosticOptions): Message {
  const { style } = options;
  const paint = { head: style.bold, missing: style.red, extra: style.green, mark: style.yellow };
  const show = (text: string) => printable(text, true);
  const lines = diffLines(diff, { form: 'table', paint, show, measure: textWidth, maxRows: MAX_ROWS });
  const arrow = style.yellow('→');
  const legend = `${style.red('--- missing')}, ${style.green('+++ not expected')}, ${arrow} ${style.red('expected')}${arrow}${style.green('actual')}:`;
  const rows = diff.rows.filter((row) => row.kind !== 'same');
  return {
    level: 'error',
    name: 'UnitTestDiff',
    code: 'U003',
    text: [legend, ...lines].map((line) => `    ${line}`).join('\n'),
    data: {
      columns: diff.columns,
      rows: rows.map((row) =>
        row.kind === 'changed'
          ? { kind: row.kind, expected: texts(row.expected), actual: texts(row.actual) }
          : { kind: row.kind, row: texts(row.row) },
      ),
      node_info: nodeInfo,
    },
  };
}
