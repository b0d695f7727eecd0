import { existsSync, readFileSync } from 'node:fs';

let version: string | undefined;

/** The version of upsql that this code belongs to, whichever of its files it was bundled into. */
export function libraryVersion(): string {
  version ??= find();
  return version;
}

function find(): string {
  for (let folder = new URL('./', import.meta.url); ; folder = new URL('../', folder)) {
    const file = new URL('package.json', folder);
    const manifest: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
    if (typeof manifest === 'object' && manifest !== null && Reflect.get(manifest, 'name') === 'upsql')
      return String(Reflect.get(manifest, 'version'));
    if (folder.pathname === '/' || new URL('../', folder).href === folder.href) return 'unknown';
  }
}
