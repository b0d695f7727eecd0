import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findFiles } from '../../../src/project/index.js';

/** What dbt's own file search and pathspec gave for these files. */
const data = JSON.parse(readFileSync(path.join(import.meta.dirname, 'fixtures/find_cases.json'), 'utf8')) as {
  readonly files: readonly string[];
  readonly cases: readonly { ignore: string; extension: string; files: string[] }[];
};

const root = mkdtempSync(path.join(os.tmpdir(), 'upsql-find-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
for (const file of data.files) {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), '');
}

describe('finds what dbt finds', () => {
  it.each(data.cases.map((c) => [`${c.extension} with ${JSON.stringify(c.ignore)}`, c] as const))('%s', (_, c) => {
    writeFileSync(path.join(root, '.dbtignore'), c.ignore);
    const found = findFiles(root, ['models', 'missing', 'other'], [c.extension]);
    expect(found.map((file) => file.originalFilePath).sort()).toEqual(c.files);
  });
});

it('gives each file once, sorted, with links to files but not to folders', () => {
  const home = path.join(root, 'links');
  mkdirSync(path.join(home, 'models/b'), { recursive: true });
  writeFileSync(path.join(home, 'models/b/x.sql'), '');
  writeFileSync(path.join(home, 'models/a.sql'), '');
  symlinkSync(path.join(home, 'models/a.sql'), path.join(home, 'models/c.sql'));
  symlinkSync(path.join(home, 'models/b'), path.join(home, 'models/d'));
  symlinkSync(path.join(home, 'gone'), path.join(home, 'models/e.sql'));
  const found = findFiles(home, ['models', 'models/b'], ['.sql']);
  expect(found.map((f) => [f.searchedPath, f.relativePath])).toEqual([
    ['models', 'a.sql'],
    ['models', 'b/x.sql'],
    ['models', 'c.sql'],
  ]);
});
