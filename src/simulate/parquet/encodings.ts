/**
 * Parquet's encodings that this writer uses. Specification: https://parquet.apache.org/docs/file-format/data-pages/encodings/
 */
import type { Bytes } from './bytes.js';
import { varint, zigzag } from './thrift.js';

const BLOCK = 128;
const MINIBLOCK = 32;

/**
 * DELTA_BINARY_PACKED: differences to the value before, less the smallest of 128, in as few bits as 32 of them need.
 * Values are whole numbers; differences must span less than 2^32 within a block of 128.
 */
export function deltaBinaryPacked(out: Bytes, values: ArrayLike<number>, count: number): void {
  varint(out, BLOCK);
  varint(out, BLOCK / MINIBLOCK);
  varint(out, count);
  varint(out, zigzag(count > 0 ? (values[0] as number) : 0));
  const deltas = new Float64Array(BLOCK);
  const packed = new Uint32Array(MINIBLOCK);
  for (let start = 1; start < count; start += BLOCK) {
    const size = Math.min(BLOCK, count - start);
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < size; i++) {
      const delta = (values[start + i] as number) - (values[start + i - 1] as number);
      deltas[i] = delta;
      if (delta < least) least = delta;
    }
    varint(out, zigzag(least));
    const widths = out.length;
    out.room(BLOCK / MINIBLOCK).fill(0, widths, widths + BLOCK / MINIBLOCK);
    out.length += BLOCK / MINIBLOCK;
    for (let first = 0; first < size; first += MINIBLOCK) {
      const used = Math.min(MINIBLOCK, size - first);
      let most = 0;
      packed.fill(0);
      for (let i = 0; i < used; i++) {
        const value = (deltas[first + i] as number) - least;
        packed[i] = value;
        if (value > most) most = value;
      }
      if (most >= 2 ** 32) throw new RangeError('values of one block are too far apart to pack');
      const width = 32 - Math.clz32(most);
      out.room(0)[widths + first / MINIBLOCK] = width;
      packBits(out, packed, MINIBLOCK, width);
    }
  }
}

/** The values' lowest `width` (0 to 32) bits one after the other, lowest bit first; `count` a multiple of 8. */
function packBits(out: Bytes, values: Uint32Array, count: number, width: number): void {
  const size = (count * width) / 8;
  const data = out.room(size);
  let at = out.length;
  out.length += size;
  if (width === 0) return;
  // `pending` holds fewer than 32 bits; a value that does not fit gives its low bits now and the rest to the next word.
  let pending = 0;
  let bits = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    pending |= value << bits;
    bits += width;
    if (bits < 32) continue;
    data[at] = pending;
    data[at + 1] = pending >>> 8;
    data[at + 2] = pending >>> 16;
    data[at + 3] = pending >>> 24;
    at += 4;
    bits -= 32;
    pending = bits === 0 ? 0 : value >>> (width - bits);
  }
  for (; bits > 0; bits -= 8, pending >>>= 8) data[at++] = pending;
}

/** RLE and bit-packing hybrid, as one bit-packed run. */
export function bitPackedRun(out: Bytes, values: ArrayLike<number>, count: number, width: number): void {
  const groups = Math.ceil(count / 8);
  const padded = new Uint32Array(groups * 8);
  for (let i = 0; i < count; i++) padded[i] = values[i] as number;
  varint(out, groups * 2 + 1);
  packBits(out, padded, padded.length, width);
}

/** RLE and bit-packing hybrid, as runs of a repeated bit: short where the bit seldom changes. */
export function repeatedRuns(out: Bytes, bits: Uint8Array, count: number): void {
  let start = 0;
  for (let i = 1; i <= count; i++) {
    if (i < count && bits[i] === bits[start]) continue;
    repeatedRun(out, bits[start] as number, i - start);
    start = i;
  }
}

/** RLE and bit-packing hybrid, as one repeated value of at most 8 bits. */
export function repeatedRun(out: Bytes, value: number, count: number): void {
  varint(out, count * 2);
  out.push(value);
}

/** PLAIN byte arrays: each text in UTF-8 with its length before it. */
export function plainTexts(out: Bytes, texts: readonly string[]): void {
  for (const text of texts) {
    const bytes = Buffer.from(text);
    const data = out.room(4);
    new DataView(data.buffer).setUint32(data.byteOffset + out.length, bytes.length, true);
    out.length += 4;
    out.append(bytes);
  }
}

/** PLAIN doubles. */
export function plainDoubles(out: Bytes, values: ArrayLike<number>, count: number): void {
  const data = out.room(8 * count);
  const view = new DataView(data.buffer);
  for (let i = 0; i < count; i++) view.setFloat64(data.byteOffset + out.length + 8 * i, values[i] as number, true);
  out.length += 8 * count;
}

/** PLAIN 64-bit integers. */
export function plainLongs(out: Bytes, values: ArrayLike<number>, count: number): void {
  const data = out.room(8 * count);
  const view = new DataView(data.buffer);
  for (let i = 0; i < count; i++)
    view.setBigInt64(data.byteOffset + out.length + 8 * i, BigInt(values[i] as number), true);
  out.length += 8 * count;
}
