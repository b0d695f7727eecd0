/** The files that a declaration's globs name, and what is in them. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { problem, UpsqlError } from '../diagnostics/index.js';
import { globMatch, hasWildcard } from '../graph/fnmatch.js';

export interface LocalFile {
  /** Absolute. */
  readonly path: string;
  /** What the load history knows it by: relative to the project's folder, with `/`. */
  readonly name: string;
  /** Name below the folder of its glob: what it is called in the bucket. */
  readonly key: string;
  readonly bytes: number;
  /** SHA-256, hexadecimal; of an object in a bucket its ETag, behind `etag:`. */
  readonly hash: string;
  /** Brings a file that is elsewhere to `path`, which is known from then on; throws UpsqlError. */
  readonly fetch?: () => Promise<void>;
  /** What was fetched is no longer needed. */
  readonly release?: () => Promise<void>;
  /** Throws UpsqlError `file-changed` where the file is no longer what was hashed. */
  unchanged(): Promise<void>;
}

const slashed = (path: string): string => path.replaceAll('\\', '/');

/** Files of the globs, by name; each once. Throws UpsqlError for two that would have one key. */
export async function findLocalFiles(patterns: readonly string[], root: string): Promise<readonly LocalFile[]> {
  const found = new Map<string, { readonly path: string; readonly key: string }>();
  for (const pattern of patterns) {
    for (const one of await expand(slashed(resolve(root, pattern)))) if (!found.has(one.path)) found.set(one.path, one);
  }
  const keys = new Map<string, string>();
  for (const { path, key } of found.values()) {
    const other = keys.get(key);
    if (other !== undefined)
      throw new UpsqlError(
        problem('invalid-ingest', `${other} and ${path} would have the same name, ${key}, in the bucket`),
      );
    keys.set(key, path);
  }
  const files: LocalFile[] = [];
  for (const { path, key } of [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    files.push(await describe(path, key, root));
  }
  return files;
}

async function expand(pattern: string): Promise<{ path: string; key: string }[]> {
  const parts = pattern.split('/');
  const first = parts.findIndex(hasWildcard);
  const base = parts.slice(0, first === -1 ? -1 : first).join('/') || '/';
  if (first === -1) {
    const there = await stat(pattern).catch(() => undefined);
    return there?.isFile() === true ? [{ path: pattern, key: parts.at(-1) ?? '' }] : [];
  }
  const rest = parts.slice(first).join('/');
  const recursive = parts.length > first + 1;
  const entries = await readdir(base, { recursive, withFileTypes: true }).catch(() => []);
  return entries.flatMap((entry) => {
    const path = slashed(join(entry.parentPath, entry.name));
    const key = slashed(relative(base, path));
    return (entry.isFile() || entry.isSymbolicLink()) && globMatch(key, rest) ? [{ path, key }] : [];
  });
}

async function describe(path: string, key: string, root: string): Promise<LocalFile> {
  const print = async (): Promise<string> => {
    const { size, mtimeNs, ctimeNs, ino } = await stat(path, { bigint: true });
    return [size, mtimeNs, ctimeNs, ino].join();
  };
  const changed = (): UpsqlError =>
    new UpsqlError(
      problem('file-changed', `${path} changed while it was loaded; nothing of it was kept`, {
        hint: 'Write to another name first, then rename. Run again to load it.',
      }),
      1,
    );
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const before = await print();
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const piece of createReadStream(path, { fd: handle, autoClose: false, highWaterMark: 1 << 20 })) {
      hash.update(piece as Buffer);
      bytes += (piece as Buffer).length;
    }
    if ((await print()) !== before) throw changed();
    const near = slashed(relative(root, path));
    return {
      path,
      key,
      name: near.startsWith('../') || isAbsolute(near) ? path : near,
      bytes,
      hash: hash.digest('hex'),
      async unchanged() {
        if ((await print().catch(() => '')) !== before) throw changed();
      },
    };
  } catch (error) {
    if (error instanceof UpsqlError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new UpsqlError(problem('cannot-read', `Can't read ${path}: ${code}`), 1, error);
  } finally {
    await handle?.close();
  }
}
