import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { problem, UpsqlError } from '../diagnostics/index.js';

const CHUNK = 1 << 20;

/**
 * Writes a file so that readers see the old or the new one, whole: to a temporary name beside it, then renamed.
 * Missing folders are made. Throws UpsqlError `cannot-write` (exit code 2), leaving the old file as it was.
 */
export async function writeAtomic(file: string, parts: Iterable<string | Uint8Array>): Promise<void> {
  const temporary = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true });
    const handle = await open(temporary, 'w');
    try {
      await writeParts(handle, parts);
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw cannotWrite(file, error);
  }
}

/** Writes the parts in turn, texts in pieces of `CHUNK`; while one piece is being written the next one is made. */
async function writeParts(handle: FileHandle, parts: Iterable<string | Uint8Array>): Promise<void> {
  let writing: Promise<unknown> | undefined;
  const write = async (data: Uint8Array): Promise<void> => {
    await writing;
    writing = handle.writeFile(data);
    // Whoever waits for it next hears of its failure.
    writing.catch(() => undefined);
  };
  // Two buffers in turn: one is filled while the other is being written.
  const buffers: Buffer[] = [];
  let turn = 0;
  const writeText = async (text: string): Promise<void> => {
    // A UTF-16 unit takes three bytes at most.
    const most = text.length * 3;
    if ((buffers[turn]?.length ?? 0) < most) buffers[turn] = Buffer.allocUnsafeSlow(most);
    const buffer = buffers[turn] as Buffer;
    turn = 1 - turn;
    await write(buffer.subarray(0, buffer.write(text)));
  };
  let held = '';
  for (const part of parts) {
    if (typeof part === 'string') {
      held += part;
      if (held.length < CHUNK) continue;
    }
    if (held !== '') await writeText(held);
    held = '';
    if (typeof part !== 'string') await write(part);
  }
  if (held !== '') await writeText(held);
  await writing;
}

const REASONS: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  ENOSPC: ['the disk is full', 'Free some space, or choose another place with --target-path.'],
  EDQUOT: ['the disk quota is used up', 'Free some space, or choose another place with --target-path.'],
  EROFS: ['the file system is read-only', 'Choose a folder that can be written to with --target-path.'],
  EACCES: ['permission denied', 'Check who owns the folder, or choose another one with --target-path.'],
  EPERM: ['permission denied', 'Check who owns the folder, or choose another one with --target-path.'],
  ENOTDIR: [
    'a file stands where a folder is needed',
    'Move that file away, or choose another folder with --target-path.',
  ],
  EEXIST: [
    'a file stands where a folder is needed',
    'Move that file away, or choose another folder with --target-path.',
  ],
  EISDIR: ['a folder stands in its place', 'Move that folder away, or choose another one with --target-path.'],
};

/** The diagnostic for a file that the operating system would not let us write. */
export function cannotWrite(file: string, error: unknown): UpsqlError {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  const [reason, hint] = REASONS[code] ?? [error instanceof Error ? error.message : String(error), undefined];
  const more = hint === undefined ? {} : { hint };
  return new UpsqlError(problem('cannot-write', `Can't write ${file}: ${reason}`, more), 2, error);
}
