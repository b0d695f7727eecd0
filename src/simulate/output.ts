import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { problem, UpsqlError } from '../diagnostics/index.js';

/** A file that comes into being whole: written under a temporary name, then renamed. */
export interface Output {
  readonly name: string;
  readonly path: string;
  readonly bytes: () => number;
  /** Appends bytes; the buffer may be reused once this settles. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  readonly close: () => Promise<void>;
  /** Gives the closed file its name, in place of an older one. */
  readonly publish: () => Promise<void>;
  /** Closes and removes what was written; never fails. */
  readonly discard: () => Promise<void>;
}

/** Makes the folder and removes the temporary files that runs which no longer exist have left in it. */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) {
      const match = /^(?:events|users|plan_changes|truth)[^/]*\.tmp-(\d+)$/.exec(name);
      if (match !== null && !isRunning(Number(match[1]))) await rm(join(folder, name), { force: true });
    }
  } catch (error) {
    throw writeProblem(error, folder);
  }
}

export async function createOutput(folder: string, name: string): Promise<Output> {
  const path = join(folder, name);
  const temporary = `${path}.tmp-${process.pid}`;
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw writeProblem(error, path);
    }
  };
  const file = await guard(() => open(temporary, 'w'));
  let bytes = 0;
  return {
    name,
    path,
    bytes: () => bytes,
    write: (data) =>
      guard(async () => {
        for (let done = 0; done < data.length; ) done += (await file.write(data, done)).bytesWritten;
        bytes += data.length;
      }),
    close: () => guard(() => file.close()),
    publish: () => guard(() => rename(temporary, path)),
    discard: async () => {
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true }).catch(() => undefined);
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What to say of a failed write. */
export function writeProblem(error: unknown, path: string): UpsqlError {
  if (error instanceof UpsqlError) return error;
  const code = codeOf(error);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new UpsqlError(
        problem('disk-full', `no space is left to write ${path}`, {
          hint: 'Free some space or choose another folder with --out; files written before are as they were.',
        }),
        2,
        error,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new UpsqlError(
        problem(
          'not-writable',
          `${path} can't be written: ${code === 'EROFS' ? 'the file system is read-only' : 'permission denied'}`,
          {
            hint: 'Choose a folder you may write to with --out.',
          },
        ),
        2,
        error,
      );
    case 'EEXIST':
    case 'ENOTDIR':
    case 'EISDIR':
      return new UpsqlError(
        problem('not-a-folder', `${path} can't be written: a ${code === 'EISDIR' ? 'folder' : 'file'} is in the way`, {
          hint: 'Choose another folder with --out.',
        }),
        2,
        error,
      );
    default: {
      const reason = error instanceof Error ? error.message : String(error);
      return new UpsqlError(problem('write-failed', `${path} can't be written: ${reason}`), 2, error);
    }
  }
}
