/**
 * A file of something kept: a line that says what it is for, the text, an outline of it, which can be read alone, and a line
 * with hashes, which tell whether the file is whole and name what is in it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const NEWLINE = 10;
/** Characters that are written at once, and bytes that are read at first. */
const CHUNK = 1 << 20;
const HEAD = 1 << 17;
/** Of a SHA-1 in base64. */
const HASH_LENGTH = 28;
/** Digits of the outline's position. */
const DIGITS = 15;
/** Of the last line, with the line break before it: position and hash of the outline, hash of all before. */
const LAST_LENGTH = 1 + DIGITS + 1 + HASH_LENGTH + 1 + HASH_LENGTH;

export interface KeptFile<Head> {
  readonly head: Head;
  /** The hash at the end of the file: of all before it. */
  readonly id: string;
  /** The bytes of the text; read when the head fits. Throws where the file is damaged. */
  body(): Buffer;
  /** The outline, read without the text. Throws where it is damaged. */
  outline(): string;
}

/**
 * Reads the first and the last line of a kept file; undefined where there is none. Throws where it is of another format, or
 * damaged.
 */
export function readKept<Head extends object>(file: string, format: string): KeptFile<Head> | undefined {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { size } = fstatSync(handle);
    const first = headLine(handle, size);
    const head = JSON.parse(first.toString('utf8')) as Head & { readonly format?: string };
    if (head.format !== format) throw new Error('it is of another version');
    const last = readAt(handle, size - LAST_LENGTH, LAST_LENGTH).toString('utf8');
    const [position = '', outlineHash, id = ''] = last.slice(1).split(' ');
    const outlineAt = Number(position);
    return {
      head,
      id,
      body() {
        const bytes = readFrom(file, size, 0);
        if (bytes.toString('utf8', size - LAST_LENGTH) !== last || id !== sha1(bytes.subarray(0, size - LAST_LENGTH)))
          throw new Error('it is damaged');
        return bytes.subarray(first.length + 1, outlineAt);
      },
      outline() {
        const bytes = readFrom(file, size, outlineAt);
        const outline = bytes.subarray(0, -LAST_LENGTH);
        if (bytes.toString('utf8', outline.length) !== last || outlineHash !== sha1(outline))
          throw new Error('it is damaged');
        return outline.toString('utf8');
      },
    };
  } finally {
    closeSync(handle);
  }
}

const sha1 = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('base64');

function headLine(handle: number, size: number): Buffer {
  for (let length = Math.min(HEAD, size); ; length = Math.min(length * 8, size)) {
    const bytes = readAt(handle, 0, length);
    const end = bytes.indexOf(NEWLINE);
    if (end >= 0) return bytes.subarray(0, end);
    if (length === size) throw new Error('it is damaged');
  }
}

function readAt(handle: number, position: number, length: number): Buffer {
  if (!(position >= 0 && length >= 0)) throw new Error('it is damaged');
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const read = readSync(handle, bytes, done, length - done, position + done);
    if (read === 0) throw new Error('it is damaged');
    done += read;
  }
  return bytes;
}

/** The bytes of a file of `size` bytes from a position on. */
function readFrom(file: string, size: number, position: number): Buffer {
  const handle = openSync(file, 'r');
  try {
    if (fstatSync(handle).size !== size) throw new Error('it was replaced meanwhile');
    return readAt(handle, position, size - position);
  } finally {
    closeSync(handle);
  }
}

/**
 * Writes a kept file so that a reader sees the old file or the new one, whole, and gives its id. The outline is asked for when
 * all pieces are written. Throws what the file system throws.
 */
export function writeKept(
  file: string,
  format: string,
  head: object,
  pieces: Iterable<string | Uint8Array>,
  outline: () => string = () => '',
): string {
  const temporary = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  mkdirSync(dirname(file), { recursive: true });
  try {
    const handle = openSync(temporary, 'w');
    let id: string;
    try {
      id = writePieces(handle, `${JSON.stringify({ format, ...head })}\n`, pieces, outline);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
    return id;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function writePieces(
  handle: number,
  head: string,
  pieces: Iterable<string | Uint8Array>,
  outline: () => string,
): string {
  const hash = createHash('sha1');
  let position = 0;
  const put = (bytes: Uint8Array): void => {
    for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done);
  };
  const write = (bytes: Uint8Array): void => {
    hash.update(bytes);
    put(bytes);
    position += bytes.length;
  };
  let buffer = Buffer.alloc(0);
  const writeText = (text: string): void => {
    // A UTF-16 unit takes three bytes at most.
    if (buffer.length < text.length * 3) buffer = Buffer.allocUnsafeSlow(text.length * 3);
    write(buffer.subarray(0, buffer.write(text)));
  };
  let held = head;
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      held += piece;
      if (held.length < CHUNK) continue;
    }
    if (held !== '') writeText(held);
    held = '';
    if (typeof piece !== 'string') write(piece);
  }
  if (held !== '') writeText(held);
  const outlineAt = String(position).padStart(DIGITS, '0');
  const last = Buffer.from(outline());
  write(last);
  const id = hash.digest('base64');
  put(Buffer.from(`\n${outlineAt} ${sha1(last)} ${id}`));
  return id;
}
