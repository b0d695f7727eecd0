/** What the packages of a project ask for, one requirement a package, merged where several ask for the same. */
import { problem, UpsqlError } from '../diagnostics/index.js';
import { hideCredentials } from '../project/credentials.js';
import { type PackageSpec, plainNumber } from '../project/packages-file.js';
import type { YamlValue } from '../project/project.js';
import { parseVersion, type Version } from '../project/semver.js';

/** Who asks for a package, and for what of it. */
export interface Asker {
  readonly by: string;
  readonly spec: PackageSpec;
}

interface Common {
  /** What it is found by: two askers with one name mean the same package. */
  readonly name: string;
  readonly askers: readonly Asker[];
}

export interface HubRequirement extends Common {
  readonly kind: 'hub';
  readonly bounds: readonly Version[];
  readonly prerelease: boolean;
}

export interface GitRequirement extends Common {
  readonly kind: 'git';
  readonly git: string;
  /** As written, with its Jinja: what goes to the lock file. */
  readonly unrendered: string;
  readonly revisions: readonly string[];
  readonly warnUnpinned: boolean;
  readonly subdirectory: string | undefined;
}

export interface LocalRequirement extends Common {
  readonly kind: 'local';
  readonly local: string;
}

export interface TarballRequirement extends Common {
  readonly kind: 'tarball';
  readonly tarball: string;
  readonly unrendered: string;
  /** The `name` it is to be installed by. */
  readonly package: string;
}

export type Requirement = HubRequirement | GitRequirement | LocalRequirement | TarballRequirement;

/** An entry of packages.yml, asked for `by` a package. Throws UpsqlError for what can't be resolved at all. */
export function requirementOf(spec: PackageSpec, by: string): Requirement {
  const { rendered, unrendered } = spec;
  const common = { name: spec.name, askers: [{ by, spec }] };
  const original = (key: string): string => textOf(unrendered[key]) ?? spec.name;
  switch (spec.kind) {
    case 'hub':
      return {
        ...common,
        kind: 'hub',
        bounds: boundsOf(spec, by),
        prerelease: rendered.install_prerelease === true,
      };
    case 'git': {
      const subdirectory = textOf(rendered.subdirectory);
      const { revision } = rendered;
      return {
        ...common,
        name: gitName(spec.name, subdirectory),
        kind: 'git',
        git: spec.name,
        unrendered: original('git'),
        revisions: revision === undefined || revision === null ? [] : [plainNumber(revision)],
        warnUnpinned: rendered['warn-unpinned'] !== false,
        subdirectory,
      };
    }
    case 'local':
      return { ...common, kind: 'local', local: spec.name };
    case 'tarball':
      return {
        ...common,
        kind: 'tarball',
        tarball: spec.name,
        unrendered: original('tarball'),
        package: textOf(rendered.name) ?? '',
      };
    case 'private':
      throw new UpsqlError(
        problem(
          'private-package',
          `The private package '${spec.name}' can't be resolved: no git provider is connected`,
          {
            ...where(spec),
            hint: 'Write it as a git package: "git:" with its address, and "revision:".',
          },
        ),
      );
  }
}

/** The requirements of one package or project, merged by name. */
export class Listing {
  readonly #byName = new Map<string, Requirement>();

  get size(): number {
    return this.#byName.size;
  }

  [Symbol.iterator](): IterableIterator<Requirement> {
    return this.#byName.values();
  }

  /** Whether something was asked of the same package. */
  has(requirement: Requirement): boolean {
    return namesOf(requirement).some((name) => this.#byName.has(name));
  }

  /** Adds a requirement to what there is of its package, and gives both. Throws UpsqlError where they exclude each other. */
  add(requirement: Requirement): Requirement {
    const key = namesOf(requirement).find((name) => this.#byName.has(name)) ?? requirement.name;
    const before = this.#byName.get(key);
    const merged = before === undefined ? requirement : merge(before, requirement);
    this.#byName.set(key, merged);
    return merged;
  }
}

/** A git address with and without `.git` is one package. */
function namesOf(requirement: Requirement): readonly string[] {
  if (requirement.kind !== 'git') return [requirement.name];
  const { git, subdirectory } = requirement;
  const other = git.endsWith('.git') ? git.slice(0, -4) : `${git}.git`;
  return [gitName(git, subdirectory), gitName(other, subdirectory)];
}

function gitName(git: string, subdirectory: string | undefined): string {
  return subdirectory === undefined || subdirectory === '' ? git : `${git}/${subdirectory}`;
}

function merge(a: Requirement, b: Requirement): Requirement {
  const askers = [...a.askers, ...b.askers];
  if (a.kind === 'hub' && b.kind === 'hub') return { ...a, askers, bounds: [...a.bounds, ...b.bounds] };
  if (a.kind === 'git' && b.kind === 'git')
    return {
      ...a,
      askers,
      revisions: [...a.revisions, ...b.revisions],
      warnUnpinned: a.warnUnpinned && b.warnUnpinned,
    };
  if (a.kind === b.kind) return { ...a, askers };
  const last = b.askers[0]?.spec;
  throw new UpsqlError(
    problem(
      'package-conflict',
      `'${hideCredentials(b.name)}' is asked for both as a ${a.kind} and as a ${b.kind} package\n${demands(askers)}`,
      { ...(last === undefined ? {} : where(last)), hint: 'Ask for it in one way.' },
    ),
  );
}

/** One line for everyone who asks: `  >=1.0.0 by shop`. */
export function demands(askers: readonly Asker[]): string {
  return [...new Set(askers.map(({ by, spec }) => `  ${wish(spec)} by ${hideCredentials(by)}`))].join('\n');
}

function wish({ kind, rendered }: PackageSpec): string {
  if (kind === 'hub') return versionTexts(rendered.version).join(', ');
  if (kind !== 'git') return `as a ${kind} package`;
  const { revision } = rendered;
  return revision === undefined || revision === null ? 'the default branch' : `revision ${plainNumber(revision)}`;
}

/** The place of an entry, for a diagnostic. */
export function where(spec: PackageSpec): Pick<PackageSpec, 'place' | 'source'> {
  return {
    ...(spec.place === undefined ? {} : { place: spec.place }),
    ...(spec.source === undefined ? {} : { source: spec.source }),
  };
}

function versionTexts(value: YamlValue | undefined): string[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map(plainNumber);
}

function boundsOf(spec: PackageSpec, by: string): Version[] {
  return versionTexts(spec.rendered.version).map((text) => {
    const version = parseVersion(text);
    if (version !== undefined) return version;
    const parts = text.split(',').map((part) => part.trim());
    const hint =
      parts.length > 1
        ? `Write a range as a list: [${parts.map((part) => `"${part}"`).join(', ')}].`
        : 'Write all three numbers, with >=, >, <= or < in front for a range: "1.2.0", [">=1.0.0", "<2.0.0"].';
    throw new UpsqlError(
      problem('invalid-version', `'${text}' is no version (of ${spec.name}, asked for by ${by})`, {
        ...where(spec),
        hint,
      }),
    );
  });
}

function textOf(value: YamlValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
