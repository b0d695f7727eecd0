import type { Matrix } from '../matrix.js';

/**
 * The cuts between a feature's bins, ascending: a value is in the bin numbered by how many cuts are not above it, so bin
 * b holds `cuts[b - 1] <= x < cuts[b]`.
 */
export type Cuts = Float64Array;

export const MOST_BINS = 255;
/** Cuts are placed by so many values at most, taken evenly from the column. */
const QUANTILE_SAMPLE = 200_000;

/** Cuts for every feature such that bins hold about equally many values; up to MOST_BINS different values get one bin each. */
export function fitCuts(data: Matrix): Cuts[] {
  return data.columns.map((column) => cutsOf(sortedValues(column)));
}

/**
 * All rows as bins, row by row: cell `i * features + j` is the position in a histogram of all features, in which feature `j`
 * starts at `offsets[j]` with a place for missing values, followed by its bins.
 */
export interface Binned {
  readonly cells: Uint16Array | Uint32Array;
  readonly offsets: Uint32Array;
  readonly places: number;
}

export function binRows(
  data: Matrix,
  cuts: readonly Cuts[],
  memory: (bytes: number) => ArrayBufferLike = (bytes) => new ArrayBuffer(bytes),
): Binned {
  const width = data.columns.length;
  const offsets = new Uint32Array(width + 1);
  for (let j = 0; j < width; j++) offsets[j + 1] = (offsets[j] as number) + (cuts[j]?.length ?? 0) + 2;
  const places = offsets[width] as number;
  const count = data.rows * width;
  const cells = places <= 0x10000 ? new Uint16Array(memory(2 * count)) : new Uint32Array(memory(4 * count));
  for (const [j, column] of data.columns.entries()) {
    const edges = cuts[j] ?? new Float64Array();
    const offset = offsets[j] as number;
    for (let i = 0, cell = j; i < data.rows; i++, cell += width) {
      const value = column[i] as number;
      cells[cell] = offset + (Number.isNaN(value) ? 0 : 1 + cutsBelow(edges, value));
    }
  }
  return { cells, offsets, places };
}

/** How many cuts are not above the value, by bisection. */
function cutsBelow(cuts: Cuts, value: number): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cuts[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sortedValues(column: Float64Array): Float64Array {
  const step = Math.max(1, Math.ceil(column.length / QUANTILE_SAMPLE));
  const values = new Float64Array(Math.ceil(column.length / step));
  let n = 0;
  for (let i = 0; i < column.length; i += step) {
    const value = column[i] as number;
    if (!Number.isNaN(value)) values[n++] = value;
  }
  return values.subarray(0, n).sort();
}

function cutsOf(sorted: Float64Array): Cuts {
  let different = 0;
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) different++;
  const full = different <= MOST_BINS ? 1 : sorted.length / MOST_BINS;
  const cuts: number[] = [];
  let inBin = 0;
  for (let i = 1; i < sorted.length; i++) {
    inBin++;
    const before = sorted[i - 1] as number;
    const value = sorted[i] as number;
    if (value === before || inBin < full) continue;
    const middle = before / 2 + value / 2;
    cuts.push(middle > before ? middle : value);
    inBin = 0;
  }
  return Float64Array.from(cuts);
}
