/** Reading the files of packages once, for whoever looks at them in turn: to tell what has changed, then to parse. */
import { readFileSync } from 'node:fs';
import type { Package } from '../project/index.js';
import { findSourceFiles, type SourceFile } from './files.js';

export class SourceReader {
  readonly #files = new Map<Package, readonly SourceFile[]>();
  readonly #texts = new Map<string, string>();

  /** The files of a package, in the order of reading. */
  files(owner: Package): readonly SourceFile[] {
    let files = this.#files.get(owner);
    if (files === undefined) {
      files = findSourceFiles(owner);
      this.#files.set(owner, files);
    }
    return files;
  }

  /** The text of a file (absolute path) as it was when it was first asked for. Throws what the file system throws. */
  text(file: string): string {
    let text = this.#texts.get(file);
    if (text === undefined) {
      text = readFileSync(file, 'utf8');
      this.#texts.set(file, text);
    }
    return text;
  }
}
