import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../../', import.meta.url).pathname;
const stamp = join(root, 'dist/.built');

/** Compiles the package when a source is newer than the last build, so that tests run the `upsql` that users get. */
export default function setup(): void {
  const newest = Math.max(newestIn(join(root, 'src')), newestIn(join(root, 'scripts')));
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= newest) return;
  const run = (file: string, ...args: string[]) => execFileSync(file, args, { cwd: root, stdio: 'inherit' });
  run(process.execPath, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
  run(process.execPath, 'scripts/copy-assets.mjs');
  writeFileSync(stamp, '');
}

function newestIn(folder: string): number {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestIn(path) : statSync(path).mtimeMs);
  }
  return newest;
}
