import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compileBin, startUpsql } from '../unit/cli/compiled-bin.js';
import { type Entry, tarball } from '../unit/packages/tarball.js';
import { git, openWorld, run, type World, writeFiles } from '../unit/packages/world.js';

let world: World;
let number = 0;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  world.answer = () => undefined;
  world.asked.length = 0;
});

function project(packages: string, files: Readonly<Record<string, string>> = {}): string {
  number += 1;
  return world.project(`project${number}`, { ...(packages === '' ? {} : { 'packages.yml': packages }), ...files });
}

const BASE = 'packages:\n  - {package: acme/base, version: 1.0.0}\n';
const read = (root: string, file: string): string => readFileSync(join(root, file), 'utf8');
const list = (root: string, folder = 'dbt_packages'): string[] => readdirSync(join(root, folder)).sort();
const hidden = (root: string): string[] => readdirSync(root).filter((entry) => entry.startsWith('.'));

describe('packages are installed', () => {
  it('says what it does, and how it ended', async () => {
    const root = project(
      "packages:\n  - local: ../shared\n  - {git: 'https://git.example/many.git', revision: v1, subdirectory: inner/two}\n  - {package: acme/base, version: 1.0.0}\n",
    );
    const { code, text } = await world.deps(root);
    expect(code).toBe(0);
    expect(text.replaceAll(/^\d\d:\d\d:\d\d {2}/gm, '').replace(/\d\.\d\ds/, '0.00s')).toBe(
      [
        'Wrote package-lock.yml',
        '1 of 3 Installing ../shared',
        '  Installed from the folder ../shared',
        '2 of 3 Installing https://git.example/many.git/inner/two',
        '  Installed from revision 2811fc092024e2adc6ad86c65302075faae0ea22, subdirectory inner/two',
        '3 of 3 Installing acme/base',
        '  Installed from version 1.0.0',
        '  Version 2.0.0 is available',
        'Newer versions: acme/base. Change packages.yml, or run "upsql deps --upgrade".',
        'Installed 3 packages in dbt_packages (0.00s)',
        '',
      ].join('\n'),
    );
    expect(read(root, 'dbt_packages/inner_two/models/b.sql')).toBe('select 2');
    expect(read(root, 'dbt_packages/base/models/m.sql')).toBe("select '1.0.0'");
  });

  it('a local package is a link, so that a change in it counts at once', async () => {
    const root = project('packages:\n  - local: ../shared\n');
    await world.deps(root);
    expect(readlinkSync(join(root, 'dbt_packages/shared'))).toBe(join(world.top, 'shared'));
  });

  it('a git package keeps no settings of its repository, where credentials would stand', async () => {
    const root = project('packages:\n  - {git: "https://git.example/plain.git", revision: v2}\n');
    await world.deps(root);
    expect(list(root, 'dbt_packages/plain')).toEqual(['dbt_project.yml', 'models']);
    expect(read(root, 'dbt_packages/plain/models/a.sql')).toBe('select 2');
  });

  it('a git repository by a path that counts from the project, also while git runs a hook', async () => {
    const root = project('packages:\n  - {git: ../git/plain.git, revision: v1}\n');
    const { code } = await world.deps(root, [], { GIT_DIR: '/nowhere', GIT_WORK_TREE: '/nowhere' });
    expect(code).toBe(0);
    expect(list(root)).toEqual(['plain']);
  });

  it('into packages-install-path, replacing all that was there', async () => {
    const root = project(BASE, {
      'dbt_project.yml': "name: shop\npackages-install-path: \"{{ env_var('DEPOT', 'vendor') }}/sql\"\n",
      'vendor/sql/old/dbt_project.yml': 'name: old\n',
    });
    expect((await world.deps(root)).code).toBe(0);
    expect(list(root, 'vendor/sql')).toEqual(['base']);
    expect((await world.deps(root, [], { DEPOT: 'other' })).code).toBe(0);
    expect(list(root, 'other/sql')).toEqual(['base']);
  });

  it.each([
    ['.', 'the project itself'],
    ['..', 'the project itself'],
    ['models', "the project's models"],
    ['../outside', "with 'letter.txt' in it"],
  ])('never over %s', async (path, why) => {
    const root = project(BASE, {
      'dbt_project.yml': `name: shop\npackages-install-path: ${path}\n`,
      'models/m.sql': 'select 1',
    });
    writeFiles(world.top, { 'outside/letter.txt': 'dear' });
    const { code, text } = await world.deps(root);
    expect(code).toBe(2);
    expect(text).toContain('error[unsafe-path]');
    expect(text).toContain(why);
    expect(existsSync(join(root, 'models/m.sql'))).toBe(true);
    expect(existsSync(join(world.top, 'outside/letter.txt'))).toBe(true);
  });

  it('without a profile, and with variables in dbt_project.yml that are not set', async () => {
    const root = project(BASE, {
      'dbt_project.yml':
        'name: shop\nprofile: none\nmodels:\n  shop:\n    +schema: "{{ target.name ~ var(\'nothing\') }}"\n',
    });
    expect((await world.deps(root)).code).toBe(0);
  });

  it('nothing, where nothing is asked for: what was installed goes', async () => {
    const root = project(BASE);
    await world.deps(root);
    writeFileSync(join(root, 'packages.yml'), 'packages: []\n');
    const { code, text } = await world.deps(root);
    expect(code).toBe(0);
    expect(text).toContain('The project asks for no packages');
    expect(list(root)).toEqual([]);
    expect(read(root, 'package-lock.yml')).toMatch(/^packages: \[\]\nsha1_hash: [0-9a-f]{40}\n$/);
  });

  it('two packages that ask for each other', async () => {
    writeFiles(world.top, {
      'ring_a/dbt_project.yml': 'name: ring_a\n',
      'ring_a/packages.yml': 'packages:\n  - local: ../ring_b\n',
      'ring_b/dbt_project.yml': 'name: ring_b\n',
      'ring_b/packages.yml': 'packages:\n  - local: ../ring_a\n',
    });
    const root = project('packages:\n  - local: ../ring_a\n');
    expect((await world.deps(root)).code).toBe(0);
    expect(list(root)).toEqual(['ring_a', 'ring_b']);
  });
});

describe('the lock file', () => {
  const RANGE = 'packages:\n  - {package: acme/base, version: [">=1.0.0", "<2.0.0"]}\n';

  /** A lock file of an earlier day, when 1.2.0 was not out. */
  async function lockedEarlier(): Promise<string> {
    const root = project(RANGE);
    await world.deps(root, ['--lock']);
    writeFileSync(join(root, 'package-lock.yml'), read(root, 'package-lock.yml').replace('1.2.0', '1.0.0'));
    return root;
  }

  it('is kept to while packages.yml stays the same', async () => {
    const root = await lockedEarlier();
    const before = read(root, 'package-lock.yml');
    expect((await world.deps(root)).text).toContain('Installed from version 1.0.0');
    expect(read(root, 'package-lock.yml')).toBe(before);
    expect(read(root, 'dbt_packages/base/models/m.sql')).toBe("select '1.0.0'");
  });

  it('is written anew with --upgrade, and when packages.yml changes', async () => {
    const root = await lockedEarlier();
    expect((await world.deps(root, ['--upgrade'])).text).toContain('Installed from version 1.2.0');
    expect(read(root, 'package-lock.yml')).toContain('version: 1.2.0');
    writeFileSync(join(root, 'packages.yml'), BASE);
    expect((await world.deps(root)).text).toContain('Installed from version 1.0.0');
    expect(read(root, 'package-lock.yml')).toContain('version: 1.0.0');
  });

  it('alone with --lock', async () => {
    const root = project(RANGE);
    expect((await world.deps(root, ['--lock'])).code).toBe(0);
    expect(existsSync(join(root, 'dbt_packages'))).toBe(false);
    expect(world.asked.some((path) => path.startsWith('tarballs/'))).toBe(false);
  });

  it('holds a git package at its commit when the branch moves on', async () => {
    const home = join(world.top, 'moving');
    mkdirSync(home);
    git(home, 'init', '-q', '-b', 'main');
    writeFiles(home, { 'dbt_project.yml': 'name: moving\n', 'models/m.sql': 'select 1' });
    git(home, 'add', '.');
    git(home, 'commit', '-q', '-m', 'one');
    const root = project(`packages:\n  - git: ${pathToFileURL(home).href}\n    revision: main\n`);
    const first = await world.deps(root);
    expect(first.text).toContain("warning[unpinned-package]: The git package 'file://");
    expect(first.text).toContain("it follows the branch 'main'");
    writeFiles(home, { 'models/m.sql': 'select 2' });
    git(home, 'commit', '-q', '-a', '-m', 'two');
    const second = await world.deps(root);
    expect(second.text).not.toContain('warning');
    expect(read(root, 'dbt_packages/moving/models/m.sql')).toBe('select 1');
    await world.deps(root, ['--upgrade']);
    expect(read(root, 'dbt_packages/moving/models/m.sql')).toBe('select 2');
  });

  it('names no version that the hub lacks', async () => {
    const root = await lockedEarlier();
    writeFileSync(join(root, 'package-lock.yml'), read(root, 'package-lock.yml').replace('1.0.0', '1.0.7'));
    const { code, text } = await world.deps(root);
    expect(code).toBe(2);
    expect(text).toContain('No version of acme/base is =1.0.7');
  });

  it('that is broken says so', async () => {
    const root = await lockedEarlier();
    writeFileSync(join(root, 'package-lock.yml'), '<<<<<<< HEAD\npackages: [\n');
    const { code, text } = await world.deps(root);
    expect(code).toBe(2);
    expect(text).toContain('package-lock.yml:');
    expect((await world.deps(root, ['--upgrade'])).code).toBe(0);
  });

  it('gets a literal secret masked, with a warning', async () => {
    const token = world.env.DBT_ENV_SECRET_TOKEN ?? '';
    const root = project(`packages:\n  - git: https://${token}@git.example/plain.git\n    revision: v1\n`);
    const { code, text } = await world.deps(root, ['--lock']);
    expect(code).toBe(0);
    expect(text).toContain('warning[secret-in-packages]');
    expect(text).not.toContain(token);
    expect(read(root, 'package-lock.yml')).toContain('git: https://*****@git.example/plain.git');
  });
});

describe('warnings', () => {
  const UNPINNED = 'packages:\n  - git: https://git.example/plain.git\n';

  it('are errors with --warn-error, and then nothing changes', async () => {
    const root = project(UNPINNED);
    const { code, text } = await world.deps(root, ['--warn-error']);
    expect(code).toBe(2);
    expect(text).toContain('error[unpinned-package]');
    expect(existsSync(join(root, 'package-lock.yml'))).toBe(false);
    expect(existsSync(join(root, 'dbt_packages'))).toBe(false);
  });

  it('are silent with warn-unpinned: false', async () => {
    expect((await world.deps(project(`${UNPINNED}    warn-unpinned: false\n`))).text).not.toContain('warning');
  });

  it('tell that a package has moved', async () => {
    world.answer = (path) =>
      path === 'api/v1/acme/leaf.json'
        ? {
            status: 200,
            body: JSON.stringify({
              name: 'leaf',
              namespace: 'acme',
              redirectnamespace: 'grove',
              redirectname: null,
              versions: {
                '1.0.0': {
                  name: 'leaf',
                  packages: [],
                  downloads: { tarball: `${world.hubUrl}tarballs/acme/leaf/1.0.0.tar.gz` },
                },
              },
            }),
          }
        : undefined;
    const { code, text } = await world.deps(project('packages:\n  - {package: acme/leaf, version: 1.0.0}\n'));
    expect(code).toBe(0);
    expect(text).toContain("The package 'acme/leaf' has moved to 'grove/leaf'");
  });
});

describe('tarballs', () => {
  const packed = (entries: readonly Entry[]): Buffer => gzipSync(tarball(entries));
  const GOOD: readonly Entry[] = [
    { path: 'top/dbt_project.yml', text: 'name: inner_name\n' },
    { path: 'top/models/m.sql', text: 'select 1' },
    { path: 'top/docs/m.sql', type: '2', link: '../models/m.sql' },
  ];
  const serve = (body: Buffer): void => {
    world.answer = (path) => (path === 'pack.tar.gz' ? { status: 200, body } : undefined);
  };
  const byUrl = (): string =>
    project(`packages:\n  - {tarball: "${world.hubUrl}pack.tar.gz?token=hush", name: pack}\n`);

  it('from an address, named by its entry, its secrets unsaid', async () => {
    world.answer = (path) => (path.startsWith('pack.tar.gz') ? { status: 200, body: packed(GOOD) } : undefined);
    const root = byUrl();
    const { code, text } = await world.deps(root);
    expect(text).not.toContain('hush');
    expect(code).toBe(0);
    expect(list(root)).toEqual(['pack']);
    expect(read(root, 'dbt_packages/pack/docs/m.sql')).toBe('select 1');
    expect(read(root, 'package-lock.yml')).toMatch(/ {2}- name: pack\n {4}tarball: http:.*hush\n/);
  });

  it('from a file, with the packages it asks for', async () => {
    const asks = [...GOOD, { path: 'top/packages.yml', text: 'packages:\n  - {package: acme/leaf, version: 1.0.0}\n' }];
    const root = project('packages:\n  - {tarball: ./pack.tgz, name: pack}\n');
    writeFileSync(join(root, 'pack.tgz'), packed(asks));
    expect((await world.deps(root)).code).toBe(0);
    expect(list(root)).toEqual(['leaf', 'pack']);
  });

  it('as git and its hosts pack them: a global header, long names, links inside', async () => {
    const home = join(world.top, 'packed');
    const long = `models/${'a'.repeat(90)}/${'b'.repeat(120)}/m.sql`;
    writeFiles(home, { 'dbt_project.yml': 'name: packed\n', [long]: 'select 1' });
    symlinkSync('../dbt_project.yml', join(home, 'models/link.yml'));
    git(home, 'init', '-q');
    git(home, 'add', '.');
    git(home, 'commit', '-q', '-m', 'x');
    git(home, 'archive', '--format=tar.gz', '--prefix=packed-1.0/', '-o', join(world.top, 'packed.tgz'), 'HEAD');
    const root = project('packages:\n  - {tarball: ../packed.tgz, name: packed}\n');
    expect((await world.deps(root)).code).toBe(0);
    expect(read(root, `dbt_packages/packed/${long}`)).toBe('select 1');
    expect(read(root, 'dbt_packages/packed/models/link.yml')).toBe('name: packed\n');
  });

  it.each<readonly [string, readonly Entry[], string]>([
    ['a way up', [...GOOD, { path: 'top/../../evil.sql', text: 'x' }], "'top/../../evil.sql' would be written outside"],
    [
      'a path from the root',
      [...GOOD, { path: '/tmp/evil.sql', text: 'x' }],
      "'/tmp/evil.sql' would be written outside",
    ],
    ['a drive', [...GOOD, { path: 'C:\\evil.sql', text: 'x' }], 'would be written outside'],
    ['a link from the root', [...GOOD, { path: 'top/l', type: '2', link: '/etc' }], "the link 'top/l' leads outside"],
    ['a link up', [...GOOD, { path: 'top/l', type: '2', link: '../../..' }], "the link 'top/l' leads outside"],
    ['a hard link out', [...GOOD, { path: 'top/l', type: '1', link: '../dbt_project.yml' }], 'leads outside'],
    ['a device', [...GOOD, { path: 'top/dev', type: '3' }], 'neither file, folder nor link'],
    ['a fifo', [...GOOD, { path: 'top/pipe', type: '6' }], 'neither file, folder nor link'],
    ['a link to its neighbours', [...GOOD, { path: 'top/l', type: '2', link: '..' }], "the link 'l' leads outside"],
  ])('with %s are refused, and nothing is written', async (_, entries, why) => {
    const root = project('packages:\n  - {tarball: pack.tgz, name: pack}\n');
    writeFileSync(join(root, 'pack.tgz'), packed(entries));
    const { code, text } = await world.deps(root);
    expect(code).toBe(2);
    expect(text).toContain('error[unsafe-tarball]');
    expect(text).toContain(why);
    expect(existsSync(join(root, 'dbt_packages'))).toBe(false);
    expect(hidden(root)).toEqual([]);
    expect(existsSync('/tmp/evil.sql')).toBe(false);
    expect(existsSync(join(world.top, 'evil.sql'))).toBe(false);
  });

  it('that write through a link of their own are refused', async () => {
    const root = project('packages:\n  - {tarball: pack.tgz, name: pack}\n');
    const entries: Entry[] = [
      ...GOOD,
      { path: 'top/here', type: '2', link: '.' },
      { path: 'top/here/up', type: '2', link: '../..' },
      { path: 'top/here/up/evil.sql', text: 'x' },
    ];
    writeFileSync(join(root, 'pack.tgz'), packed(entries));
    expect((await world.deps(root)).code).toBe(2);
    expect(existsSync(join(root, 'dbt_packages'))).toBe(false);
    expect(existsSync(join(root, 'evil.sql'))).toBe(false);
  });

  it.each<readonly [string, readonly Entry[]]>([
    ['without a folder at the top', [{ path: 'dbt_project.yml', text: 'name: x\n' }]],
    ['with two folders', [...GOOD, { path: 'other/x.sql', text: '' }]],
    ['without a project', [{ path: 'top/readme', text: '' }]],
  ])('%s are no packages', async (_, entries) => {
    const root = project('packages:\n  - {tarball: pack.tgz, name: pack}\n');
    writeFileSync(join(root, 'pack.tgz'), packed(entries));
    const { code, text } = await world.deps(root);
    expect(code).toBe(2);
    expect(text).toContain('error[invalid-tarball]');
  });

  it('that are cut off, or something else, say so', async () => {
    const root = project('packages:\n  - {tarball: pack.tgz, name: pack}\n');
    const whole = packed([...GOOD, { path: 'top/big', text: `${Math.PI}`.repeat(4000) }]);
    for (const body of [whole.subarray(0, whole.length - 40), Buffer.from('<html>not found</html>'), Buffer.alloc(0)]) {
      writeFileSync(join(root, 'pack.tgz'), body);
      const { code, text } = await world.deps(root);
      expect({ code, text }).toMatchObject({ code: 2 });
      expect(text).toMatch(/error\[network\].*(no readable tarball|it is empty)/);
    }
  });

  it.each([
    ['file://elsewhere/x.tgz', "'file://elsewhere/x.tgz' is no address of a file"],
    ['file:///nowhere/x.tgz', 'There is no file /nowhere/x.tgz'],
    ['nowhere.tgz', 'nowhere.tgz (the tarball of pack)'],
    ['ftp://127.0.0.1/x.tgz', 'no http address'],
  ])('at %s are not there', async (address, why) => {
    const { code, text } = await world.deps(project(`packages:\n  - {tarball: "${address}", name: pack}\n`));
    expect(code).toBe(2);
    expect(text).toContain(why);
  });

  it.each(['../up', 'a/b', '.', '..'])("may not be named '%s'", async (name) => {
    serve(packed(GOOD));
    const root = project(`packages:\n  - {tarball: "${world.hubUrl}pack.tar.gz", name: "${name}"}\n`);
    const { code, text } = await world.deps(root);
    expect(code).toBe(2);
    expect(text).toContain("which can't be a folder's name");
  });
});

describe('what goes wrong on the way', () => {
  /** Installed from 1.0.0; what packages.yml then asks for fails. */
  async function installed(): Promise<string> {
    const root = project(BASE);
    await world.deps(root);
    writeFileSync(join(root, 'packages.yml'), 'packages:\n  - {package: acme/base, version: 1.1.0}\n');
    world.asked.length = 0;
    return root;
  }

  function expectUnchanged(root: string): void {
    expect(read(root, 'dbt_packages/base/models/m.sql')).toBe("select '1.0.0'");
    expect(hidden(root)).toEqual([]);
  }

  it('a hub that is out of reach is named, after six tries, and all stays as it was', async () => {
    const root = await installed();
    const { code, text } = await world.deps(root, [], { DBT_PACKAGE_HUB_URL: 'http://127.0.0.1:9/' });
    expect(code).toBe(2);
    expect(text).toContain(
      "error[network]: Can't get the index of the package hub (http://127.0.0.1:9/api/v1/index.json): the connection was refused (tried 6 times)",
    );
    expect(text).toContain('Installed packages are left as they were');
    expectUnchanged(root);
    expect(read(root, 'package-lock.yml')).toContain('1.0.0');
  });

  it('a fault that passes is got over', async () => {
    const root = await installed();
    let faults = 0;
    world.answer = (path) => {
      if (path !== 'api/v1/index.json' || faults === 3) return undefined;
      faults += 1;
      return faults === 1 ? 'hang up' : faults === 2 ? { status: 503 } : { status: 200, body: 'no json' };
    };
    const { code, text } = await world.deps(root, ['--debug']);
    expect(code).toBe(0);
    expect(text).toMatch(/the connection broke; trying again \(1 of 5\)/);
    expect(text).toMatch(/HTTP 503.*; trying again \(2 of 5\)/);
    expect(text).toMatch(/the answer is no JSON; trying again \(3 of 5\)/);
  });

  it('a tarball that is not there is not asked for again, and all stays as it was', async () => {
    world.answer = (path) => (path.startsWith('tarballs/acme/base/1.1.0') ? { status: 404 } : undefined);
    const root = await installed();
    const { code, text } = await world.deps(root);
    expect(code).toBe(2);
    expect(text).toMatch(/error\[network\]: Can't get the tarball of acme\/base .*: HTTP 404/);
    expect(world.asked.filter((path) => path.startsWith('tarballs/'))).toHaveLength(1);
    expectUnchanged(root);
  });

  it('git that is missing is named', async () => {
    const root = project('packages:\n  - {git: "https://git.example/plain.git", revision: v1}\n');
    const { code, text } = await world.deps(root, [], { PATH: '/nowhere' });
    expect(code).toBe(2);
    expect(text).toContain('error[no-git]');
  });

  it.each([
    ['{git: "--upload-pack=touch evil", revision: v1}'],
    ['{git: "https://git.example/plain.git", revision: "--upload-pack=touch evil"}'],
    ['{git: "https://git.example/plain.git", revision: v1, subdirectory: "../.."}'],
    ['{git: "https://git.example/plain.git", revision: v1, subdirectory: "--help"}'],
    ['{git: "ext::sh -c touch% evil", revision: v1}'],
  ])('git is not led astray by %s', async (entry) => {
    const root = project(`packages:\n  - ${entry}\n`);
    const { code, text } = await world.deps(root);
    expect(code).toBe(2);
    expect(text).toContain('error[git-package]');
    expect(existsSync(join(root, 'evil'))).toBe(false);
  });

  it('credentials in an address of packages.yml are in no message', async () => {
    const root = project('packages:\n  - {git: "https://me:hunter2@127.0.0.1:9/x.git", revision: v1, oops: 1}\n');
    const wrong = await world.deps(root);
    expect(wrong.text).toContain("Unknown key 'oops'");
    expect(wrong.text).not.toContain('hunter2');
    writeFileSync(
      join(root, 'packages.yml'),
      'packages:\n  - {git: "https://me:hunter2@127.0.0.1:9/x.git", revision: v1}\n',
    );
    const failed = await world.deps(root, ['--debug']);
    expect(failed.code).toBe(2);
    expect(failed.text).toContain("git can't get https://*****@127.0.0.1:9/x.git");
    expect(failed.text).not.toContain('hunter2');
  });
});

describe('a run that is ended', () => {
  beforeAll(compileBin);

  /** A run that waits for a tarball which never comes. */
  async function stuck(root: string) {
    let waiting = (): void => {};
    const reached = new Promise<void>((resolve) => {
      waiting = resolve;
    });
    world.answer = (path) => {
      if (!path.startsWith('tarballs/acme/base/1.1.0')) return undefined;
      waiting();
      return 'wait';
    };
    const child = startUpsql(root, ['deps'], { ...world.env, DBT_HTTP_TIMEOUT: '60' });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    await reached;
    return { child, ended };
  }

  async function installedThenChanged(): Promise<string> {
    const root = project(BASE);
    await world.deps(root);
    writeFileSync(join(root, 'packages.yml'), 'packages:\n  - {package: acme/base, version: 1.1.0}\n');
    return root;
  }

  it('by a kill leaves the former packages, and the next run clears up', async () => {
    const root = await installedThenChanged();
    const { child, ended } = await stuck(root);
    child.kill('SIGKILL');
    await ended;
    expect(read(root, 'dbt_packages/base/models/m.sql')).toBe("select '1.0.0'");
    expect(hidden(root)).toHaveLength(1);
    world.answer = () => undefined;
    expect((await world.deps(root)).code).toBe(0);
    expect(hidden(root)).toEqual([]);
    expect(read(root, 'dbt_packages/base/models/m.sql')).toBe("select '1.1.0'");
  });

  it('by Ctrl-C leaves the former packages and nothing else', async () => {
    const root = await installedThenChanged();
    const { child, ended } = await stuck(root);
    child.kill('SIGINT');
    expect(await ended).toBe(2);
    expect(read(root, 'dbt_packages/base/models/m.sql')).toBe("select '1.0.0'");
    expect(hidden(root)).toEqual([]);
  });

  it('between the two renames has its packages put back', async () => {
    const root = project(BASE);
    await world.deps(root);
    // No process has this number.
    renameSync(join(root, 'dbt_packages'), join(root, '.dbt_packages-4194305-0123abcd-old'));
    const { code } = await world.deps(root, [], { DBT_PACKAGE_HUB_URL: 'not an address/' });
    expect(code).toBe(2);
    expect(list(root)).toEqual(['base']);
    expect(hidden(root)).toEqual([]);
  });
});

describe('--add-package', () => {
  it('keeps comments and all that stands there, and locks so that the next run finds it in order', async () => {
    const root = project('# ours\npackages:\n  # the leaf\n  - package: acme/leaf\n    version: "1.0.0" # exact\n');
    const { code, text } = await world.deps(root, ['--add-package', 'acme/base@>=1.0.0,<2.0.0']);
    expect(code).toBe(0);
    expect(text).toContain('Added acme/base@>=1.0.0,<2.0.0 to packages.yml');
    expect(read(root, 'packages.yml')).toBe(
      '# ours\npackages:\n  # the leaf\n  - package: acme/leaf\n    version: "1.0.0" # exact\n  - package: acme/base\n    version:\n      - ">=1.0.0"\n      - <2.0.0\n',
    );
    expect((await world.deps(root)).text).not.toContain('Wrote');
  });

  it('names the entry it takes the place of, without credentials', async () => {
    const root = project('packages:\n  - {git: "https://me:hunter2@git.example/base", revision: v1}\n');
    const { code, text } = await world.deps(root, ['--add-package', 'acme/base@1.0.0']);
    expect(code).toBe(0);
    expect(text).toContain('Takes the place of git: https://*****@git.example/base, revision: v1');
    expect(read(root, 'packages.yml')).toBe('packages:\n  - package: acme/base\n    version: 1.0.0\n');
  });

  it('leaves packages.yml alone when the package can not be had', async () => {
    const root = project(BASE);
    const { code } = await world.deps(root, ['--add-package', 'acme/bsae@1.0.0']);
    expect(code).toBe(2);
    expect(read(root, 'packages.yml')).toBe(BASE);
  });

  it('takes a git address with @ in it', async () => {
    const root = project('');
    const { text } = await world.deps(root, ['--add-package', 'git@git.example:org/repo.git', '--source', 'git']);
    expect(text).toContain('--add-package needs a version for a git package');
    const other = await world.deps(root, ['--add-package', 'https://git.example/plain.git@v1', '--source', 'git']);
    expect(other.code).toBe(0);
    expect(read(root, 'packages.yml')).toBe('packages:\n  - git: https://git.example/plain.git\n    revision: v1\n');
  });

  it('--source alone makes no sense', async () => {
    expect((await world.deps(project(BASE), ['--source', 'git'])).text).toContain('--source goes with --add-package');
  });
});

describe('the rest of upsql', () => {
  const PROFILES = 'shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n';
  const FILES = { 'dbt_project.yml': 'name: shop\nprofile: shop\n', 'profiles.yml': PROFILES };
  const upsql = (root: string, ...args: string[]) => run(root, args, world.env);

  it('parse asks for deps where packages are missing, and works after it', async () => {
    const root = project("packages:\n  - {git: 'https://git.example/plain.git', revision: v1}\n", FILES);
    const before = await upsql(root, 'parse');
    expect(before.code).toBe(2);
    expect(before.text).toContain(
      'error[missing-packages]: packages.yml asks for 1 package, 0 installed in dbt_packages',
    );
    expect(before.text).toContain('Run "upsql deps".');
    await world.deps(root);
    expect((await upsql(root, 'parse')).code).toBe(0);
    expect((await upsql(root, 'ls', '--resource-type', 'model')).text).toContain('plain.a');
  });

  it('parse finds mistakes in packages.yml', async () => {
    const root = project('packages:\n  - {package: acme/base, verson: 1.0.0}\n', FILES);
    const { code, text } = await upsql(root, 'parse');
    expect(code).toBe(2);
    expect(text).toContain("Did you mean 'version'?");
  });

  it('a local package whose folder is gone counts as not installed', async () => {
    writeFiles(world.top, { 'passing/dbt_project.yml': 'name: passing\n' });
    const root = project('packages:\n  - local: ../passing\n', FILES);
    await world.deps(root);
    rmSync(join(world.top, 'passing'), { recursive: true });
    expect((await upsql(root, 'parse')).text).toContain('error[missing-packages]');
  });

  it('an installed package for another version of dbt is refused by its name', async () => {
    writeFiles(world.top, { 'late/dbt_project.yml': 'name: late\nrequire-dbt-version: [">=2.0.0", "<3.0.0"]\n' });
    const root = project('packages:\n  - local: ../late\n', FILES);
    expect((await world.deps(root)).code).toBe(0);
    const { code, text } = await upsql(root, 'parse');
    expect(code).toBe(2);
    expect(text).toContain("error[dbt-version]: The package 'late' asks for dbt >=2.0.0, <3.0.0");
    expect((await upsql(root, 'parse', '--no-version-check')).code).toBe(0);
  });

  it('clean takes the packages away, twice, but not what links lead to', async () => {
    const root = project('packages:\n  - local: ../shared\n', {
      ...FILES,
      'dbt_project.yml': 'name: shop\nprofile: shop\nclean-targets: [target, dbt_packages]\n',
    });
    await world.deps(root);
    expect(lstatSync(join(root, 'dbt_packages/shared')).isSymbolicLink()).toBe(true);
    expect((await upsql(root, 'clean')).code).toBe(0);
    expect(existsSync(join(root, 'dbt_packages'))).toBe(false);
    expect(existsSync(join(world.top, 'shared/models/s.sql'))).toBe(true);
    expect((await upsql(root, 'clean')).code).toBe(0);
  });
});
