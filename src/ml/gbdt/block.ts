import type { WasmMemory } from '../wasm/runtime.js';
import type { Binned } from './bins.js';
import { type Kernels, trainingKernels } from './kernels.js';

/** What all blocks of rows share; in a training by several threads the arrays lie in shared memory. */
export interface Ground {
  readonly rows: number;
  readonly width: number;
  readonly binned: Binned;
  readonly labels: Float64Array;
  /** Of every row; blocks work on their parts. `derivatives` has pairs. */
  readonly state: {
    readonly order: Uint32Array;
    readonly right: Uint32Array;
    readonly margins: Float64Array;
    readonly derivatives: Float64Array;
  };
  /** What all the arrays lie in, if they lie in one memory. */
  readonly memory: WasmMemory | undefined;
  /** Log-odds that every row starts from. */
  readonly base: number;
}

/** Nodes that a round divides at most; each has room for a histogram. */
export const SLOTS = 16;
/** Numbers of a division and of a closing in an order. */
export const DIVISION = 7;
export const CLOSING = 2;

/** Which child's histogram a division asks for. */
export const NEITHER = 0;
export const LEFT = 1;
export const RIGHT = 2;

/**
 * One round's work, the same for every block, as numbers: how many divisions and closings there are and whether the next tree begins;
 * then for each division node, left, right, feature, bin, whether missing goes left, and which child's histogram to sum; then for each
 * closing leaf and value.
 */
export type Order = Float64Array;

export function orderSize(closings: number): number {
  return 3 + SLOTS * DIVISION + closings * CLOSING;
}

/**
 * The rows `[from, to)`: their log-odds, derivatives and which node each of them is in. The blocks of a training depend on the number of
 * rows alone, and their histograms are summed in their order, so that a model does not depend on how many threads there were.
 */
export class Block {
  readonly #ground: Ground;
  readonly #from: number;
  readonly #rows: Uint32Array;
  readonly #right: Uint32Array;
  readonly #margins: Float64Array;
  readonly #derivatives: Float64Array;
  /** By node: where its rows lie in #rows. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #kernels: Kernels | undefined;

  constructor(ground: Ground, from: number, to: number, kernels = kernelsOf(ground)) {
    const { order, right, margins, derivatives } = ground.state;
    this.#ground = ground;
    this.#from = from;
    this.#rows = order.subarray(from, to);
    this.#right = right.subarray(from, to);
    this.#margins = margins.subarray(from, to).fill(ground.base);
    this.#derivatives = derivatives.subarray(2 * from, 2 * to);
    this.#kernels = kernels;
  }

  /** Divides nodes, closes leaves, begins a tree, in this order; histogram i is that of division i, or the root's. */
  work(order: Order, histograms: readonly Float64Array[]): void {
    const [divisions = 0, closings = 0, begins = 0] = order;
    let at = 3;
    for (let i = 0; i < divisions; i++, at += DIVISION) {
      const part = order.subarray(at, at + DIVISION);
      const [node = 0, left = 0, right = 0, feature = 0, bin = 0, missingLeft = 0, wanted = NEITHER] = part;
      this.#divide(node, left, right, feature, bin, missingLeft === 1);
      const histogram = histograms[i];
      if (wanted !== NEITHER && histogram !== undefined) this.#sum(wanted === LEFT ? left : right, histogram);
    }
    at = 3 + SLOTS * DIVISION;
    for (let i = 0; i < closings; i++, at += CLOSING) this.#close(order[at] as number, order[at + 1] as number);
    const [root] = histograms;
    if (begins === 1 && root !== undefined) this.#begin(root);
  }

  #begin(histogram: Float64Array): void {
    const { labels } = this.#ground;
    const size = this.#rows.length;
    for (let i = 0; i < size; i++) {
      const p = 1 / (1 + Math.exp(-(this.#margins[i] as number)));
      this.#rows[i] = i;
      this.#derivatives[2 * i] = p - (labels[this.#from + i] as number);
      this.#derivatives[2 * i + 1] = Math.max(p * (1 - p), 1e-16);
    }
    this.#starts[0] = 0;
    this.#ends[0] = size;
    this.#sum(0, histogram);
  }

  #sum(node: number, histogram: Float64Array): void {
    const { binned, width } = this.#ground;
    const { cells } = binned;
    const rows = this.#rows;
    const derivatives = this.#derivatives;
    const from = this.#from;
    histogram.fill(0);
    if (this.#kernels !== undefined) {
      const [start, end] = [this.#starts[node] as number, this.#ends[node] as number];
      const first = rows.byteOffset;
      const row = cells.byteOffset + 2 * from * width;
      this.#kernels.sum(first + 4 * start, first + 4 * end, derivatives.byteOffset, row, histogram.byteOffset);
      return;
    }
    for (let at = this.#starts[node] as number, end = this.#ends[node] as number; at < end; at++) {
      const row = rows[at] as number;
      const g = derivatives[2 * row] as number;
      const h = derivatives[2 * row + 1] as number;
      for (let cell = (from + row) * width, stop = cell + width; cell < stop; cell++) {
        const place = (cells[cell] as number) << 1;
        histogram[place] = (histogram[place] as number) + g;
        histogram[place + 1] = (histogram[place + 1] as number) + h;
      }
    }
  }

  /** Moves the rows that go left to the front, both sides in their old order. */
  #divide(node: number, leftNode: number, rightNode: number, feature: number, bin: number, missingLeft: boolean): void {
    const { binned, width } = this.#ground;
    const { cells } = binned;
    const missing = binned.offsets[feature] as number;
    const last = missing + 1 + bin;
    const rows = this.#rows;
    const start = this.#starts[node] as number;
    const end = this.#ends[node] as number;
    let left = start;
    let right = 0;
    if (this.#kernels !== undefined) {
      const first = rows.byteOffset;
      const cell = cells.byteOffset + 2 * (this.#from * width + feature);
      const bounds = [first + 4 * start, first + 4 * end] as const;
      const rule = [missing, missingLeft ? 1 : 0, last] as const;
      right = this.#kernels.divide(...bounds, cell, 2 * width, ...rule, this.#right.byteOffset) ?? 0;
      left = end - right;
    }
    for (let at = this.#kernels === undefined ? start : end; at < end; at++) {
      const row = rows[at] as number;
      const cell = cells[(this.#from + row) * width + feature] as number;
      if (cell === missing ? missingLeft : cell <= last) rows[left++] = row;
      else this.#right[right++] = row;
    }
    rows.set(this.#right.subarray(0, right), left);
    this.#starts[leftNode] = start;
    this.#ends[leftNode] = left;
    this.#starts[rightNode] = left;
    this.#ends[rightNode] = end;
  }

  #close(node: number, value: number): void {
    for (let at = this.#starts[node] as number, end = this.#ends[node] as number; at < end; at++) {
      const row = this.#rows[at] as number;
      this.#margins[row] = (this.#margins[row] as number) + value;
    }
  }
}

/** The kernels of a thread: blocks of it may share them. */
export function kernelsOf({ memory, binned, width }: Ground): Kernels | undefined {
  return trainingKernels(memory, binned, width);
}

/** Rows of a block at least; fewer are not worth a thread. */
const LEAST_ROWS = 16_384;
const MOST_BLOCKS = 16;

/** Borders of the blocks: block i holds the rows from border i up to border i + 1. */
export function blockBorders(rows: number): readonly number[] {
  const blocks = Math.max(1, Math.min(MOST_BLOCKS, Math.floor(rows / LEAST_ROWS)));
  return Array.from({ length: blocks + 1 }, (_, i) => Math.floor((i * rows) / blocks));
}
