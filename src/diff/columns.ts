import type { ColumnInfo } from '../adapters/adapter.js';

/** A column that both sides have. */
export interface CommonColumn {
  readonly left: ColumnInfo;
  readonly right: ColumnInfo;
  /** How values are compared: as they are, as numbers within a tolerance, or as texts where the types do not meet. */
  readonly compare: 'plain' | 'number' | 'text';
}

const NUMBER =
  /^(u?(tiny|small|big|huge)?int(eger)?\d*|decimal|numeric|number|float\d*|double( precision)?|real|byteint)\b/i;
const INEXACT = /^(float\d*|double( precision)?|real)\b/i;

export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

const TEXT = /^(varchar|text|string|char|character|bpchar|nvarchar|nchar)\b/i;

/** What both sides' values are, so far as comparing them goes. */
export function kindOfBoth({ left, right }: CommonColumn): 'number' | 'text' | 'other' {
  if (NUMBER.test(left.dataType) && NUMBER.test(right.dataType)) return 'number';
  return TEXT.test(left.dataType) && TEXT.test(right.dataType) ? 'text' : 'other';
}

/** Columns of both sides in the left side's order; a tolerance holds for floats, and decimals that meet floats. */
export function commonColumns(
  left: readonly ColumnInfo[],
  right: readonly ColumnInfo[],
  tolerance: number,
): readonly CommonColumn[] {
  return left.flatMap((column) => {
    const other = right.find(({ name }) => sameName(name, column.name));
    if (other === undefined) return [];
    return [{ left: column, right: other, compare: comparison(column.dataType, other.dataType, tolerance) }];
  });
}

function comparison(left: string, right: string, tolerance: number): CommonColumn['compare'] {
  if (tolerance > 0 && NUMBER.test(left) && NUMBER.test(right) && (INEXACT.test(left) || INEXACT.test(right)))
    return 'number';
  const same = left.toLowerCase() === right.toLowerCase();
  return same || (NUMBER.test(left) && NUMBER.test(right)) ? 'plain' : 'text';
}

/** What types mean, so that two warehouses' names for the same thing can be told from a change. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/^(u?(tiny|small|big|huge)?int(eger)?\d*|byteint|(decimal|numeric|number)\(\d+,\s*0\))$/, 'integer'],
  [/^(float\d*|double( precision)?|real)$/, 'float'],
  [/^(varchar|text|string|char|character|bpchar|nvarchar|nchar)(\(\d+\))?$/, 'text'],
  [/^(timestamp|datetime|timestamp_ntz)(\(\d\))?$/, 'timestamp'],
  [/^(timestamp with time zone|timestamptz|timestamp_l?tz)(\(\d\))?$/, 'timestamp with time zone'],
  [/^time(\(\d\))?$/, 'time'],
  [/^(blob|bytea|(var)?binary)(\(\d+\))?$/, 'bytes'],
  [/^(json|variant|object|array|struct\(.*\)|map\(.*\)|.*\[\d*\])$/, 'document'],
];

function meaning(type: string): string {
  const text = type.trim().toLowerCase();
  const scale = /^(?:decimal|numeric|number)\(\d+,\s*(\d+)\)$/.exec(text)?.[1];
  if (scale !== undefined && scale !== '0') return `decimal of scale ${scale}`;
  return MEANINGS.find(([pattern]) => pattern.test(text))?.[1] ?? text;
}

/** Whether the types of two kinds of warehouses mean the same: `BIGINT` and `NUMBER(38,0)`, `VARCHAR` of any length. */
export function sameMeaning(left: string, right: string): boolean {
  return meaning(left) === meaning(right);
}
