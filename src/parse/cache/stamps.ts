/** What the file system said of the files of a kept parse: a hint beside it, without which all files are hashed. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { FileStamp, FileState } from './files.js';

interface Stamps {
  /** The id of the kept parse. */
  readonly of: string;
  readonly stamps: readonly (FileStamp | null)[];
}

const fileOf = (kept: string): string => `${kept.replace(/\.json$/, '')}.stamps.json`;

/** The stamps of the files of a kept parse, in their order; none where they are not known. */
export function readStamps(kept: string, id: string): readonly (FileStamp | null)[] {
  try {
    const found = JSON.parse(readFileSync(fileOf(kept), 'utf8')) as Stamps;
    return found.of === id && Array.isArray(found.stamps) ? found.stamps : [];
  } catch {
    // Absent or damaged: a hint only.
    return [];
  }
}

/** Writes the stamps beside a kept parse. Where that can't be done there are none. */
export function writeStamps(kept: string, id: string, { stamps }: FileState): void {
  const file = fileOf(kept);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, JSON.stringify({ of: id, stamps } satisfies Stamps));
    renameSync(temporary, file);
  } catch {
    rmSync(temporary, { force: true });
  }
}
