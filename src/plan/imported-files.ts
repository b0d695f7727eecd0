/** Which files a TypeScript model imports, at any remove, and what is in them. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';

/** `from './a.js'`, `import './a.js'`, `import('./a.js')`, `require('./a.js')`: relative ones only. */
const RELATIVE_IMPORT = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*(['"`])(\.{1,2}\/[^'"`\n]*|\.{1,2})\1/g;
const WRITTEN_AS: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
};
const ENDINGS = ['.ts', '.tsx', '.mts', '.js', '.mjs', '.json'];
const CODE = /\.[cm]?[jt]sx?$/;

/**
 * A hash of the contents of all files that `file` imports by relative paths, itself left out; '' when there are none. What is
 * named in a comment counts too, which at worst builds a model once more. Installed packages do not count.
 */
export function importedFilesHash(file: string): string {
  const seen = new Set<string>([file]);
  const parts: string[] = [];
  const visit = (from: string, text: string): void => {
    for (const [, , specifier = ''] of text.matchAll(RELATIVE_IMPORT)) {
      const found = resolveImport(resolve(dirname(from), specifier));
      if (found === undefined || seen.has(found)) continue;
      seen.add(found);
      const content = readFileSync(found);
      parts.push(`${specifier} ${createHash('sha256').update(content).digest('hex')}`);
      if (CODE.test(found)) visit(found, content.toString('utf8'));
    }
  };
  if (!existsSync(file)) return '';
  visit(file, readFileSync(file, 'utf8'));
  return parts.length === 0 ? '' : createHash('sha256').update(parts.sort().join('\n')).digest('hex');
}

function resolveImport(path: string): string | undefined {
  const ending = extname(path);
  const bare = path.slice(0, path.length - ending.length);
  const candidates = [
    ...(WRITTEN_AS[ending] ?? []).map((other) => bare + other),
    path,
    ...ENDINGS.map((other) => path + other),
    ...ENDINGS.map((other) => resolve(path, `index${other}`)),
  ];
  return candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile() === true);
}
