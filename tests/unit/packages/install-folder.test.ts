import { existsSync, mkdtempSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openInstallFolder } from '../../../src/packages/install-folder.js';
import { loadRoot } from '../../../src/project/load-root.js';
import { writeFiles } from './world.js';

async function project() {
  const root = mkdtempSync(join(tmpdir(), 'upsql-install-'));
  writeFiles(root, {
    'dbt_project.yml': 'name: shop\n',
    'dbt_packages/old/dbt_project.yml': 'name: old\n',
    'dbt_packages/loose.txt': '',
  });
  return loadRoot({ projectDir: root, env: {} });
}

const list = (root: string, folder = 'dbt_packages'): string[] => readdirSync(join(root, folder)).sort();

describe('the folder of packages', () => {
  it('is replaced as a whole', async () => {
    const loaded = await project();
    const install = openInstallFolder(loaded);
    writeFiles(install.draft, { 'new/dbt_project.yml': 'name: new\n' });
    writeFileSync(install.scratch(), 'a download');
    expect(list(loaded.root)).toEqual(['loose.txt', 'old']);
    install.swap();
    install.close();
    expect(list(loaded.root)).toEqual(['new']);
    expect(list(loaded.root, '.')).toEqual(['dbt_packages', 'dbt_project.yml']);
  });

  it('stays as it is when the run ends before', async () => {
    const loaded = await project();
    const install = openInstallFolder(loaded);
    writeFiles(install.draft, { 'new/dbt_project.yml': 'name: new\n' });
    install.close();
    expect(list(loaded.root)).toEqual(['loose.txt', 'old']);
    expect(list(loaded.root, '.')).toEqual(['dbt_packages', 'dbt_project.yml']);
  });

  it('is filled in place where it is a mount, links kept as links', async () => {
    const loaded = await project();
    const busy = (): never => {
      throw Object.assign(new Error('busy'), { code: 'EBUSY' });
    };
    const install = openInstallFolder(loaded, busy as typeof renameSync);
    writeFiles(install.draft, { 'new/dbt_project.yml': 'name: new\n' });
    symlinkSync('/nowhere', join(install.draft, 'linked'));
    install.swap();
    install.close();
    expect(list(loaded.root)).toEqual(['linked', 'new']);
    expect(list(loaded.root, '.')).toEqual(['dbt_packages', 'dbt_project.yml']);
  });

  it('may be a link to a folder elsewhere, which stays a link', async () => {
    const loaded = await project();
    const elsewhere = join(mkdtempSync(join(tmpdir(), 'upsql-else-')), 'depot');
    renameSync(join(loaded.root, 'dbt_packages'), elsewhere);
    symlinkSync(elsewhere, join(loaded.root, 'dbt_packages'));
    const install = openInstallFolder(loaded);
    writeFiles(install.draft, { 'new/dbt_project.yml': 'name: new\n' });
    install.swap();
    install.close();
    expect(readdirSync(elsewhere)).toEqual(['new']);
    expect(list(loaded.root)).toEqual(['new']);
  });

  it('leaves the temporary folder of a run that is alive, and what has only a like name', async () => {
    const loaded = await project();
    const alive = `.dbt_packages-${process.pid}-0123abcd`;
    writeFiles(loaded.root, { [`${alive}/x`]: '', '.dbt_packages-mine/x': '', '.dbt_packages-4194305-0123abcd/x': '' });
    openInstallFolder(loaded).close();
    expect(existsSync(join(loaded.root, alive, 'x'))).toBe(true);
    expect(existsSync(join(loaded.root, '.dbt_packages-mine/x'))).toBe(true);
    expect(existsSync(join(loaded.root, '.dbt_packages-4194305-0123abcd'))).toBe(false);
  });
});
