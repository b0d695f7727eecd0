import { Bytes } from './bytes.js';
import {
  bitPackedRun,
  deltaBinaryPacked,
  plainDoubles,
  plainLongs,
  plainTexts,
  repeatedRun,
  repeatedRuns,
} from './encodings.js';
import { encodeThrift, i32, struct, type Thrift } from './thrift.js';

/** The values of a column. `nulls[i]` is 1 where row i has none (its value is then ignored). */
export type ParquetColumn = { readonly nulls?: Uint8Array | undefined } & (
  | { readonly kind: 'integer' | 'date' | 'timestamp'; readonly values: ArrayLike<number> }
  | { readonly kind: 'double'; readonly values: ArrayLike<number> }
  | { readonly kind: 'text'; readonly values: readonly string[] }
  /** Texts as indexes into a short dictionary (at most 65,536 entries). */
  | { readonly kind: 'dictionary'; readonly values: ArrayLike<number>; readonly dictionary: readonly string[] }
);

/** Where a column's pages are, in bytes from the start of its row group. */
export interface ColumnChunk {
  readonly start: number;
  readonly size: number;
  /** The data page's place; the dictionary, if there is one, is at `start`. */
  readonly data: number;
  readonly nulls: number;
  /** The least and the greatest value of a column of whole numbers with at least one value. */
  readonly range: readonly [number, number] | undefined;
}

/** An encoded row group: plain data that may be sent between threads. */
export interface RowGroup {
  readonly rows: number;
  readonly size: number;
  readonly columns: readonly ColumnChunk[];
}

export const ENCODING = { plain: 0, rle: 3, delta: 5, dictionary: 8 } as const;

/** Appends a row group of `rows` rows to `out`, and says where everything is. */
export function encodeRowGroup(out: Bytes, rows: number, columns: readonly ParquetColumn[]): RowGroup {
  const base = out.length;
  const chunks = columns.map((column) => encodeColumn(out, base, rows, column));
  return { rows, size: out.length - base, columns: chunks };
}

function encodeColumn(out: Bytes, base: number, rows: number, column: ParquetColumn): ColumnChunk {
  const start = out.length - base;
  const nulls = countNulls(column.nulls, rows);
  const page = new Bytes(rows * 4 + 64);
  definitionLevels(page, column.nulls, nulls, rows);
  const present = rows - nulls;
  let encoding: number = ENCODING.plain;
  let range: readonly [number, number] | undefined;
  switch (column.kind) {
    case 'integer':
    case 'date':
    case 'timestamp': {
      const values = nulls === 0 ? column.values : withoutNulls(column.values, column.nulls, rows);
      range = rangeOf(values, present);
      // Timestamps in no order differ by more than a packed delta holds.
      if (column.kind === 'timestamp' && range !== undefined && range[1] - range[0] >= 2 ** 31) {
        plainLongs(page, values, present);
        break;
      }
      deltaBinaryPacked(page, values, present);
      encoding = ENCODING.delta;
      break;
    }
    case 'double':
      plainDoubles(page, nulls === 0 ? column.values : withoutNulls(column.values, column.nulls, rows), present);
      break;
    case 'text':
      plainTexts(page, nulls === 0 ? column.values : column.values.filter((_, i) => column.nulls?.[i] !== 1));
      break;
    case 'dictionary': {
      const texts = new Bytes();
      plainTexts(texts, column.dictionary);
      const count = column.dictionary.length;
      writePage(out, 2, texts, struct([1, i32(count)], [2, i32(ENCODING.plain)]));
      const width = Math.max(1, 32 - Math.clz32(count - 1));
      page.push(width);
      const codes = nulls === 0 ? column.values : withoutNulls(column.values, column.nulls, rows);
      bitPackedRun(page, codes, present, width);
      encoding = ENCODING.dictionary;
    }
  }
  const data = out.length - base;
  const rle = i32(ENCODING.rle);
  writePage(out, 0, page, struct([1, i32(rows)], [2, i32(encoding)], [3, rle], [4, rle]));
  return { start, size: out.length - base - start, data, nulls, range };
}

/** A page header and the page. Types: 0 data page (v1), 2 dictionary page. */
function writePage(out: Bytes, type: 0 | 2, page: Bytes, header: Thrift): void {
  const size = i32(page.length);
  out.append(encodeThrift(struct([1, i32(type)], [2, size], [3, size], [type === 0 ? 5 : 7, header])));
  out.append(page.view());
}

/** Which rows have a value, with the length of the levels in bytes before them. */
function definitionLevels(page: Bytes, nulls: Uint8Array | undefined, count: number, rows: number): void {
  const levels = new Bytes(rows / 8 + 16);
  if (nulls === undefined || count === 0) repeatedRun(levels, 1, rows);
  else repeatedRuns(levels, present(nulls, rows), rows);
  for (let shift = 0; shift < 32; shift += 8) page.push((levels.length >>> shift) & 255);
  page.append(levels.view());
}

function present(nulls: Uint8Array, rows: number): Uint8Array {
  const bits = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) bits[i] = 1 - (nulls[i] as number);
  return bits;
}

function countNulls(nulls: Uint8Array | undefined, rows: number): number {
  let count = 0;
  if (nulls !== undefined) for (let i = 0; i < rows; i++) count += nulls[i] as number;
  return count;
}

function withoutNulls(values: ArrayLike<number>, nulls: Uint8Array | undefined, rows: number): Float64Array {
  const kept = new Float64Array(rows);
  let count = 0;
  for (let i = 0; i < rows; i++) if (nulls?.[i] !== 1) kept[count++] = values[i] as number;
  return kept.subarray(0, count);
}

function rangeOf(values: ArrayLike<number>, count: number): readonly [number, number] | undefined {
  if (count === 0) return undefined;
  let least = values[0] as number;
  let greatest = least;
  for (let i = 1; i < count; i++) {
    const value = values[i] as number;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return [least, greatest];
}
