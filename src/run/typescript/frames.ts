import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Frame, Place } from '../../diagnostics/index.js';

/** The folder of the engine's modules. */
const ENGINE = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

const FRAME = /^\s+at (?:(?:async )?(.*?) \()?(.+?):(\d+):(\d+)\)?$/;

/** Finds places of the user's own files in stack traces of a bundle. */
export class UserFrames {
  readonly #bundle: string;
  readonly #root: string;
  #map: SourceMap | undefined;

  constructor(bundle: string, projectRoot: string) {
    this.#bundle = bundle;
    this.#root = projectRoot;
  }

  /** The user's frames of a stack, innermost first; those of packages, of Node and of the engine are left out. */
  of(stack: string | undefined): Frame[] {
    const frames: Frame[] = [];
    for (const line of (stack ?? '').split('\n')) {
      const m = FRAME.exec(line);
      const place = m && this.#place(m[2] ?? '', Number(m[3]), Number(m[4]));
      if (place) frames.push({ name: nameOf(m?.[1]), place });
    }
    return frames;
  }

  #place(file: string, line: number, column: number): Place | undefined {
    const path = file.startsWith('file:') ? fileURLToPath(file.replace(/\?.*$/, '')) : file;
    if (path !== this.#bundle) return this.#isUsers(path) ? { file: path, line, column } : undefined;
    const entry = this.#sourceMap().findEntry(line - 1, column - 1);
    if (!('originalSource' in entry)) return undefined;
    const source = entry.originalSource.startsWith('file:')
      ? fileURLToPath(entry.originalSource)
      : resolve(dirname(this.#bundle), entry.originalSource);
    if (!this.#isUsers(source)) return undefined;
    return { file: source, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  }

  /** TypeScript of the project that is neither a package's nor the engine's own. */
  #isUsers(path: string): boolean {
    if (!path.startsWith(this.#root + sep) || !/\.[cm]?tsx?$/.test(path)) return false;
    return !path.startsWith(ENGINE + sep) && !path.includes(`${sep}node_modules${sep}`);
  }

  #sourceMap(): SourceMap {
    if (this.#map === undefined) {
      const code = readFileSync(this.#bundle, 'utf8');
      const at = code.lastIndexOf('//# sourceMappingURL=');
      const base64 = code.slice(code.indexOf('base64,', at) + 'base64,'.length).trim();
      this.#map = new SourceMap(JSON.parse(Buffer.from(base64, 'base64').toString('utf8')));
    }
    return this.#map;
  }
}

function nameOf(name: string | undefined): string {
  return name?.replace(/^(?:Module|Object)\./, '') || '<anonymous>';
}

/** The URL that imports a bundle. */
export function importUrl(bundle: string): string {
  return pathToFileURL(bundle).href;
}
