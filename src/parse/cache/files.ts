/** The files that a parse reads, each with a hash of its contents. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Project } from '../../project/index.js';
import type { SourceFile } from '../files.js';
import { SourceReader } from '../source-reader.js';

/** Above this dbt does not look into a seed either: its checksum is one of its path. */
const LARGE_SEED = 1024 * 1024;
/** A file that was touched less than this before it was looked at may change again without a trace in its times. */
const UNSETTLED_MS = 3000;

/** What the file system says of a file: size, times in milliseconds, inode. */
export type FileStamp = readonly [size: number, mtime: number, ctime: number, inode: number];

export interface FileState {
  /** By kind and absolute path, in the order of reading; a file that is read twice is there twice. */
  readonly hashes: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, SourceFile>;
  /** In the same order; null where the times can't be trusted to show the next change. */
  readonly stamps: readonly (FileStamp | null)[];
  /** Files whose contents were looked at, as their times did not show that they are the same. */
  readonly hashed: number;
  /** Has the files and the texts of those that were looked at. */
  readonly reader: SourceReader;
}

/** Hashes and stamps of an earlier state, in the order of its files. */
export interface KnownFiles {
  readonly hashes: readonly (readonly [id: string, hash: string])[];
  readonly stamps: readonly (FileStamp | null)[];
}

export const digest = (data: string | Uint8Array): string => createHash('sha1').update(data).digest('base64');

/**
 * The state of every file of the project and its packages. A file is hashed unless its size, times and inode are those under
 * which `known` has its hash.
 */
export function readFileState(project: Project, known?: KnownFiles): FileState {
  const hashes = new Map<string, string>();
  const files = new Map<string, SourceFile>();
  const stamps: (FileStamp | null)[] = [];
  const reader = new SourceReader();
  let hashed = 0;
  const settled = Date.now() - UNSETTLED_MS;
  for (const owner of project.packages) {
    for (const file of reader.files(owner)) {
      const id = `${file.kind} ${file.packageName} ${file.absolutePath}`;
      if (files.has(id)) continue;
      const { size, mtimeMs, ctimeMs, ino } = statSync(file.absolutePath);
      // Kept by place: where files came or went, all are hashed.
      const [knownId, knownHash] = known?.hashes[stamps.length] ?? [];
      const stamp = known?.stamps[stamps.length];
      const same = stamp?.[0] === size && stamp[1] === mtimeMs && stamp[2] === ctimeMs && stamp[3] === ino;
      stamps.push(mtimeMs < settled && ctimeMs < settled ? [size, mtimeMs, ctimeMs, ino] : null);
      files.set(id, file);
      if (same && knownId === id && knownHash !== undefined) hashes.set(id, knownHash);
      else if ((file.kind === 'seeds' || file.kind === 'fixtures') && size > LARGE_SEED)
        hashes.set(id, `${size} ${mtimeMs}`);
      else {
        hashed += 1;
        hashes.set(id, digest(reader.text(file.absolutePath)));
      }
    }
  }
  return { hashes, files, stamps, hashed, reader };
}

/** The files whose contents differ; undefined where files came, went or were renamed. */
export function changedFiles(
  state: FileState,
  before: readonly (readonly [string, string])[],
): SourceFile[] | undefined {
  if (before.length !== state.hashes.size) return undefined;
  const changed: SourceFile[] = [];
  const now = state.hashes.entries();
  for (const [id, hash] of before) {
    const [id_, hash_] = now.next().value ?? [];
    if (id !== id_) return undefined;
    const file = state.files.get(id);
    if (file === undefined) return undefined;
    if (hash !== hash_) changed.push(file);
  }
  return changed;
}
