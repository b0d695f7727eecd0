/**
 * The folder of installed packages, replaced as a whole: packages are put into a temporary folder beside it, which then
 * takes its place by rename. Whatever happens before leaves the former packages as they were.
 */
import { randomBytes } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { RootProject } from '../project/load-root.js';
import { PROJECT_FILE } from '../project/project-file.js';

export interface InstallFolder {
  /** Where the packages will be. */
  readonly folder: string;
  /** The new packages, before they take their place. */
  readonly draft: string;
  /** A path for something new, gone after the run. */
  scratch(): string;
  /** Puts the draft in place of the folder. */
  swap(): void;
  /** Takes away what is temporary. */
  close(): void;
}

/**
 * Opens the packages-install-path of a project and clears up after runs that were killed. Throws UpsqlError `unsafe-path`
 * where it is a folder that must not be replaced: the project itself, its sources, a folder outside with other things.
 */
export function openInstallFolder(
  { root, config }: RootProject,
  rename: typeof renameSync = renameSync,
): InstallFolder {
  const given = path.resolve(root, config.packagesInstallPath);
  checkSafe(given, root, [
    ...config.modelPaths,
    ...config.seedPaths,
    ...config.snapshotPaths,
    ...config.macroPaths,
    ...config.testPaths,
    ...config.analysisPaths,
    ...config.functionPaths,
  ]);
  const folder = existsSync(given) ? realpathSync(given) : given;
  const parent = path.dirname(folder);
  recover(folder);
  const base = path.join(parent, `.${path.basename(folder)}-${process.pid}-${randomBytes(4).toString('hex')}`);
  const aside = `${base}-old`;
  let count = 0;
  const make = (name: string): string => {
    mkdirSync(base, { recursive: true });
    return path.join(base, name);
  };
  return {
    folder: given,
    get draft() {
      const draft = make('install');
      mkdirSync(draft, { recursive: true });
      return draft;
    },
    scratch() {
      count += 1;
      return make(String(count));
    },
    swap() {
      // A link that leads nowhere, or a file.
      if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) rmSync(folder);
      const before = existsSync(folder);
      if (before && !moved(folder, aside, rename)) return exchangeContents(folder, path.join(base, 'install'));
      try {
        renameSync(path.join(base, 'install'), folder);
      } catch (error) {
        if (before) renameSync(aside, folder);
        throw error;
      }
      rmSync(aside, { recursive: true, force: true });
    },
    close() {
      rmSync(base, { recursive: true, force: true });
    },
  };
}

function moved(from: string, to: string, rename: typeof renameSync): boolean {
  try {
    rename(from, to);
    return true;
  } catch (error) {
    // The folder itself can't be moved where it is a mount.
    if (['EBUSY', 'EXDEV', 'EPERM', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** The second best: all is brought into the folder under a name that is no package's, then each takes its place. */
function exchangeContents(folder: string, draft: string): void {
  const staging = path.join(folder, '__new');
  rmSync(staging, { recursive: true, force: true });
  cpSync(draft, staging, { recursive: true, verbatimSymlinks: true });
  for (const name of readdirSync(folder))
    if (name !== '__new') rmSync(path.join(folder, name), { recursive: true, force: true });
  for (const name of readdirSync(staging)) renameSync(path.join(staging, name), path.join(folder, name));
  rmSync(staging, { recursive: true, force: true });
}

/** Takes away what killed runs left, and puts former packages back that were aside at that moment. */
function recover(folder: string): void {
  const parent = path.dirname(folder);
  const prefix = `.${path.basename(folder)}-`;
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefix)) continue;
    const [, pid, old] = /^(\d+)-[0-9a-f]{8}(-old)?$/.exec(name.slice(prefix.length)) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    if (old !== undefined && !existsSync(folder)) renameSync(path.join(parent, name), folder);
    else rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function checkSafe(folder: string, root: string, sources: readonly string[]): void {
  const refuse = (why: string): never => {
    throw new UpsqlError(
      problem('unsafe-path', `packages-install-path is ${folder}, ${why}; it would be replaced`, {
        hint: 'Give packages a folder of their own, such as "packages-install-path: dbt_packages".',
      }),
    );
  };
  if (isWithin(folder, root)) refuse('which holds the project itself');
  const source = sources.map((entry) => path.resolve(root, entry)).find((entry) => isWithin(folder, entry));
  if (source !== undefined) refuse(`which holds the project's ${path.relative(root, source)}`);
  if (isWithin(root, folder) || statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  const stranger = readdirSync(folder).find(
    (name) =>
      !existsSync(path.join(folder, name, PROJECT_FILE)) && !lstatSync(path.join(folder, name)).isSymbolicLink(),
  );
  if (stranger !== undefined) refuse(`outside the project, with '${stranger}' in it, which is no package`);
}

/** Whether `inner` is `folder` or lies in it. */
function isWithin(folder: string, inner: string): boolean {
  const way = path.relative(folder, inner);
  return way === '' || !(way === '..' || way.startsWith(`..${path.sep}`) || path.isAbsolute(way));
}
