/** The file of a kept parse: a line that says what it is for, a line with the parse, and one that says whether it is whole. */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { digest } from './files.js';

const FORMAT = 'upsql parse 2';
const NEWLINE = 10;
/** Characters that are written at once. */
const CHUNK = 1 << 20;

/** What a kept parse was made of. */
export interface KeptHead {
  /** Of engine, settings and target. */
  readonly key: string;
  /** Hashes by file, in the order of reading. */
  readonly files: readonly (readonly [file: string, hash: string])[];
  /** Environment variables that templates read, each with a hash of its value; null for one that was not set. */
  readonly env: readonly (readonly [name: string, hash: string | null])[];
}

interface HeadLine extends KeptHead {
  readonly format: string;
}

export interface KeptFile {
  readonly head: KeptHead;
  /** The parse's text; read when the head fits. Throws where the file is damaged. */
  body(): string;
}

/** Reads a kept parse; undefined where there is none. Throws where the file is none of ours, or damaged. */
export function readKept(file: string): KeptFile | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const end = Math.max(0, bytes.indexOf(NEWLINE));
  const head = JSON.parse(bytes.toString('utf8', 0, end)) as HeadLine;
  if (head.format !== FORMAT || !Array.isArray(head.files) || !Array.isArray(head.env))
    throw new Error('it is of another version');
  return {
    head,
    body() {
      const last = bytes.lastIndexOf(NEWLINE);
      if (bytes.toString('utf8', last + 1) !== digest(bytes.subarray(0, last))) throw new Error('it is damaged');
      return bytes.toString('utf8', end + 1, last);
    },
  };
}

/** Writes a kept parse so that a reader sees the old file or the new one, whole. Throws what the file system throws. */
export function writeKept(file: string, head: KeptHead, pieces: Iterable<string>): void {
  const temporary = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  mkdirSync(dirname(file), { recursive: true });
  try {
    const handle = openSync(temporary, 'w');
    try {
      writePieces(handle, head, pieces);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function writePieces(handle: number, head: KeptHead, pieces: Iterable<string>): void {
  const hash = createHash('sha1');
  const write = (text: string): void => {
    const bytes = Buffer.from(text);
    hash.update(bytes);
    for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done);
  };
  const line: HeadLine = { format: FORMAT, ...head };
  write(`${JSON.stringify(line)}\n`);
  let held: string[] = [];
  let size = 0;
  for (const piece of pieces) {
    held.push(piece);
    size += piece.length;
    if (size < CHUNK) continue;
    write(held.join(''));
    held = [];
    size = 0;
  }
  write(held.join(''));
  writeSync(handle, `\n${hash.digest('base64')}`);
}
