/** The message of a contract that the query does not keep: one line of a table for each column that differs. */
import { fromJinja } from '../../jinja/index.js';

interface Column {
  readonly name: string;
  readonly data_type: string;
}

const HEAD = ['column_name', 'definition_type', 'contract_type', 'mismatch_reason'] as const;

/** `contract` and `definition`: lists of columns with `name` and `data_type`, as templates hand them over. */
export function contractMismatch(contract: unknown, definition: unknown): string {
  const expected = (fromJinja(contract) ?? []) as readonly Column[];
  const actual = (fromJinja(definition) ?? []) as readonly Column[];
  if (expected.length === 0) return "The model's contract is enforced, and its properties name no columns.";
  const rows = differences(expected, actual).sort(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0));
  return [
    "The query's columns are not those of the model's contract. Change the query (the definition) or the contract:",
    '',
    ...table([HEAD, ...rows]),
  ].join('\n');
}

function differences(expected: readonly Column[], actual: readonly Column[]): (readonly string[])[] {
  const promised = new Map(expected.map((column) => [column.name, column.data_type]));
  const found = new Set(actual.map((column) => column.name));
  return [
    ...actual.flatMap(({ name, data_type }) => {
      const type = promised.get(name);
      if (type === undefined) return [[name, data_type, '', 'missing in contract']];
      return type === data_type ? [] : [[name, data_type, type, 'data type mismatch']];
    }),
    ...expected
      .filter(({ name }) => !found.has(name))
      .map(({ name, data_type }) => [name, '', data_type, 'missing in definition']),
  ];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  const line = (row: readonly string[]): string => `| ${row.map((v, at) => v.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [head = [], ...rest] = rows;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest.map(line)];
}
