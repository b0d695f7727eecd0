import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
// Inside node_modules, so that imports of packages resolve. One folder a state of the sources, shared by all test files.
const cache = join(root, 'node_modules/.cache/upsql-cli-tests');
const home = join(cache, stateOf());
export const bin = join(home, 'dist/cli/bin.cjs');

const KEPT_MS = 3_600_000;

/** Bundles the sources as the package ships them, unless that was done before. */
export function compileBin(): void {
  if (existsSync(home)) return;
  const draft = `${home}.${process.pid}`;
  execFileSync(process.execPath, [join(root, 'scripts/bundle.mjs'), join(draft, 'dist')], { stdio: 'inherit' });
  cpSync(join(root, 'package.json'), join(draft, 'package.json'));
  try {
    renameSync(draft, home);
  } catch (error) {
    // Another test file was faster.
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
  for (const name of readdirSync(cache)) {
    const old = statSync(join(cache, name), { throwIfNoEntry: false });
    if (old !== undefined && Date.now() - old.mtimeMs > KEPT_MS)
      rmSync(join(cache, name), { recursive: true, force: true });
  }
}

function stateOf(): string {
  const hash = createHash('sha256');
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map((name) => `src/${name}`);
  for (const name of [...sources.sort(), 'scripts/bundle.mjs', 'package-lock.json']) {
    const { mtimeMs, size } = statSync(join(root, name));
    hash.update(`${name} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex').slice(0, 16);
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
  return { PATH, HOME, LANG: 'C.UTF-8', UPSQL_CODE_CACHE: join(cache, 'code'), ...env };
}
