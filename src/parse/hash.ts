import { hash } from 'node:crypto';
import type { FileHash } from './node.js';

export function sha256(text: string | Uint8Array): FileHash {
  return { name: 'sha256', checksum: hash('sha256', text) };
}

export function md5(text: string): string {
  return hash('md5', text);
}

export const NO_HASH: FileHash = { name: 'none', checksum: '' };
