import { isChanged } from '../../diff/diff.js';
import type { ColumnDiff, RelationDiff, RowSample } from '../../diff/index.js';
import type { Output } from './output.js';
import type { Style } from './style.js';
import { formatTable } from './table.js';

interface Labels {
  readonly left: string;
  readonly right: string;
}

const COUNT = 'BIGINT';

/** A table with a line for each relation, then what differs in each of those that do. */
export function diffText(labels: Labels, diffs: readonly RelationDiff[], { answer }: Pick<Output, 'answer'>): string {
  const { style } = answer;
  const room = answer.width === undefined ? {} : { width: answer.width };
  const columns = [
    { name: 'relation', type: 'VARCHAR' },
    { name: 'status', type: 'VARCHAR' },
    { name: `rows ${labels.left}`, type: COUNT },
    { name: `rows ${labels.right}`, type: COUNT },
    { name: 'added', type: COUNT },
    { name: 'removed', type: COUNT },
    { name: 'changed', type: COUNT },
    { name: 'columns', type: 'VARCHAR' },
  ];
  const rows = diffs.map(({ name, status, rows: counts, columns: all }) => [
    name,
    status,
    counts?.left ?? '',
    counts?.right ?? '',
    counts?.added ?? '',
    counts?.removed ?? '',
    counts?.changed ?? '',
    all.filter((column) => isChanged(column)).length === 0 ? '' : 'differ',
  ]);
  const parts = diffs.filter(({ status }) => status !== 'same').map((diff) => details(labels, diff, style, room));
  return [formatTable(columns, rows, { style, ...room }), ...parts].join('\n\n');
}

function details(labels: Labels, diff: RelationDiff, style: Style, room: { readonly width?: number }): string {
  const lines = [style.bold(diff.name) + (diff.key.length > 0 ? style.dim(`  by ${diff.key.join(', ')}`) : '')];
  if (diff.note !== undefined) lines.push(style.yellow(`  ${diff.note}`));
  for (const column of diff.columns.filter(isChanged)) lines.push(`  ${schemaLine(labels, column, style)}`);
  const both = (diff.rows?.left ?? 0) - (diff.rows?.removed ?? 0);
  for (const column of diff.columns.filter(({ different }) => (different ?? 0) > 0)) {
    const share = both > 0 ? ` of ${both} (${percent(column.different ?? 0, both)})` : '';
    lines.push(`  ${style.bold(column.name)}: ${column.different}${share} differ`);
    if (column.samples.length > 0) lines.push(indent(sampleTable(labels, diff.key, column, style, room)));
  }
  const only = (label: string, list: readonly RowSample[]): void => {
    if (list.length === 0) return;
    const table = formatTable(
      texts(diff.shown),
      list.map(({ values }) => values),
      { style, ...room },
    );
    lines.push(`  only in ${label}, for example`, indent(table));
  };
  only(labels.left, diff.removed);
  only(labels.right, diff.added);
  return lines.join('\n');
}

function schemaLine({ left, right }: Labels, column: ColumnDiff, style: Style): string {
  if (column.left === null) return style.green(`+ ${column.name} ${column.right} is only in ${right}`);
  if (column.right === null) return style.red(`- ${column.name} ${column.left} is only in ${left}`);
  return style.yellow(`~ ${column.name} is ${column.left} in ${left}, ${column.right} in ${right}`);
}

function sampleTable(
  labels: Labels,
  key: readonly string[],
  { samples }: ColumnDiff,
  style: Style,
  room: { readonly width?: number },
): string {
  const rows = samples.map((sample) => [...sample.key, sample.left, sample.right]);
  return formatTable(texts([...key, labels.left, labels.right]), rows, { style, ...room });
}

const texts = (names: readonly string[]) => names.map((name) => ({ name, type: 'VARCHAR' }));
const indent = (text: string): string => text.replace(/^/gm, '    ');

function percent(part: number, whole: number): string {
  const share = (part / whole) * 100;
  return share < 0.01 ? '< 0.01 %' : `${share.toFixed(share < 1 ? 2 : 1)} %`;
}
