import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import type { Matrix } from '../matrix.js';

/**
 * SHA-256 over the names, the number of rows and the values (little-endian doubles, column by column) of what was learnt from, as
 * `sha256:` and 64 hex digits. Rows in another order give another one: order them first (`orderBy`).
 */
export function fingerprint(data: Matrix, labels?: Float64Array): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([data.rows, data.names]));
  for (const column of labels === undefined ? data.columns : [...data.columns, labels]) hash.update(bytesOf(column));
  return `sha256:${hash.digest('hex')}`;
}

function bytesOf(column: Float64Array): Uint8Array {
  const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
  if (endianness() === 'LE') return bytes;
  return Buffer.from(bytes).swap64();
}
