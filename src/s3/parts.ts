/** Files in parts: how large, read and hashed, and whether the file stayed the same. */
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

export const MIB = 1 << 20;
const SMALLEST = 5 * MIB;
const MOST_PARTS = 10_000;

/** Bytes a part, for a file of `size` bytes. */
export function partSizeFor(size: number, wanted = 8 * MIB): number {
  const needed = Math.ceil(size / MOST_PARTS / MIB) * MIB;
  return Math.max(SMALLEST, wanted, needed);
}

/** Changes whenever the file's content does: the kernel sets the change time, which no program can set back. */
export function fingerprint({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return `${size}:${mtimeNs}:${ctimeNs}:${ino}`;
}

/** Reads `length` bytes from `position`; gives fewer where the file ends before. */
export async function readFully(file: FileHandle, into: Buffer, position: number): Promise<Buffer> {
  let at = 0;
  while (at < into.length) {
    const { bytesRead } = await file.read(into, at, into.length - at, position + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return into.subarray(0, at);
}

export function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

/** The checksum of S3 over parts: the hash of their hashes, with their number. */
export function compositeChecksum(parts: readonly Buffer[]): string {
  return `${sha256(Buffer.concat(parts)).toString('base64')}-${parts.length}`;
}

/** What S3 would have as the file's SHA-256: of the whole with one part and no number, else composite. */
export async function fileChecksum(
  file: FileHandle,
  size: number,
  partSize: number,
  composite: boolean,
): Promise<string> {
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(size, composite ? partSize : MIB)));
  const whole = createHash('sha256');
  const parts: Buffer[] = [];
  for (let at = 0; at < size; at += buffer.length) {
    const data = await readFully(file, buffer.subarray(0, Math.min(buffer.length, size - at)), at);
    if (composite) parts.push(sha256(data));
    else whole.update(data);
    if (data.length === 0) break;
  }
  return composite ? compositeChecksum(parts) : whole.digest('base64');
}

/** Lets `limit` pieces of work run at a time, in the order of their coming. */
export function limiter(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = limit;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
