import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Message } from './output.js';

const NAME = 'upsql.log';
const LARGEST = 10 * 1024 * 1024;

/** The log file of a run: every message, whatever the terminal shows. */
export interface LogFile {
  write(message: Message): void;
  /** Opens the file in `folder`; what was written before goes in first. */
  open(folder: string, head: string): void;
  close(): void;
}

/**
 * Collects messages until `open` says where they go, as `<folder>/upsql.log`; beyond 10 MB the file is set aside as
 * `upsql.log.1`. A folder that can't be written to leaves the run without a log file, and is no error.
 */
export function createLogFile(now: () => Date = () => new Date()): LogFile {
  let file: number | null = null;
  let waiting: string[] | null = [];
  const put = (text: string): void => {
    if (waiting !== null) waiting.push(text);
    else if (file !== null) {
      try {
        writeSync(file, text);
      } catch {
        // A full disk must not stop the run.
        file = null;
      }
    }
  };
  return {
    write: ({ level, text, thread }) => {
      const plain = stripVTControlCharacters(text);
      if (plain !== '') put(`${now().toISOString()} [${level.padEnd(5)}] [${thread ?? 'MainThread'}]: ${plain}\n`);
    },
    open(folder, head) {
      if (waiting === null) return;
      const early = waiting;
      waiting = null;
      try {
        mkdirSync(folder, { recursive: true });
        file = openForAppend(join(folder, NAME));
      } catch {
        file = null;
      }
      put(`\n${'='.repeat(30)} ${now().toISOString()} | ${head} ${'='.repeat(30)}\n`);
      for (const text of early) put(text);
    },
    close() {
      if (file !== null) closeSync(file);
      file = null;
      waiting = null;
    },
  };
}

function openForAppend(path: string): number {
  const file = openSync(path, 'a');
  if (fstatSync(file).size < LARGEST) return file;
  closeSync(file);
  renameSync(path, `${path}.1`);
  return openSync(path, 'a');
}
