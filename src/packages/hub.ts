/** The index of public packages at hub.getdbt.com, or at DBT_PACKAGE_HUB_URL. */
import { type Diagnostic, didYouMean, problem, UpsqlError } from '../diagnostics/index.js';
import { hideCredentials } from '../project/credentials.js';
import { DBT_VERSION } from '../project/dbt-version.js';
import { packagesInList } from '../project/packages-file.js';
import {
  compatible,
  highest,
  installable,
  intersect,
  rangeText,
  readVersion,
  UnreadableVersion,
} from '../project/semver.js';
import { Failed, getJson, type HttpOptions, withRetries } from './http.js';
import type { Description, PinnedOf } from './pinned.js';
import { demands, type HubRequirement, where } from './requirement.js';

const HUB_URL = 'https://hub.getdbt.com/';
/** Versions that a message names at most. */
const LISTED = 12;

export interface Hub {
  /** Asks for what `requirements` will need, all at once; failures show when it is used. */
  prefetch(names: readonly string[]): void;
  /** The highest version that satisfies all who ask. Throws UpsqlError. */
  pin(requirement: HubRequirement): Promise<PinnedOf<'hub'>>;
  describe(pinned: PinnedOf<'hub'>): Promise<Description>;
  /** The address of a version's tarball. */
  tarball(pinned: PinnedOf<'hub'>): Promise<string>;
}

interface HubVersion {
  readonly name: string;
  readonly packages: readonly unknown[];
  readonly downloads: { readonly tarball: string };
  readonly require_dbt_version?: string | readonly string[] | null;
}

interface HubPackage {
  readonly name: string;
  readonly namespace?: string;
  readonly redirectname?: string | null;
  readonly redirectnamespace?: string | null;
  readonly versions: Readonly<Record<string, HubVersion>>;
}

export interface HubOptions extends HttpOptions {
  readonly url: string | undefined;
  /** Leave out versions whose require_dbt_version excludes this language version. */
  readonly versionCheck: boolean;
  readonly warn: (warning: Diagnostic) => void;
}

/** A hub; each address is asked once at most. */
export function openHub(options: HubOptions): Hub {
  const base = (options.url || HUB_URL).replace(/\/*$/, '/');
  const answers = new Map<string, Promise<unknown>>();
  const get = <T>(name: string, read: (answer: unknown) => T): Promise<T> => {
    const url = `${base}api/v1/${name}.json`;
    const what = name === 'index' ? `the index of the package hub (${hideCredentials(url)})` : hideCredentials(url);
    let answer = answers.get(name) as Promise<T> | undefined;
    if (answer === undefined) {
      answer = withRetries(what, options, async () => read(await getJson(url, options)));
      // Whoever uses it later sees the failure.
      answer.catch(() => undefined);
      answers.set(name, answer);
    }
    return answer;
  };
  const index = () => get('index', readIndex);
  const redirected = new Set<string>();
  const packageOf = async (name: string): Promise<HubPackage> => {
    const found = await get(name, readPackage);
    if ((found.redirectname != null || found.redirectnamespace != null) && !redirected.has(name)) {
      redirected.add(name);
      const now = `${found.redirectnamespace || found.namespace || name.split('/')[0]}/${found.redirectname || found.name}`;
      options.warn({
        ...problem('package-moved', `The package '${name}' has moved to '${now}'`, {
          hint: `Write "package: ${now}"; the old name gets no new versions.`,
        }),
        severity: 'warning',
      });
    }
    return found;
  };
  const versionOf = async ({ package: name, version }: PinnedOf<'hub'>): Promise<HubVersion> => {
    const found = (await packageOf(name)).versions[version];
    if (found !== undefined) return found;
    throw new UpsqlError(
      problem('unknown-version', `The hub has no version ${version} of ${name}`, {
        hint: 'Run "upsql deps --upgrade" to choose versions anew.',
      }),
    );
  };
  return {
    prefetch(names) {
      if (names.length === 0) return;
      void index();
      for (const name of names) void get(name, readPackage);
    },
    async pin(requirement) {
      const { name, bounds, askers } = requirement;
      const at = askers.map(({ spec }) => where(spec)).findLast(({ place }) => place !== undefined) ?? {};
      const names = await index();
      if (!names.includes(name))
        throw new UpsqlError(
          problem('unknown-package', `The hub has no package '${name}', asked for\n${demands(askers)}`, {
            ...at,
            hint: didYouMean(name, names) ?? 'https://hub.getdbt.com lists them.',
          }),
        );
      const range = intersect(bounds);
      if (range === undefined)
        throw new UpsqlError(
          problem('version-conflict', `No version of ${name} can satisfy all who ask for it:\n${demands(askers)}`, {
            ...at,
            hint: 'Widen the range of one of them, or choose other versions of the packages that ask.',
          }),
        );
      const { versions } = await packageOf(name);
      return explained(name, () => {
        const usable = Object.entries(versions)
          .filter(([, version]) => !options.versionCheck || fits(version))
          .map(([text]) => text);
        const prerelease = requirement.prerelease || bounds.some((bound) => bound.prerelease !== undefined);
        const sorted = installable(usable, prerelease);
        const version = highest(sorted, range);
        if (version !== undefined) return { kind: 'hub', package: name, version, latest: sorted.at(-1) ?? version };
        const excluded = Object.keys(versions).length - usable.length;
        const early = usable.length - sorted.length;
        const lines = [
          `  There is: ${sorted.length > LISTED ? '…, ' : ''}${sorted.slice(-LISTED).join(', ') || 'none'}`,
          ...(early === 0 ? [] : [`  Left out: ${plural(early, 'prerelease')}`]),
          ...(excluded === 0
            ? []
            : [`  Left out: ${plural(excluded, 'version')} for other versions of dbt than ${DBT_VERSION}`]),
        ];
        const ways = [
          'Widen the range',
          ...(early === 0 ? [] : ['take prereleases with install_prerelease: true']),
          ...(excluded === 0 ? [] : ['take versions for other versions of dbt with --no-version-check']),
        ];
        throw new UpsqlError(
          problem(
            'no-version',
            `No version of ${name} is ${rangeText(range)}, asked for\n${demands(askers)}\n${lines.join('\n')}`,
            { ...at, hint: `${ways.join(', or ')}.` },
          ),
        );
      });
    },
    async describe(pinned) {
      const { name, packages } = await versionOf(pinned);
      return { projectName: name, packages: packagesInList(packages) };
    },
    async tarball(pinned) {
      return (await versionOf(pinned)).downloads.tarball;
    },
  };
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function fits({ require_dbt_version: required }: HubVersion): boolean {
  if (required === undefined || required === null || required.length === 0) return true;
  const ranges = typeof required === 'string' ? [required] : required;
  return compatible(readVersion(DBT_VERSION), ...ranges.map(readVersion));
}

function explained<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UnreadableVersion)) throw error;
    throw new UpsqlError(
      problem('invalid-version', `The hub lists '${error.text}' for ${name}, which is no version`),
      2,
      error,
    );
  }
}

function readIndex(answer: unknown): readonly string[] {
  if (!Array.isArray(answer)) throw new Failed('the answer is no list of packages');
  return answer.map(String);
}

function readPackage(answer: unknown): HubPackage {
  const found = answer as Partial<HubPackage> | null;
  if (typeof found !== 'object' || found === null || Array.isArray(found)) throw new Failed('the answer is no package');
  const { name, versions } = found;
  if (typeof name !== 'string' || typeof versions !== 'object' || versions === null)
    throw new Failed("the answer has no 'name' and 'versions'");
  // One that is broken does not take the others away.
  const whole = Object.entries(versions).filter(([, entry]) => {
    const { name, packages, downloads } = entry as Partial<HubVersion>;
    return typeof name === 'string' && Array.isArray(packages) && typeof downloads?.tarball === 'string';
  });
  if (whole.length === 0) throw new Failed("no version in the answer has 'name', 'packages' and 'downloads'");
  return { ...found, name, versions: Object.fromEntries(whole) };
}
