import type { ResultColumn, SqlValue } from '../../adapters/adapter.js';
import type { Style } from './style.js';
import { pad, printable, textWidth, truncate } from './width.js';

export interface TableOptions {
  readonly style: Style;
  /** Cells that the table may take; undefined: as many as it needs. */
  readonly width?: number;
}

const NUMERIC = /^(u?(tiny|small|big|huge)?int|integer|decimal|numeric|number|float|double|real)/i;
/** Columns are not cut below this; those that then find no room are named below the table. */
const NARROWEST = 10;

/** Rows as a table with a heading: numbers to the right, NULL apart from the text 'NULL', wide cells cut to fit. */
export function formatTable(
  columns: readonly ResultColumn[],
  rows: readonly (readonly SqlValue[])[],
  options: TableOptions,
): string {
  const shown = columns.map((column) => printable(column.name, true));
  const cells = rows.map((row) => columns.map((_, c) => cellText(row[c] ?? null)));
  const natural = shown.map((name, c) =>
    cells.reduce((most, row) => Math.max(most, textWidth(row[c] ?? '')), Math.max(2, textWidth(name))),
  );
  const widths = fitWidths(natural, options.width);
  const right = columns.map((column, c) => (column.type === '' ? allNumbers(rows, c) : NUMERIC.test(column.type)));
  const line = (texts: readonly string[], paint: (text: string, c: number) => string): string => {
    const parts = widths.map((width, c) => {
      const text = truncate(texts[c] ?? '', width);
      return paint(pad(text, width, right[c] ? 'right' : 'left'), c);
    });
    return `| ${parts.join(' | ')} |`;
  };
  const out = [
    line(shown, (text) => options.style.bold(text)),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...cells.map((texts, r) => line(texts, (text, c) => (rows[r]?.[c] == null ? options.style.dim(text) : text))),
  ];
  const hidden = shown.slice(widths.length);
  if (hidden.length > 0) {
    const names = `… and ${hidden.length} more column${hidden.length === 1 ? '' : 's'}: ${hidden.join(', ')}`;
    out.push(options.style.dim(truncate(names, options.width ?? names.length)));
  }
  return out.join('\n');
}

/** A value as one line of text. */
export function cellText(value: SqlValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return value === 'NULL' ? "'NULL'" : printable(value, true);
  if (typeof value === 'object') return printable(JSON.stringify(value, jsonValue), true);
  return typeof value === 'number' ? shortNumber(value) : String(value);
}

/** Ten significant digits: the rest of a double is noise to a reader. */
function shortNumber(value: number): string {
  return Number.isInteger(value) || !Number.isFinite(value) ? String(value) : String(Number(value.toPrecision(10)));
}

/** Replacer for JSON: big integers as numbers where exact, else as text; bytes as hexadecimal text. */
export function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  return value;
}

/** For columns whose type is not known. */
function allNumbers(rows: readonly (readonly SqlValue[])[], c: number): boolean {
  const kinds = new Set(rows.map((row) => (row[c] == null ? 'null' : typeof row[c])));
  kinds.delete('null');
  return kinds.size > 0 && [...kinds].every((kind) => kind === 'number' || kind === 'bigint');
}

/** Column widths within the room: the widest give way first, then columns at the end are left out. */
function fitWidths(natural: readonly number[], room: number | undefined): number[] {
  const widths = [...natural];
  if (room === undefined) return widths;
  const total = (list: readonly number[]): number => list.reduce((sum, width) => sum + width + 3, 1);
  while (widths.length > 1 && total(widths.map((width) => Math.min(width, NARROWEST))) > room) widths.pop();
  for (let over = total(widths) - room; over > 0; over = total(widths) - room) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    const rest = widths.filter((width) => width < widest);
    const next = Math.max(NARROWEST, ...rest);
    const many = widths.length - rest.length;
    const step = Math.max(1, Math.min(widest - next, Math.ceil(over / many)));
    let left = over;
    for (let c = 0; c < widths.length && left > 0; c++) {
      if (widths[c] !== widest) continue;
      const cut = Math.min(step, left);
      widths[c] = widest - cut;
      left -= cut;
    }
  }
  return widths;
}
