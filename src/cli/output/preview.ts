import type { ResultColumn, SqlValue } from '../../adapters/adapter.js';
import type { Output } from './output.js';
import { formatTable, jsonValue } from './table.js';

export interface PreviewRows {
  /** Null for an inline query. */
  readonly node: object | null;
  readonly name: string;
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly SqlValue[])[];
}

/** A preview with its heading, as wide as the terminal allows. */
export function tableText(preview: PreviewRows, { answer }: Output): string {
  const room = answer.width === undefined ? {} : { width: answer.width };
  const table = formatTable(preview.columns, preview.rows, { style: answer.style, ...room });
  return `Previewing '${preview.name}':\n${table}${preview.rows.length === 0 ? '\n(no rows)' : ''}`;
}

/** dbt's JSON of `show`: `{"node": name, "show": [row objects]}`; an inline query has no name. */
export function previewJson({ node, name, columns, rows }: PreviewRows): string {
  const show = rows.map((row) =>
    Object.fromEntries(columns.map(({ name: key, type }, c) => [key, jsonCell(row[c] ?? null, type)])),
  );
  return JSON.stringify(node === null ? { show } : { node: name, show }, jsonValue, 2);
}

/** Decimals come as text, which has all their digits; in JSON they are numbers. */
function jsonCell(value: SqlValue, type: string): SqlValue {
  return typeof value === 'string' && DECIMAL.test(type) ? Number(value) : value;
}

const DECIMAL = /^(decimal|numeric|number)\b/i;
