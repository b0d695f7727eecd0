import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { bin, compileBin, upsql } from '../unit/cli/compiled-bin.js';

beforeAll(compileBin);

const scratch = (): string => mkdtempSync(join(tmpdir(), 'upsql-cli-'));
const packageVersion = JSON.parse(readFileSync('package.json', 'utf8')).version;

/** The files that a command line loads: of dist/, and of packages that are not in the bundle, by their names. */
function loadedModules(args: readonly string[]): string[] {
  const cwd = scratch();
  const list = join(cwd, 'loaded.txt');
  const hook = join(cwd, 'hook.mjs');
  const register = join(cwd, 'register.mjs');
  writeFileSync(
    hook,
    `import { appendFileSync } from 'node:fs';
export async function load(url, context, next) {
  if (url.startsWith('file:')) appendFileSync(${JSON.stringify(list)}, url + '\\n');
  return next(url, context);
}`,
  );
  writeFileSync(
    register,
    `import { createRequire, register } from 'node:module';
import { appendFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
const { cache } = createRequire(import.meta.url);
register('./hook.mjs', import.meta.url);
process.on('exit', () => {
  for (const file of Object.keys(cache)) appendFileSync(${JSON.stringify(list)}, pathToFileURL(file).href + '\\n');
});`,
  );
  upsql(cwd, args, { NODE_OPTIONS: `--import=${register}` });
  const home = bin.replace(/dist\/cli\/bin\.cjs$/, '');
  const files = readFileSync(list, 'utf8')
    .trim()
    .split('\n')
    .map((url) => fileURLToPath(url))
    .filter((file) => file !== register)
    .map((file) =>
      file
        .replace(home, '')
        .replace(/^.*node_modules\//, '')
        .replace(/upsql-\w+\.cjs$/, 'upsql.cjs'),
    );
  return [...new Set(files)].sort();
}

describe('start-up', () => {
  it.runIf(process.platform === 'linux')('the pool that runs statements has its threads when it is first used', () => {
    const folder = scratch();
    const probe = join(folder, 'probe.cjs');
    const count = join(folder, 'threads');
    writeFileSync(
      probe,
      `const fs = require('node:fs');
       setImmediate(() => fs.stat('.', () => {}));
       process.on('exit', () => fs.writeFileSync(${JSON.stringify(count)}, String(fs.readdirSync('/proc/self/task').length)));`,
    );
    upsql(folder, ['--help'], { NODE_OPTIONS: `--require=${probe}` });
    expect(Number(readFileSync(count, 'utf8'))).toBeGreaterThan(64);
  });

  it('--version needs one file', () => {
    expect(upsql(scratch(), ['--version'])).toMatchObject({ code: 0, stdout: `upsql ${packageVersion}\n`, stderr: '' });
    expect(loadedModules(['--version'])).toEqual(['dist/cli/bin.cjs', 'package.json']);
  });

  it('--help needs two files', () => {
    expect(loadedModules(['--help'])).toEqual(['dist/bundle/help.cjs', 'dist/cli/bin.cjs', 'package.json']);
  });

  it.each([[['init', 'shop']], [['build', '--help']]])('%s needs the bundle and no package', (args) => {
    expect(loadedModules(args)).toEqual(['dist/bundle/load.cjs', 'dist/bundle/upsql.cjs', 'dist/cli/bin.cjs']);
  });

  it('a command that only reads loads no driver', () => {
    const shop = scratch();
    upsql(shop, ['init', 'shop']);
    const args = ['--project-dir', join(shop, 'shop')];
    for (const command of ['parse', 'ls', 'parse'])
      expect(loadedModules([command, ...args])).toEqual([
        'dist/bundle/load.cjs',
        'dist/bundle/upsql.cjs',
        'dist/cli/bin.cjs',
      ]);
    expect(loadedModules(['compile', ...args]).some((file) => file.startsWith('@duckdb/'))).toBe(true);
  });
});

describe('usage', () => {
  it('without a command is the help and exit code 2, with --help 0', () => {
    const bare = upsql(scratch(), []);
    expect(bare.code).toBe(2);
    expect(bare.stdout).toContain('upsql init my_project');
    expect(upsql(scratch(), ['--help'])).toMatchObject({ code: 0, stdout: bare.stdout });
    expect(upsql(scratch(), ['build', '-h']).stdout).toMatch(/^Usage: upsql build/);
    expect(upsql(scratch(), ['help', 'build']).stdout).toMatch(/^Usage: upsql build/);
    expect(upsql(scratch(), ['build', '--version']).stdout).toBe(`upsql ${packageVersion}\n`);
  });

  it('a wrong command line is a message on stderr and exit code 2', () => {
    expect(upsql(scratch(), ['rnu'])).toEqual({
      code: 2,
      stdout: '',
      stderr: "error[usage]: no such command: rnu\n  hint: Did you mean 'run'?\n",
    });
  });
});

describe('init', () => {
  it('writes a project and says what to do next', () => {
    const cwd = scratch();
    const { code, stdout } = upsql(cwd, ['init', 'shop']);
    expect(code).toBe(0);
    expect(stdout).toContain('Next: cd shop && upsql build');
    for (const file of ['dbt_project.yml', '.gitignore', 'README.md', 'seeds/raw_orders.csv', 'models/models.yml']) {
      expect(existsSync(join(cwd, 'shop', file))).toBe(true);
    }
  });

  it('overwrites nothing', () => {
    const cwd = scratch();
    mkdirSync(join(cwd, 'shop'));
    writeFileSync(join(cwd, 'shop/mine.txt'), 'mine');
    const { code, stdout } = upsql(cwd, ['init', 'shop']);
    expect(code).toBe(2);
    expect(stdout).toContain('error[folder-exists]');
    expect(readFileSync(join(cwd, 'shop/mine.txt'), 'utf8')).toBe('mine');
    expect(existsSync(join(cwd, 'shop/dbt_project.yml'))).toBe(false);
  });

  it('wants a name that can be one', () => {
    expect(upsql(scratch(), ['init', 'my-shop']).stdout).toContain('such as my_shop');
    expect(upsql(scratch(), ['init']).code).toBe(2);
  });
});

describe('clean', () => {
  const project = (targets: string): string => {
    const cwd = scratch();
    upsql(cwd, ['init', 'shop']);
    const root = join(cwd, 'shop');
    const file = join(root, 'dbt_project.yml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('clean-targets: [target]', `clean-targets: ${targets}`));
    mkdirSync(join(root, 'target/run'), { recursive: true });
    mkdirSync(join(cwd, 'outside'));
    return root;
  };

  it('deletes the folders of clean-targets', () => {
    const root = project('[target, logs]');
    expect(upsql(root, ['clean'])).toMatchObject({ code: 0 });
    expect(existsSync(join(root, 'target'))).toBe(false);
    expect(existsSync(join(root, 'models'))).toBe(true);
  });

  it("refuses the project's sources, the project itself and folders outside, and then deletes nothing", () => {
    for (const targets of [
      '[target, models]',
      '[target, .]',
      '[target, ..]',
      '[target, ../outside]',
      '[models/marts/..]',
    ]) {
      const root = project(targets);
      const { code, stdout } = upsql(root, ['clean']);
      expect([targets, code]).toEqual([targets, 2]);
      expect(stdout).toMatch(/error\[clean-(source|outside)\]/);
      expect(existsSync(join(root, 'target/run'))).toBe(true);
      expect(existsSync(join(root, '../outside'))).toBe(true);
      expect(existsSync(join(root, 'models'))).toBe(true);
    }
  });

  it('deletes outside only when told so', () => {
    const root = project('[../outside]');
    expect(upsql(root, ['clean', '--no-clean-project-files-only']).code).toBe(0);
    expect(existsSync(join(root, '../outside'))).toBe(false);
  });
});
