/** The file of a kept parse: a line that says what it is for and whether it is whole, then the parse. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { digest } from './files.js';

const FORMAT = 'upsql parse 1';

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
  readonly bytes: number;
  readonly hash: string;
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
  const end = bytes.indexOf(10);
  const head = JSON.parse(bytes.toString('utf8', 0, Math.max(0, end))) as HeadLine;
  if (head.format !== FORMAT || !Array.isArray(head.files) || !Array.isArray(head.env))
    throw new Error('it is of another version');
  const body = bytes.subarray(end + 1);
  return {
    head,
    body() {
      if (body.length !== head.bytes || digest(body) !== head.hash) throw new Error('it is damaged');
      return body.toString('utf8');
    },
  };
}

/** Writes a kept parse so that a reader sees the old file or the new one, whole. Throws what the file system throws. */
export function writeKept(file: string, head: KeptHead, text: string): void {
  const body = Buffer.from(text);
  const line: HeadLine = { format: FORMAT, ...head, bytes: body.length, hash: digest(body) };
  const temporary = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(temporary, Buffer.concat([Buffer.from(`${JSON.stringify(line)}\n`), body]));
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
