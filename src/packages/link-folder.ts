import { copyFileSync, mkdirSync, readdirSync, realpathSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes `into` a link to `folder`, so that changes in a local package count at once; where the system allows no links, a
 * copy. The copy leaves out repositories and what is being installed, which may lie below `folder`.
 */
export function linkFolder(folder: string, into: string, link: typeof symlinkSync = symlinkSync): void {
  try {
    link(folder, into, process.platform === 'win32' ? 'junction' : 'dir');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
    copyFolder(folder, into, new Set([realpathSync(path.dirname(into))]));
  }
}

/** Copies what links lead to; `open` has the folders (real paths) that would make it go round in circles. */
function copyFolder(from: string, to: string, open: ReadonlySet<string>): void {
  mkdirSync(to);
  const inside = new Set([...open, realpathSync(from)]);
  for (const name of readdirSync(from)) {
    const source = path.join(from, name);
    const found = statSync(source, { throwIfNoEntry: false });
    if (found?.isFile()) copyFileSync(source, path.join(to, name));
    if (found?.isDirectory() && name !== '.git' && !inside.has(realpathSync(source)))
      copyFolder(source, path.join(to, name), inside);
  }
}
