import type { ResultColumn, SqlValue } from '../../adapters/adapter.js';
import type { Output } from './output.js';
import { formatTable, jsonValue } from './table.js';

export interface PreviewRows {
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
export function previewJson(preview: PreviewRows, isInline: boolean): string {
  const show = preview.rows.map((row) =>
    Object.fromEntries(preview.columns.map((column, c) => [column.name, row[c] ?? null])),
  );
  return JSON.stringify(isInline ? { show } : { node: preview.name, show }, jsonValue, 2);
}
