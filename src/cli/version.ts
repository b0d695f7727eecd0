import { readFileSync } from 'node:fs';

/** The version of the package, from its package.json. */
export function version(): string {
  // Two folders up both from the sources (src/cli) and from the compiled code (dist/cli).
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return (manifest as { readonly version: string }).version;
}
