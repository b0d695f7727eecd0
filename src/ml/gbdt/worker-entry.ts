import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

let bundled: Promise<string> | undefined;

/** The file that a thread starts from. Where this module runs from its TypeScript source, it is bundled first. */
export async function workerEntry(): Promise<string> {
  if (!import.meta.url.endsWith('.ts')) return fileURLToPath(new URL('./worker.js', import.meta.url));
  bundled ??= bundle(fileURLToPath(new URL('./worker.ts', import.meta.url)));
  return bundled;
}

async function bundle(source: string): Promise<string> {
  const { build } = await import('esbuild');
  const folder = await mkdtemp(join(tmpdir(), 'upsql-gbdt-'));
  process.once('exit', () => void rm(folder, { recursive: true, force: true }));
  const outfile = join(folder, 'worker.mjs');
  await build({ entryPoints: [source], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'silent' });
  return outfile;
}
