/** Packages in git repositories, by way of the git executable. */
import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Diagnostic, didYouMean, problem, UpsqlError } from '../diagnostics/index.js';
import { hideCredentials } from '../project/credentials.js';
import type { Env } from '../project/render.js';
import type { PinnedOf } from './pinned.js';

export interface GitOptions {
  readonly env: Env;
  /** Relative addresses start here. */
  readonly root: string;
  readonly signal?: AbortSignal | undefined;
  /** Whether git may ask for a password at the terminal. */
  readonly interactive: boolean;
}

export interface Checkout {
  /** The package's folder, below the one that was asked for. */
  readonly folder: string;
  readonly commit: string;
}

const COMMIT = /^[0-9a-f]{40}$/;
/** Set while git runs a hook; they would turn git to the repository of the hook. */
const HOOK_VARIABLES = 'GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX GIT_OBJECT_DIRECTORY GIT_COMMON_DIR'.split(' ');
const FIRST_WITH_SPARSE = { major: 2, minor: 25 };

/**
 * Gets one commit of a repository, without history, into the new folder `into`; of a `subdirectory` its files only where
 * git and the server can. Nothing of the repository itself stays: its settings would keep the credentials of the address.
 * Throws UpsqlError.
 */
export async function checkOut(pinned: PinnedOf<'git'>, into: string, options: GitOptions): Promise<Checkout> {
  const { revision, subdirectory } = pinned;
  for (const word of [pinned.git, revision, subdirectory ?? ''])
    if (word.startsWith('-')) throw gitProblem(`'${word}' is no address, revision or folder`);
  if (subdirectory !== undefined && leavesRepository(subdirectory))
    throw gitProblem(`The subdirectory '${subdirectory}' lies outside the repository`);
  const run = (...args: readonly string[]): Promise<Ran> => git(args, { ...options, cwd: into });
  const sparse = subdirectory !== undefined && (await hasSparse(options));
  await must(git(['init', '--quiet', into], { ...options, cwd: options.root }), pinned);
  await must(run('remote', 'add', 'origin', addressOf(pinned.git, options.root)), pinned);
  if (sparse) await must(run('sparse-checkout', 'set', subdirectory), pinned);
  const how = ['--quiet', '--no-tags', '--depth', '1', ...(sparse ? ['--filter=blob:none'] : [])];
  const spec = await fetchRevision(run, how, pinned);
  await must(run('checkout', '--quiet', '--detach', spec), pinned);
  const commit = (await must(run('rev-parse', 'HEAD'), pinned)).stdout.trim();
  rmSync(path.join(into, '.git'), { recursive: true, force: true });
  const folder = path.join(into, subdirectory ?? '');
  if (!existsSync(folder)) throw gitProblem(`There is no folder '${subdirectory}' in ${hideCredentials(pinned.git)}`);
  return { folder, commit };
}

/** Fetches the revision, a tag before a branch of the same name, and gives what to check out. */
async function fetchRevision(
  run: (...args: readonly string[]) => Promise<Ran>,
  how: readonly string[],
  pinned: PinnedOf<'git'>,
): Promise<string> {
  const { revision } = pinned;
  const refs =
    revision === 'HEAD' || COMMIT.test(revision) ? [revision] : [`refs/tags/${revision}`, `refs/heads/${revision}`];
  for (const ref of refs) {
    const ran = await run('fetch', ...how, 'origin', ref);
    if (ran.code === 0) return 'FETCH_HEAD';
    if (/couldn't find remote ref|invalid refspec/i.test(ran.stderr)) continue;
    if (!COMMIT.test(revision)) throw failed(ran, pinned);
    // An old server gives no single commits.
    const all = await run(
      'fetch',
      '--quiet',
      'origin',
      '+refs/heads/*:refs/remotes/origin/*',
      '+refs/tags/*:refs/tags/*',
    );
    if (all.code !== 0) throw failed(all, pinned);
    if ((await run('cat-file', '-e', `${revision}^{commit}`)).code === 0) return revision;
  }
  throw await unknownRevision(run, pinned);
}

async function unknownRevision(
  run: (...args: readonly string[]) => Promise<Ran>,
  pinned: PinnedOf<'git'>,
): Promise<UpsqlError> {
  const { revision } = pinned;
  const message = `${hideCredentials(pinned.git)} has no ${revision === 'HEAD' ? 'commits' : `tag, branch or commit '${revision}'`}`;
  if (/^[0-9a-f]{6,39}$/.test(revision)) return gitProblem(message, 'Write all 40 digits of a commit.');
  const { stdout } = await run('ls-remote', '--heads', '--tags', 'origin');
  const names = [...stdout.matchAll(/refs\/(?:heads|tags)\/(\S+?)(?:\^\{\})?$/gm)].map((match) => match[1] ?? '');
  const some = [...new Set(names)].slice(-8).join(', ');
  return gitProblem(message, didYouMean(revision, names) ?? (some === '' ? undefined : `There is: ${some}.`));
}

/** A path is taken from the project's folder; all else is git's to understand. */
function addressOf(address: string, root: string): string {
  const isPath = !/^[a-z][a-z0-9+.-]*:\/\//i.test(address) && !/^[^/\\]+:/.test(address);
  return isPath ? path.resolve(root, address) : address;
}

function leavesRepository(folder: string): boolean {
  return path.isAbsolute(folder) || path.normalize(folder).split(path.sep)[0] === '..';
}

async function hasSparse(options: GitOptions): Promise<boolean> {
  const { stdout } = await git(['--version'], { ...options, cwd: options.root });
  const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(stdout) ?? []).map(Number);
  return major > FIRST_WITH_SPARSE.major || (major === FIRST_WITH_SPARSE.major && minor >= FIRST_WITH_SPARSE.minor);
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function git(args: readonly string[], options: GitOptions & { readonly cwd: string }): Promise<Ran> {
  const env: Record<string, string | undefined> = { ...options.env, LC_ALL: 'C' };
  for (const name of HOOK_VARIABLES) delete env[name];
  if (!options.interactive) env.GIT_TERMINAL_PROMPT = '0';
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  return new Promise((resolve, reject) => {
    execFile('git', args, { cwd: options.cwd, env, maxBuffer: 2 ** 26, ...signal }, (error, stdout, stderr) => {
      const code: unknown = error === null ? 0 : error.code;
      if (options.signal?.aborted) reject(error);
      else if (code === 'ENOENT')
        reject(
          new UpsqlError(
            problem('no-git', 'The program git, which git packages need, is not found', {
              hint: 'Install git, or add its folder to PATH.',
            }),
          ),
        );
      else resolve({ code: typeof code === 'number' ? code : 1, stdout, stderr });
    });
  });
}

async function must(running: Promise<Ran>, pinned: PinnedOf<'git'>): Promise<Ran> {
  const ran = await running;
  if (ran.code !== 0) throw failed(ran, pinned);
  return ran;
}

function failed({ stderr }: Ran, pinned: PinnedOf<'git'>): UpsqlError {
  const lines = hideCredentials(stderr)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('warning:') && !line.startsWith('hint:'));
  const why = lines.slice(0, 4).map((line) => `\n  ${line}`);
  return gitProblem(`git can't get ${hideCredentials(pinned.git)}${why.join('')}`, hintFor(stderr));
}

function hintFor(stderr: string): string {
  if (/authentication|permission denied|could not read (username|password)|403|401/i.test(stderr))
    return 'Check the credentials: try "git ls-remote" with this address.';
  if (/not found|does not exist|does not appear to be a git repository/i.test(stderr)) return 'Check the address.';
  return 'Check the connection and the address. Installed packages are left as they were.';
}

function gitProblem(message: string, hint?: string): UpsqlError {
  const found: Diagnostic = problem('git-package', message, hint === undefined ? {} : { hint });
  return new UpsqlError(found);
}
