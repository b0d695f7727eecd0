import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
// Inside node_modules, so that imports of packages resolve, and a folder a process, so that test files don't meet.
const home = join(root, 'node_modules/.cache/upsql-cli-tests', String(process.pid));
export const bin = join(home, 'dist/cli/bin.js');

let compiled: Promise<void> | undefined;

/** Compiles the sources (types stripped, one file to one file) as the package ships them. */
export function compileBin(): Promise<void> {
  compiled ??= compileFolder(join(root, 'src'), join(home, 'dist')).then(() => {
    cpSync(join(root, 'package.json'), join(home, 'package.json'));
  });
  return compiled;
}

async function compileFolder(from: string, to: string): Promise<void> {
  const { readFile, writeFile } = await import('node:fs/promises');
  mkdirSync(to, { recursive: true });
  await Promise.all(
    readdirSync(from, { withFileTypes: true }).map(async (entry) => {
      const source = join(from, entry.name);
      if (entry.isDirectory()) return compileFolder(source, join(to, entry.name));
      if (!/\.ts$/.test(entry.name)) return cpSync(source, join(to, entry.name));
      const { code } = await transform(await readFile(source, 'utf8'), { loader: 'ts', target: 'es2022' });
      await writeFile(join(to, entry.name.replace(/\.ts$/, '.js')), code);
    }),
  );
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `upsql` as a process with its output piped. The environment has no DBT_* variables but those given. */
export function upsql(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Ran {
  const ran = spawnSync(process.execPath, [bin, ...args], { cwd, env: cleanEnv(env), encoding: 'utf8' });
  return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

/** Starts `upsql`, for tests that send it a signal. */
export function startUpsql(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return spawn(process.execPath, [bin, ...args], { cwd, env: cleanEnv(env) });
}

/** Runs `upsql` on a pseudo-terminal of `columns` cells by way of script(1) from util-linux. */
export function upsqlOnTerminal(cwd: string, args: readonly string[], columns = 100): Ran {
  const quoted = [process.execPath, bin, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const ran = spawnSync('script', ['-qec', `stty cols ${columns}; ${quoted}`, '/dev/null'], {
    cwd,
    env: cleanEnv({ TERM: 'xterm-256color' }),
    encoding: 'utf8',
  });
  return { code: ran.status, stdout: ran.stdout.replaceAll('\r\n', '\n'), stderr: ran.stderr };
}

function cleanEnv(env: Readonly<Record<string, string>>): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, LANG: 'C.UTF-8', ...env };
}
