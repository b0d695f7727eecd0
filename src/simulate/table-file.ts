import type { Format } from './options.js';
import type { Output } from './output.js';
import { Bytes } from './parquet/bytes.js';
import {
  encodeRowGroup,
  footer,
  MAGIC,
  type ParquetColumn,
  type ParquetField,
  type RowGroup,
} from './parquet/index.js';

/** A value of a small table: dates are days, timestamps milliseconds since 1970. */
export type Value = string | number | null;
export type Row = readonly Value[];

/** Appends chunks of rows of a small table to a file in any of the formats. */
export interface TableFile {
  readonly append: (rows: readonly Row[]) => Promise<void>;
  readonly finish: () => Promise<void>;
}

export function tableFile(output: Output, format: Format, fields: readonly ParquetField[]): TableFile {
  if (format === 'parquet') return parquetTable(output, fields);
  let started = false;
  const header = async (): Promise<void> => {
    if (!started && format === 'csv') await output.write(Buffer.from(`${fields.map((f) => f.name).join(',')}\n`));
    started = true;
  };
  return {
    append: async (rows) => {
      await header();
      const lines = rows.map((row) => (format === 'json' ? jsonLine(fields, row) : csvLine(fields, row)));
      await output.write(Buffer.from(lines.join('')));
    },
    finish: header,
  };
}

function parquetTable(output: Output, fields: readonly ParquetField[]): TableFile {
  const groups: RowGroup[] = [];
  let started = false;
  const header = async (): Promise<void> => {
    if (!started) await output.write(MAGIC);
    started = true;
  };
  return {
    append: async (rows) => {
      await header();
      const out = new Bytes(rows.length * 64);
      groups.push(
        encodeRowGroup(
          out,
          rows.length,
          fields.map((field, i) => columnOf(field, rows, i)),
        ),
      );
      await output.write(out.view());
    },
    finish: async () => {
      await header();
      await output.write(footer(fields, groups));
    },
  };
}

function columnOf({ type }: ParquetField, rows: readonly Row[], i: number): ParquetColumn {
  const nulls = Uint8Array.from(rows, (row) => (row[i] === null ? 1 : 0));
  if (type === 'text') return { kind: 'text', nulls, values: rows.map((row) => String(row[i] ?? '')) };
  return { kind: type, nulls, values: Float64Array.from(rows, (row) => Number(row[i] ?? 0)) };
}

function jsonLine(fields: readonly ParquetField[], row: Row): string {
  let line = '';
  for (const [i, field] of fields.entries()) {
    const value = row[i] ?? null;
    const text = JSON.stringify(value === null ? null : shown(field, value));
    line += `${i === 0 ? '{' : ','}"${field.name}":${text}`;
  }
  return `${line}}\n`;
}

function csvLine(fields: readonly ParquetField[], row: Row): string {
  const cells = fields.map((field, i) => {
    const value = row[i] ?? null;
    const text = value === null ? '' : String(shown(field, value));
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${cells.join(',')}\n`;
}

/** A value as text formats have it. */
function shown({ type }: ParquetField, value: string | number): string | number {
  if (type === 'date') return isoDate(Number(value));
  return type === 'timestamp' ? new Date(Number(value)).toISOString() : value;
}

const known = new Map<number, string>();

/** The ISO date of a day since 1970. The days of a simulation are few, so each is worked out once. */
export function isoDate(day: number): string {
  let date = known.get(day);
  if (date === undefined) {
    date = new Date(day * 86_400_000).toISOString().slice(0, 10);
    known.set(day, date);
  }
  return date;
}
