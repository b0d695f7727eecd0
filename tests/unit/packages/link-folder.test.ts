import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { linkFolder } from '../../../src/packages/link-folder.js';
import { writeFiles } from './world.js';

const noLinks = () => {
  throw Object.assign(new Error('no links here'), { code: 'EPERM' });
};

it('copies where there can be no links, without what is being installed and without circles', () => {
  const top = mkdtempSync(join(tmpdir(), 'upsql-link-'));
  writeFiles(top, {
    'dbt_project.yml': 'name: outer\n',
    'models/m.sql': 'select 1',
    '.git/config': '',
    'tests_of_it/dbt_project.yml': 'name: inner\n',
  });
  const draft = join(top, 'tests_of_it/.dbt_packages-1-00000000/install');
  mkdirSync(draft, { recursive: true });
  symlinkSync(top, join(top, 'tests_of_it/circle'));
  linkFolder(top, join(draft, 'outer'), noLinks);
  expect(readFileSync(join(draft, 'outer/models/m.sql'), 'utf8')).toBe('select 1');
  expect(readdirSync(join(draft, 'outer/tests_of_it')).sort()).toEqual(['.dbt_packages-1-00000000', 'dbt_project.yml']);
  expect(existsSync(join(draft, 'outer/tests_of_it/.dbt_packages-1-00000000/install'))).toBe(false);
  expect(existsSync(join(draft, 'outer/.git'))).toBe(false);
});
