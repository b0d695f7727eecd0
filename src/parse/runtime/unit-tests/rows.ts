/** What a unit test compares. */
import { str } from '../../../jinja/index.js';
import type { TableValue } from '../../context/table-value.js';

/** A value of a row as it is compared (its text) and sorted; null for SQL's null. */
export type UnitCell = { readonly text: string; readonly order: number | string } | null;
export type UnitRow = readonly UnitCell[];

/** The rows that a unit test compares, with the columns that its expected rows name. */
export interface UnitTestRows {
  readonly columns: readonly string[];
  readonly expected: readonly UnitRow[];
  readonly actual: readonly UnitRow[];
}

function cellOf(value: unknown): UnitCell {
  if (value === null || value === undefined) return null;
  const text = str(value);
  const number = typeof value === 'string' || typeof value === 'boolean' || text === '' ? Number.NaN : Number(text);
  return { text, order: Number.isNaN(number) ? text : number };
}

/** Splits the result of the `unit` materialization's statement. */
export function unitTestRows(table: TableValue): UnitTestRows {
  const names = table.data.names.map((name) => name.toLowerCase());
  const side = names.indexOf('actual_or_expected');
  const at = names.map((_, i) => i).filter((i) => i !== side);
  const of = (which: string): UnitRow[] =>
    table.data.rows.filter((row) => row[side] === which).map((row) => at.map((i) => cellOf(row[i])));
  return { columns: at.map((i) => names[i] ?? ''), expected: of('expected'), actual: of('actual') };
}
