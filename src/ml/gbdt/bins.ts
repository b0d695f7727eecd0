import type { Matrix } from '../matrix.js';
import { binFunction, bisectionSteps, CUTS_BYTES, writeCuts } from '../wasm/binning.js';
import { encodeModule } from '../wasm/encode.js';
import { instantiate, PAGE, type WasmMemory } from '../wasm/runtime.js';
import type { Arena } from './arena.js';

/**
 * The cuts between a feature's bins, ascending: a value is in the bin numbered by how many cuts are not above it, so bin
 * b holds `cuts[b - 1] <= x < cuts[b]`.
 */
export type Cuts = Float64Array;

export const MOST_BINS = 255;
/** Cuts are placed by so many values at most, taken evenly from the column. */
const QUANTILE_SAMPLE = 65_536;

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

/** Where each feature's places start, and after the last one how many there are. */
export function placesOf(cuts: readonly Cuts[]): Uint32Array {
  const offsets = new Uint32Array(cuts.length + 1);
  for (const [j, edges] of cuts.entries()) offsets[j + 1] = (offsets[j] as number) + edges.length + 2;
  return offsets;
}

/** Values that are binned at a time, which have room beside the cells. */
const STRIP = 8192;

/** Bytes of an arena that binning takes for itself. */
export const BINNING_BYTES = 8 * STRIP + CUTS_BYTES;

export function binRows(data: Matrix, cuts: readonly Cuts[], arena: Arena): Binned {
  const width = data.columns.length;
  const offsets = placesOf(cuts);
  const places = offsets[width] as number;
  const small = places <= 0x10000;
  const cells = small ? arena.halves(data.rows * width) : arena.words(data.rows * width);
  const strip = arena.doubles(STRIP);
  const room = arena.doubles(CUTS_BYTES / 8);
  const kernel =
    small && arena.memory !== undefined && strip.buffer === cells.buffer && room.buffer === cells.buffer
      ? binningKernel(arena.memory, cuts, width)
      : undefined;
  for (const [j, column] of data.columns.entries()) {
    const edges = cuts[j] ?? new Float64Array();
    const offset = offsets[j] as number;
    if (kernel === undefined) {
      for (let i = 0, cell = j; i < data.rows; i++, cell += width) {
        const value = column[i] as number;
        cells[cell] = offset + (Number.isNaN(value) ? 0 : 1 + cutsBelow(edges, value));
      }
      continue;
    }
    writeCuts(room.buffer, room.byteOffset, edges);
    for (let start = 0; start < data.rows; start += STRIP) {
      const part = column.subarray(start, start + STRIP);
      strip.set(part);
      const cell = cells.byteOffset + 2 * (start * width + j);
      kernel(edges.length)(strip.byteOffset, room.byteOffset, cell, part.length, offset + 1, offset);
    }
  }
  return { cells, offsets, places };
}

/** For each number of cuts the function that bins by so many; undefined where the host can't. */
function binningKernel(memory: WasmMemory, cuts: readonly Cuts[], width: number) {
  const steps = [...new Set(cuts.map((edges) => bisectionSteps(edges.length)))];
  const pages = memory.buffer.byteLength / PAGE;
  const functions = steps.map((count) => binFunction(count, 2, 2 * width));
  const kernels = instantiate(encodeModule(functions, { least: pages, most: pages, shared: true }), memory);
  if (kernels === undefined) return undefined;
  return (count: number) => {
    const kernel = kernels[`bin${bisectionSteps(count)}`];
    if (kernel === undefined) throw new Error(`no kernel for ${count} cuts`);
    return kernel;
  };
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
