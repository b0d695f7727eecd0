import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** A file of a project; paths have `/` and are relative but for `absolutePath`. */
export interface FoundFile {
  readonly absolutePath: string;
  /** The configured path it was found under: `models`. */
  readonly searchedPath: string;
  /** Relative to that: `staging/stg_orders.sql`. */
  readonly relativePath: string;
  /** Relative to the root: `models/staging/stg_orders.sql`. */
  readonly originalFilePath: string;
}

/** Files by the folders that were read for them. */
export type WalkedFolders = Map<string, readonly string[]>;

const HIDDEN = /^[.#~]/;

/**
 * The files under `paths` of `root` with one of the extensions (`.sql`), each once. As in dbt, names that start with `.`,
 * `#` or `~` are passed over, `.dbtignore` counts, links to folders are not followed. dbt takes them in the order in which
 * the file system gives them; here they are sorted within each path, so that a project always reads the same. Calls that share
 * `walked` read each folder once.
 */
export function findFiles(
  root: string,
  paths: readonly string[],
  extensions: readonly string[],
  walked: WalkedFolders = new Map(),
): FoundFile[] {
  const ignored = readIgnore(root);
  const wanted = extensions.map((extension) => extension.toLowerCase());
  const found = new Map<string, FoundFile>();
  for (const searchedPath of paths) {
    const base = path.resolve(root, searchedPath);
    const shown = path.posix.join(searchedPath.replaceAll('\\', '/'), '/');
    let files = walked.get(base);
    if (files === undefined) {
      files = walk(base);
      walked.set(base, files);
    }
    for (const relativePath of files) {
      const name = relativePath.slice(relativePath.lastIndexOf('/') + 1);
      if (HIDDEN.test(name) || !wanted.some((extension) => name.toLowerCase().endsWith(extension))) continue;
      const absolutePath = `${base}${path.sep}${path.sep === '/' ? relativePath : path.normalize(relativePath)}`;
      const originalFilePath = shown === './' ? relativePath : `${shown}${relativePath}`;
      if (found.has(absolutePath) || ignored(originalFilePath)) continue;
      found.set(absolutePath, { absolutePath, searchedPath, relativePath, originalFilePath });
    }
  }
  return [...found.values()];
}

/** Paths of all files below a folder, sorted; nothing where it does not exist. */
function walk(folder: string): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  const files: string[] = [];
  const open = [''];
  for (let inner = open.pop(); inner !== undefined; inner = open.pop()) {
    for (const entry of readdirSync(path.join(folder, inner), { withFileTypes: true })) {
      const name = inner === '' ? entry.name : `${inner}/${entry.name}`;
      if (entry.isDirectory()) open.push(name);
      else if (entry.isFile() || (entry.isSymbolicLink() && isFile(path.join(folder, name)))) files.push(name);
    }
  }
  return files.sort();
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

/** The test of `.dbtignore`, whose patterns are git's: the last one that matches decides. */
function readIgnore(root: string): (file: string) => boolean {
  const file = path.join(root, '.dbtignore');
  if (!existsSync(file)) return () => false;
  const rules = readFileSync(file, 'utf8').split(/\r?\n/).flatMap(ignoreRule);
  return (name) => rules.findLast((rule) => rule.expression.test(name))?.ignores === true;
}

function ignoreRule(line: string): { expression: RegExp; ignores: boolean }[] {
  let pattern = line.replace(/(?<!\\)\s+$/, '');
  if (pattern === '' || pattern.startsWith('#')) return [];
  const ignores = !pattern.startsWith('!');
  if (!ignores) pattern = pattern.slice(1);
  const folder = pattern.endsWith('/');
  const body = pattern.replace(/^\//, '').replace(/\/$/, '');
  const anchored = pattern.startsWith('/') || body.includes('/');
  const source = body
    .split(/(\*\*\/|\/\*\*|\*\*|\*|\?|\[[^\]]+\]|\\.)/)
    .map((part) => {
      if (part === '**/') return '(?:.*/)?';
      if (part === '/**') return '/.*';
      if (part === '**') return '.*';
      if (part === '*') return '[^/]*';
      if (part === '?') return '[^/]';
      if (part.startsWith('[')) return part.replace(/^\[!/, '[^');
      if (part.startsWith('\\')) return part.length === 2 ? part.replace(/[\w]/, '$&') : part;
      return part.replace(/[.+^${}()|[\]]/g, '\\$&');
    })
    .join('');
  // A pattern stands for a file, or for a folder and all that is in it.
  return [
    { expression: new RegExp(`^${anchored ? '' : '(?:.*/)?'}${source}${folder ? '/.*' : '(?:/.*)?'}$`), ignores },
  ];
}
