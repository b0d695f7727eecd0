/** Which packages at which versions a project needs, with all that they need in turn. */
import { problem, UpsqlError } from '../diagnostics/index.js';
import { hideCredentials } from '../project/credentials.js';
import type { PackageSpec } from '../project/packages-file.js';
import { type Description, type Pinned, pinnedKey, pinnedName } from './pinned.js';
import { Listing, requirementOf } from './requirement.js';
import type { Sources } from './sources.js';

export interface Resolved {
  readonly pinned: Pinned;
  readonly description: Description;
}

/**
 * Resolves level by level, as dbt does: each requirement is merged with what was asked for before, pinned, and asked for
 * its own. A version that a later asker rules out keeps what it asked for in the list. Throws UpsqlError where askers
 * exclude each other, and for two packages with one name.
 */
export async function resolvePackages(
  specs: readonly PackageSpec[],
  rootName: string,
  sources: Sources,
): Promise<Resolved[]> {
  const final = new Listing();
  const expanded = new Set<string>();
  let pending = listingOf(specs, rootName);
  while (pending.size > 0) {
    sources.prefetch([...pending].filter((requirement) => !final.has(requirement)));
    const next = new Listing();
    for (const requirement of pending) {
      const pinned = await sources.pin(final.add(requirement));
      // Packages may ask for each other in a circle.
      if (expanded.has(pinnedKey(pinned))) continue;
      expanded.add(pinnedKey(pinned));
      const { packages, projectName } = await sources.describe(pinned);
      const by = pinned.kind === 'hub' ? `${pinned.package} ${pinned.version}` : projectName;
      for (const spec of packages) next.add(requirementOf(spec, by));
    }
    pending = next;
  }
  return describeAll(final, rootName, sources);
}

/** What a lock file lists, as it stands there. */
export async function resolveLocked(
  specs: readonly PackageSpec[],
  rootName: string,
  sources: Sources,
): Promise<Resolved[]> {
  const listing = listingOf(specs, 'the lock file');
  sources.prefetch([...listing]);
  return describeAll(listing, rootName, sources);
}

function listingOf(specs: readonly PackageSpec[], by: string): Listing {
  const listing = new Listing();
  for (const spec of specs) listing.add(requirementOf(spec, by));
  return listing;
}

async function describeAll(listing: Listing, rootName: string, sources: Sources): Promise<Resolved[]> {
  const resolved: Resolved[] = [];
  const seen = new Map<string, string>([[rootName, 'the root project']]);
  for (const requirement of listing) {
    const pinned = await sources.pin(requirement);
    const description = await sources.describe(pinned);
    const { projectName } = description;
    const name = hideCredentials(pinnedName(pinned));
    if (!/^[^/\\.]+$/.test(projectName))
      throw new UpsqlError(
        problem(
          'invalid-package',
          `The package '${name}' has the name '${projectName}', which can't be a folder's name`,
          {
            hint: 'A name has letters, digits and underscores.',
          },
        ),
      );
    const other = seen.get(projectName);
    if (other !== undefined)
      throw new UpsqlError(
        problem('duplicate-package', `Two packages have the name '${projectName}': ${other} and ${name}`, {
          hint: 'A package can come from one source only. Take one of them out, or change its name.',
        }),
      );
    seen.set(projectName, name);
    resolved.push({ pinned, description });
  }
  return resolved;
}
