import { createHash } from 'node:crypto';
import type { FileHash } from './node.js';

export function sha256(text: string | Uint8Array): FileHash {
  return { name: 'sha256', checksum: createHash('sha256').update(text).digest('hex') };
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

export const NO_HASH: FileHash = { name: 'none', checksum: '' };
