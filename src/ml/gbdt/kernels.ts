import { encodeModule } from '../wasm/encode.js';
import { divideFunction, sumFunction } from '../wasm/histogram.js';
import { instantiate, type Kernel, PAGE, type WasmMemory } from '../wasm/runtime.js';
import type { Binned } from './bins.js';

/** The inner loops of a training over an arena's memory. They do the sums of the loops in JavaScript in the same order. */
export interface Kernels {
  readonly sum: Kernel;
  readonly divide: Kernel;
}

/** Code for one row's cells is written out; beyond this it would not fit the processor's cache. */
const MOST_FEATURES = 1_000;

/** Undefined where a training has no memory of its own or no vector instructions, or its cells are not of 16 bits. */
export function trainingKernels(memory: WasmMemory | undefined, { cells }: Binned, width: number): Kernels | undefined {
  if (
    memory === undefined ||
    !(cells instanceof Uint16Array) ||
    cells.buffer !== memory.buffer ||
    width > MOST_FEATURES
  )
    return undefined;
  const pages = memory.buffer.byteLength / PAGE;
  const bytes = encodeModule([sumFunction(width), divideFunction()], { least: pages, most: pages, shared: true });
  const { sum, divide } = instantiate(bytes, memory) ?? {};
  return sum === undefined || divide === undefined ? undefined : { sum, divide };
}
