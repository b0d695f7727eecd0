/** Where packages come from: what each kind of package says of itself, and how it gets into its folder. */
import { existsSync, renameSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Diagnostic, problem, UpsqlError } from '../diagnostics/index.js';
import { hideCredentials } from '../project/credentials.js';
import { type PackagesContext, readPackagesFile } from '../project/packages-file.js';
import { PROJECT_FILE, readProjectFile } from '../project/project-file.js';
import { type Checkout, checkOut } from './git.js';
import { download, type HttpOptions, withRetries } from './http.js';
import { type Hub, openHub } from './hub.js';
import { linkFolder } from './link-folder.js';
import { type Description, type Pinned, type PinnedOf, pinnedKey, pinnedName } from './pinned.js';
import { demands, type GitRequirement, type Requirement, type TarballRequirement, where } from './requirement.js';
import { unpack } from './unpack.js';

export interface SourcesOptions extends HttpOptions {
  /** The root project's folder; local packages of every package count from here, as in dbt. */
  readonly root: string;
  readonly context: PackagesContext;
  readonly hubUrl: string | undefined;
  readonly versionCheck: boolean;
  readonly interactive: boolean;
  readonly warn: (warning: Diagnostic) => void;
  /** Gives a path for something new in the run's temporary folder. */
  readonly scratch: () => string;
}

export interface Sources {
  /** Starts to get what requirements will need, several at once; failures show when it is used. */
  prefetch(requirements: readonly Requirement[]): void;
  pin(requirement: Requirement): Promise<Pinned>;
  describe(pinned: Pinned): Promise<Description>;
  /** Puts a package into the new folder `into`. */
  place(pinned: Pinned, into: string): Promise<void>;
  /** Waits for all that was started, done or failed. */
  settle(): Promise<void>;
}

const AT_ONCE = 4;

/** Opens the sources of one run; nothing is got twice. Throws UpsqlError for what can't be got. */
export function openSources(options: SourcesOptions): Sources {
  const hub: Hub = openHub({ ...options, url: options.hubUrl });
  const folders = new Map<string, Promise<Checkout>>();
  const warned = new Set<string>();
  const gate = limiter(AT_ONCE);

  const once = (key: string, get: () => Promise<Checkout>): Promise<Checkout> => {
    let found = folders.get(key);
    if (found === undefined) {
      found = gate(get);
      // Whoever uses it sees the failure.
      found.catch(() => undefined);
      folders.set(key, found);
    }
    return found;
  };
  const checkout = (pinned: PinnedOf<'git'>): Promise<Checkout> =>
    once(pinnedKey(pinned), async () => {
      const got = await checkOut(pinned, options.scratch(), options);
      // The lock file asks for the same by its commit.
      folders.set(pinnedKey({ ...pinned, revision: got.commit }), Promise.resolve(got));
      return got;
    });
  const untarred = (pinned: PinnedOf<'tarball'>): Promise<Checkout> =>
    once(pinnedKey(pinned), async () => ({
      folder: await fetchTarball(pinned.tarball, pinned.name, options),
      commit: '',
    }));
  const warnUnpinned = ({ git, revision, warnUnpinned: wanted }: PinnedOf<'git'>): void => {
    if (!wanted || !['HEAD', 'main', 'master'].includes(revision) || warned.has(git)) return;
    warned.add(git);
    const what = revision === 'HEAD' ? 'its default branch is taken' : `it follows the branch '${revision}'`;
    options.warn({
      ...problem('unpinned-package', `The git package '${hideCredentials(git)}' is not pinned: ${what}`, {
        hint: 'Give a tag or commit as "revision:", so that no change comes unseen; or set "warn-unpinned: false".',
      }),
      severity: 'warning',
    });
  };

  return {
    prefetch(requirements) {
      hub.prefetch(requirements.filter(({ kind }) => kind === 'hub').map(({ name }) => name));
      for (const requirement of requirements) {
        if (requirement.kind === 'git' && new Set(requirement.revisions).size <= 1) void checkout(pinGit(requirement));
        if (requirement.kind === 'tarball') void untarred(pinTarball(requirement));
      }
    },
    async pin(requirement) {
      switch (requirement.kind) {
        case 'hub':
          return hub.pin(requirement);
        case 'git':
          return pinGit(requirement);
        case 'local':
          return { kind: 'local', local: requirement.local };
        case 'tarball':
          return pinTarball(requirement);
      }
    },
    async describe(pinned) {
      switch (pinned.kind) {
        case 'hub':
          return hub.describe(pinned);
        case 'git': {
          const { folder, commit } = await checkout(pinned);
          warnUnpinned(pinned);
          return { ...(await describeFetched(folder, hideCredentials(pinnedName(pinned)), options)), commit };
        }
        case 'local':
          return describeLocal(pinned.local, options);
        case 'tarball': {
          const { folder } = await untarred(pinned);
          return { ...(await describeFetched(folder, pinned.name, options)), projectName: pinned.name };
        }
      }
    },
    async place(pinned, into) {
      switch (pinned.kind) {
        case 'hub':
          return renameSync(await fetchTarball(await hub.tarball(pinned), pinned.package, options, true), into);
        case 'git':
          return renameSync((await checkout(pinned)).folder, into);
        case 'local':
          return linkFolder(localFolder(pinned.local, options), into);
        case 'tarball':
          return renameSync((await untarred(pinned)).folder, into);
      }
    },
    async settle() {
      await Promise.allSettled(folders.values());
    },
  };
}

/** Runs at most so many works at a time, the others in turn. */
function limiter(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}

function pinTarball({ tarball, unrendered, package: name }: TarballRequirement): PinnedOf<'tarball'> {
  return { kind: 'tarball', tarball, unrendered, name };
}

function pinGit(requirement: GitRequirement): PinnedOf<'git'> {
  const { git, unrendered, subdirectory, warnUnpinned } = requirement;
  return { kind: 'git', git, unrendered, revision: oneRevision(requirement), warnUnpinned, subdirectory };
}

function oneRevision({ name, revisions, askers }: GitRequirement): string {
  const [revision = 'HEAD', ...others] = new Set(revisions);
  if (others.length === 0) return revision;
  const at = askers.map(({ spec }) => where(spec)).find(({ place }) => place !== undefined) ?? {};
  throw new UpsqlError(
    problem(
      'version-conflict',
      `The git package '${hideCredentials(name)}' is asked for at several revisions:\n${demands(askers)}`,
      { ...at, hint: 'Ask for the same revision everywhere.' },
    ),
  );
}

/** `~` is the home folder, as in dbt. */
function localFolder(local: string, { root, context }: SourcesOptions): string {
  const home = context.env.HOME ?? context.env.USERPROFILE;
  const expanded = home !== undefined && /^~(?=$|[/\\])/.test(local) ? home + local.slice(1) : local;
  return path.resolve(root, expanded);
}

async function describeFolder(folder: string, name: string, { context }: SourcesOptions): Promise<Description> {
  const { value } = readProjectFile(folder);
  if (typeof value.name !== 'string' || value.name === '')
    throw new UpsqlError(problem('no-package', `The ${PROJECT_FILE} of the package '${name}' has no name`));
  const { packages } = await readPackagesFile(folder, context, false);
  return { projectName: value.name, packages };
}

function describeLocal(local: string, options: SourcesOptions): Promise<Description> {
  const folder = localFolder(local, options);
  if (existsSync(path.join(folder, PROJECT_FILE))) return describeFolder(folder, local, options);
  throw new UpsqlError(
    problem('no-package', `The package '${local}' has no ${PROJECT_FILE} (in ${folder})`, {
      hint: "Check its path; paths of local packages start at the root project's folder, those in packages, too.",
    }),
  );
}

/** A package that was fetched: its files are named by the package, as their folder is gone soon. */
async function describeFetched(folder: string, name: string, options: SourcesOptions): Promise<Description> {
  if (!existsSync(path.join(folder, PROJECT_FILE)))
    throw new UpsqlError(
      problem('no-package', `The package '${name}' has no ${PROJECT_FILE}`, {
        hint: 'Check its address, or give "subdirectory:".',
      }),
    );
  try {
    return await describeFolder(folder, name, options);
  } catch (error) {
    if (!(error instanceof UpsqlError)) throw error;
    const named = error.diagnostics.map((found) => {
      const { place } = found;
      if (place === undefined || !place.file.startsWith(folder)) return found;
      return { ...found, place: { ...place, file: `${name}/${path.relative(folder, place.file)}` } };
    });
    throw new UpsqlError(named, error.exitCode, error);
  }
}

/** Gets a tarball and unpacks it; both again where it arrives broken. Gives the package's folder. */
async function fetchTarball(address: string, name: string, options: SourcesOptions, webOnly = false): Promise<string> {
  const what = `the tarball of ${name} (${hideCredentials(address)})`;
  const file = webOnly ? undefined : fileOf(address, options.root);
  if (file !== undefined && !existsSync(file))
    throw new UpsqlError(
      problem('no-tarball', `There is no file ${file} (the tarball of ${name})`, { hint: 'Check its path.' }),
    );
  if (file !== undefined)
    return withRetries(what, { ...options, pause: 0 }, () => unpack(file, options.scratch(), name));
  return withRetries(what, options, async () => {
    const got = options.scratch();
    await download(address, got, options);
    return unpack(got, options.scratch(), name);
  });
}

function fileOf(address: string, root: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(address)) return path.resolve(root, address);
  if (!/^file:/i.test(address)) return undefined;
  try {
    return fileURLToPath(address);
  } catch (error) {
    throw new UpsqlError(
      problem('no-tarball', `'${address}' is no address of a file`, { hint: 'Write a path, or file:/// with one.' }),
      2,
      error,
    );
  }
}
