import { resolve } from 'node:path';
import { usageError } from './usage.js';

/** A file that `--report` asks for. */
export interface Report {
  readonly kind: 'junit';
  readonly file: string;
}

/** Reads `junit=FILE` words of --report. @throws UpsqlError for another kind or a missing file. */
export function reportFiles(words: readonly string[], cwd: string): Report[] {
  return words.map((word) => {
    const at = word.indexOf('=');
    const file = at === -1 ? '' : word.slice(at + 1).trim();
    if (word.slice(0, Math.max(0, at)).toLowerCase() !== 'junit' || file === '') {
      throw usageError(`--report can't be read: ${word}`, 'Write --report junit=FILE, such as junit=target/junit.xml.');
    }
    return { kind: 'junit', file: resolve(cwd, file) };
  });
}
