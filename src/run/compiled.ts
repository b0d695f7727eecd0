import { existsSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, posix, resolve, sep } from 'node:path';
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { Node } from '../parse/node.js';

/**
 * Where a node's SQL is written, as `compiled_path` and `build_path` show it: relative to the project's root, below
 * `target/compiled` or `target/run`. A file of one node keeps its own path; of several (a YAML file's tests), the
 * file's path becomes a folder; so does a model's name for the files of its batches.
 *
 * @example
 * sqlPath(node, 'compiled', 'target'); // target/compiled/shop/models/staging/orders.sql
 */
export function sqlPath(
  node: Pick<Node, 'package_name' | 'path' | 'original_file_path'> & { readonly split_suffix?: unknown },
  folder: 'compiled' | 'run',
  targetPath: string,
): string {
  const { path, original_file_path: file, split_suffix: suffix } = node;
  const own = posix.basename(path) === posix.basename(file) ? file : `${file}/${path}`;
  const { dir, name, ext } = posix.parse(own);
  const inside = typeof suffix === 'string' ? `${dir}/${name}/${name}_${suffix}${ext}` : own;
  return `${targetPath}/${folder}/${node.package_name}/${inside}`;
}

export type SqlWriter = (node: Node, folder: 'compiled' | 'run', sql: string) => string;

/**
 * Gives a function that writes a node's SQL and returns its path as `sqlPath` does. Folders are made once.
 * It throws UpsqlError `cannot-write` when the file can't be written, or lies outside the target folder.
 */
export function createSqlWriter(projectRoot: string, targetPath: string): SqlWriter {
  const base = resolve(projectRoot, targetPath);
  const made = new Set<string>();
  return (node, folder, sql) => {
    const path = sqlPath(node, folder, targetPath);
    const file = resolve(projectRoot, path);
    if (!file.startsWith(base + sep)) {
      throw new UpsqlError(problem('cannot-write', `The SQL of ${node.unique_id} would be written outside ${base}`));
    }
    const folderOf = dirname(file);
    try {
      if (!made.has(folderOf)) mkdirSync(folderOf, { recursive: true });
      made.add(folderOf);
      writeIfChanged(file, sql);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const hint =
        'Check the free space and the rights of the target folder, or choose another one with --target-path.';
      throw new UpsqlError(problem('cannot-write', `Can't write ${path}: ${reason}`, { hint }), 2, error);
    }
    return path;
  };
}

/**
 * Most SQL is the same as in the run before, and reading is many times cheaper than writing while the warehouse syncs its
 * own file. A changed file is removed first: to cut one to nothing and fill it again waits for the disk on ext4.
 */
function writeIfChanged(file: string, text: string): void {
  // Asked for first, as an error costs more than the answer.
  if (existsSync(file)) {
    if (readFileSync(file, 'utf8') === text) return;
    unlinkSync(file);
  }
  writeFileSync(file, text);
}
