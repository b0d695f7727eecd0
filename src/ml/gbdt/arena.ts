import { makeMemory, PAGE, type WasmMemory } from '../wasm/runtime.js';

/** Memory that the threads of a training share, given out piece by piece. */
export interface Arena {
  /** One memory for all pieces, which kernels work on; undefined where there is none so large, and each piece has its own. */
  readonly memory: WasmMemory | undefined;
  doubles(count: number): Float64Array;
  words(count: number): Uint32Array;
  halves(count: number): Uint16Array;
}

const ALIGNMENT = 64;
/** Addresses are 32 bits. */
const MOST_BYTES = 2 ** 32 - PAGE;

/** Bytes that a piece takes. */
export function pieceBytes(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** An arena for `bytes` in all, pieces rounded up by `pieceBytes`. */
export function makeArena(bytes: number): Arena {
  const memory = bytes > MOST_BYTES ? undefined : makeMemory(Math.ceil((bytes + ALIGNMENT) / PAGE), true);
  // Address 0 stays free, so that no piece is mistaken for none.
  let next = ALIGNMENT;
  const piece = (size: number): readonly [ArrayBufferLike, number] => {
    const at = next;
    next += pieceBytes(size);
    return memory !== undefined && next <= memory.buffer.byteLength
      ? [memory.buffer, at]
      : [new SharedArrayBuffer(size), 0];
  };
  return {
    memory,
    doubles: (count) => new Float64Array(...piece(8 * count), count),
    words: (count) => new Uint32Array(...piece(4 * count), count),
    halves: (count) => new Uint16Array(...piece(2 * count), count),
  };
}
