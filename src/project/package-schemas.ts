/** The entries of packages.yml, dependencies.yml and package-lock.yml. */
import * as v from 'valibot';
import { flag, number, object, openObject, text } from './check.js';

export type PackageKind = 'hub' | 'git' | 'local' | 'tarball' | 'private';

/** The key that an entry has by its kind. */
export const KIND_KEYS: Readonly<Record<PackageKind, string>> = {
  hub: 'package',
  git: 'git',
  local: 'local',
  tarball: 'tarball',
  private: 'private',
};

const revision = () => v.nullish(v.union([v.string(), number()], 'expected a text or a number'));
const oneVersion = () => v.union([v.string(), number()], 'expected a version');
const gitLike = () => ({
  revision: revision(),
  'warn-unpinned': v.nullish(flag()),
  subdirectory: v.nullish(text()),
  name: v.nullish(text()),
});
const filled = () => v.pipe(v.string('expected a text'), v.nonEmpty('expected a text, this one is empty'));

/** The shape of an entry by its kind. */
export const packageSchemas: Readonly<Record<PackageKind, v.GenericSchema>> = {
  hub: object({
    package: v.pipe(filled(), v.includes('/', 'a package of the hub has a namespace, such as dbt-labs/dbt_utils')),
    version: v.union(
      [oneVersion(), v.pipe(v.array(oneVersion()), v.minLength(1))],
      'expected a version such as 1.1.0, or a list such as [">=1.0.0", "<2.0.0"]',
    ),
    install_prerelease: v.nullish(flag()),
    name: v.nullish(text()),
  }),
  git: object({ git: filled(), ...gitLike() }),
  local: object({ local: filled(), name: v.nullish(text()) }),
  tarball: object({ tarball: filled(), name: filled() }),
  private: object({ private: filled(), provider: v.nullish(text()), ...gitLike() }),
};

const packageList = () => v.array(v.union(Object.values(packageSchemas)), 'expected a list of packages');

export const packagesSchema = object({ packages: v.optional(packageList()) });

export const dependenciesSchema = object({
  packages: v.optional(packageList()),
  projects: v.optional(v.array(openObject({ name: text() }), 'expected a list of projects')),
});
