/** `upsql deps`: from what a project asks for to installed packages. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { problem, UpsqlError } from '../diagnostics/index.js';
import { hideCredentials } from '../project/credentials.js';
import type { RootProject } from '../project/load-root.js';
import {
  LOCK_FILE,
  type PackageSpec,
  type PackagesContext,
  readLockFile,
  readPackagesFile,
  readPackagesText,
} from '../project/packages-file.js';
import { addPackage, type NewPackage } from './add-package.js';
import type { DepsListener } from './events.js';
import { type InstallFolder, openInstallFolder } from './install-folder.js';
import { lockFileText, packagesHash } from './lock-file.js';
import { type Pinned, pinnedName } from './pinned.js';
import { type Resolved, resolveLocked, resolvePackages } from './resolve.js';
import { openSources, type Sources } from './sources.js';

export interface DepsOptions {
  readonly project: RootProject;
  readonly upgrade?: boolean;
  /** Write the lock file only. */
  readonly lockOnly?: boolean;
  readonly add?: NewPackage | undefined;
  /** False takes hub versions for other versions of dbt, too. */
  readonly versionCheck?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Whether git may ask for a password at the terminal. */
  readonly interactive?: boolean;
  readonly listen: DepsListener;
}

const AT_ONCE = 4;
/** Milliseconds, dbt's. */
const RETRY_PAUSE = 1000;

/**
 * Resolves what the project asks for, writes package-lock.yml where it no longer fits, and installs what the lock file
 * lists. packages.yml (with `add`), the lock file and the installed packages change only after all that they depend on
 * has succeeded. Throws UpsqlError.
 */
export async function installPackages(options: DepsOptions): Promise<void> {
  const { project, listen } = options;
  const { root, env, cliVars } = project;
  const context: PackagesContext = { env, cliVars };
  const install = openInstallFolder(project);
  const stop = new AbortController();
  let sources: Sources | undefined;
  const abort = (): void => stop.abort();
  options.signal?.addEventListener('abort', abort);
  if (options.signal?.aborted) abort();
  try {
    sources = openSources({
      root,
      env,
      context,
      hubUrl: env.DBT_PACKAGE_HUB_URL,
      versionCheck: options.versionCheck ?? true,
      interactive: options.interactive ?? false,
      signal: stop.signal,
      timeout: httpTimeout(env.DBT_HTTP_TIMEOUT),
      pause: RETRY_PAUSE,
      onRetry: (message) => listen({ kind: 'retry', message }),
      warn: (diagnostic) => listen({ kind: 'warning', diagnostic }),
      scratch: () => install.scratch(),
    });
    const asked = await askedPackages(options, context);
    await updateLock(asked, options, context, sources);
    if (options.lockOnly === true) return;
    if (asked.packages.length === 0) return clear(install);
    const locked = (await readLockFile(root, context))?.packages ?? [];
    const resolved = await resolveLocked(locked, project.config.name, sources);
    await placeAll(resolved, install, sources, listen, stop);
    install.swap();
    listen({ kind: 'done', count: resolved.length, folder: project.config.packagesInstallPath });
  } catch (error) {
    throw options.signal?.aborted ? error : asDiagnostic(error);
  } finally {
    stop.abort();
    options.signal?.removeEventListener('abort', abort);
    await sources?.settle();
    install.close();
  }
}

interface Asked {
  readonly packages: readonly PackageSpec[];
  /** To be called when the packages are known to resolve. */
  write(): void;
}

/** The packages of the project, with the one that is to be added. */
async function askedPackages({ project, add, listen }: DepsOptions, context: PackagesContext): Promise<Asked> {
  const found = await readPackagesFile(project.root, context, true);
  if (add === undefined) return { packages: found.packages, write: () => {} };
  const { text, removed } = addPackage(found.exists ? readFileSync(found.file, 'utf8') : '', add);
  const packages = await readPackagesText(text, found.file, context);
  return {
    packages,
    write() {
      writeWhole(found.file, text);
      for (const entry of removed) {
        const shown = Object.entries(entry).map(([key, value]) => [key, hideCredentials(String(value))]);
        listen({ kind: 'replaced', entry: Object.fromEntries(shown) });
      }
      listen({ kind: 'added', name: hideCredentials(add.name), version: add.version, file: found.file });
    },
  };
}

async function updateLock(
  asked: Asked,
  { project, upgrade, listen }: DepsOptions,
  context: PackagesContext,
  sources: Sources,
): Promise<void> {
  const file = path.join(project.root, LOCK_FILE);
  const hash = await packagesHash(asked.packages);
  if (asked.packages.length === 0) {
    listen({ kind: 'none' });
    // An old lock file would still list packages that nobody asks for.
    if (existsSync(file)) writeWhole(file, lockFileText([], hash, project.env).text);
    return;
  }
  const before = upgrade === true ? undefined : await readLockFile(project.root, context);
  if (before?.hash === hash) return asked.write();
  const resolved = await resolvePackages(asked.packages, project.config.name, sources);
  const { text, scrubbed } = lockFileText(resolved, hash, project.env);
  for (const address of scrubbed)
    listen({
      kind: 'warning',
      diagnostic: {
        ...problem(
          'secret-in-packages',
          `The address ${hideCredentials(address)} has a secret in it; ${LOCK_FILE} gets it masked`,
          {
            hint: "Write {{ env_var('DBT_ENV_SECRET_...') }} in its place; with the mask the lock file can't be installed from.",
          },
        ),
        severity: 'warning',
      },
    });
  asked.write();
  writeWhole(file, text);
  listen({ kind: 'locked', file });
}

/** Nothing is asked for, so nothing stays installed. */
function clear(install: InstallFolder): void {
  if (!existsSync(install.folder)) return;
  void install.draft;
  install.swap();
}

/** Gets the packages, some at once, and tells of them in order. Ends when all its work has ended, also when it fails. */
async function placeAll(
  resolved: readonly Resolved[],
  install: InstallFolder,
  sources: Sources,
  listen: DepsListener,
  stop: AbortController,
): Promise<void> {
  const draft = install.draft;
  const running: Promise<void>[] = [];
  const start = (): void => {
    const next = resolved[running.length];
    if (next === undefined || stop.signal.aborted) return;
    const work = sources.place(next.pinned, path.join(draft, next.description.projectName));
    running.push(work);
    // A failure shows when its turn comes.
    work.then(start, () => undefined);
  };
  for (let i = 0; i < AT_ONCE; i++) start();
  const outdated: string[] = [];
  try {
    for (const [index, { pinned }] of resolved.entries()) {
      const name = hideCredentials(pinnedName(pinned));
      listen({ kind: 'install', name, index: index + 1, total: resolved.length });
      stop.signal.throwIfAborted();
      await running[index];
      const newer = pinned.kind === 'hub' && pinned.latest !== pinned.version ? pinned.latest : undefined;
      if (newer !== undefined) outdated.push(name);
      listen({
        kind: 'installed',
        name,
        from: originOf(pinned),
        source: pinned.kind,
        ...(newer === undefined ? {} : { newer }),
        ...(pinned.kind === 'git' && pinned.subdirectory !== undefined ? { subdirectory: pinned.subdirectory } : {}),
      });
    }
  } catch (error) {
    stop.abort();
    await Promise.allSettled(running);
    throw error;
  }
  if (outdated.length > 0) listen({ kind: 'outdated', packages: outdated });
}

function originOf(pinned: Pinned): string {
  switch (pinned.kind) {
    case 'hub':
      return `version ${pinned.version}`;
    case 'git':
      return pinned.revision === 'HEAD' ? 'the default branch' : `revision ${pinned.revision}`;
    case 'local':
      return `the folder ${pinned.local}`;
    case 'tarball':
      return `the tarball ${hideCredentials(pinned.tarball)}`;
  }
}

/** Seconds, as dbt reads them; 10 unless given. */
function httpTimeout(given: string | undefined): number {
  const seconds = Number(given);
  return (given !== undefined && seconds > 0 ? seconds : 10) * 1000;
}

function writeWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function asDiagnostic(error: unknown): unknown {
  const { code, syscall, path: file } = error as NodeJS.ErrnoException;
  if (error instanceof UpsqlError || code === undefined || syscall === undefined) return error;
  const why =
    code === 'ENOSPC' ? 'the disk is full' : code === 'EACCES' || code === 'EPERM' ? 'permission denied' : code;
  return new UpsqlError(
    problem('cannot-write', `Can't ${syscall} ${file ?? 'a file'}: ${why}`, {
      hint: 'Installed packages are left as they were.',
    }),
    2,
    error,
  );
}
