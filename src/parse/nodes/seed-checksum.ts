import { statSync } from 'node:fs';
import { sha256 } from '../hash.js';
import type { FileHash } from '../node.js';
import { strip } from '../python-strip.js';
import type { SourceReader } from '../source-reader.js';

const LARGE_SEED = 1024 * 1024;

/** dbt hashes a seed of up to a megabyte; of a larger one it keeps the path. */
export function seedChecksum(
  file: { readonly absolutePath: string; readonly originalFilePath: string },
  reader: SourceReader,
): FileHash {
  if (statSync(file.absolutePath).size > LARGE_SEED) return { name: 'path', checksum: file.originalFilePath };
  return sha256(strip(reader.text(file.absolutePath)));
}
