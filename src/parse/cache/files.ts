/** The files that a parse reads, each with a hash of its contents. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Project } from '../../project/index.js';
import { findSourceFiles, type SourceFile } from '../files.js';

/** Above this dbt does not look into a seed either: its checksum is one of its path. */
const LARGE_SEED = 1024 * 1024;

export interface FileState {
  /** By kind and absolute path, in the order of reading; a file that is read twice is there twice. */
  readonly hashes: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, SourceFile>;
}

export const digest = (data: string | Uint8Array): string => createHash('sha1').update(data).digest('base64');

function stateOf(file: SourceFile): string {
  if (file.kind === 'seeds' || file.kind === 'fixtures') {
    const { size, mtimeMs } = statSync(file.absolutePath);
    if (size > LARGE_SEED) return `${size} ${mtimeMs}`;
  }
  return digest(readFileSync(file.absolutePath));
}

/** Reads and hashes every file of the project and its packages. */
export function readFileState(project: Project): FileState {
  const hashes = new Map<string, string>();
  const files = new Map<string, SourceFile>();
  for (const owner of project.packages) {
    for (const file of findSourceFiles(owner)) {
      const id = `${file.kind} ${file.packageName} ${file.absolutePath}`;
      files.set(id, file);
      hashes.set(id, stateOf(file));
    }
  }
  return { hashes, files };
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
