import { cpSync, realpathSync, symlinkSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes `into` a link to `folder`, so that changes in a local package count at once; where the system allows no links, a
 * copy. The copy leaves out what is being installed, which may lie below `folder`.
 */
export function linkFolder(folder: string, into: string, link: typeof symlinkSync = symlinkSync): void {
  try {
    link(folder, into, process.platform === 'win32' ? 'junction' : 'dir');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
    const installed = realpathSync(path.dirname(into));
    const top = realpathSync(folder);
    cpSync(folder, into, {
      recursive: true,
      dereference: true,
      filter(entry) {
        if (entry === folder) return true;
        const real = realpathSync(entry);
        // A link back to a folder above would be copied without end.
        return (
          real !== installed && real !== top && !top.startsWith(real + path.sep) && path.basename(entry) !== '.git'
        );
      },
    });
  }
}
