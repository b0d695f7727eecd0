import { type Place, placeKey } from './names.js';
import type { Environment, StateStore } from './state.js';

/**
 * What reads a relation of production by its name reads something else once that name has other content: versions that are views
 * of it are forgotten, so that they are built again, and the environments that show them are not ready until then.
 */
export async function forgetReaders(
  store: StateStore,
  replaced: Iterable<Place>,
  environments: readonly Environment[],
): Promise<void> {
  const gone = new Set([...replaced].map(placeKey));
  if (gone.size === 0) return;
  const versions = [...(await store.versions()).values()];
  const misled = versions.filter(({ reads }) => reads.some((place) => gone.has(placeKey(place))));
  await forgetVersions(store, misled, environments);
}

/** Forgets versions that are not what their keys say. */
export async function forgetVersions(
  store: StateStore,
  versions: readonly { readonly node: string; readonly key: string; readonly place: Place }[],
  environments: readonly Environment[],
): Promise<void> {
  if (versions.length === 0) return;
  await store.removeVersions(versions);
  const places = new Set(versions.map(({ place }) => placeKey(place)));
  for (const environment of environments) {
    const unsure = Object.entries(environment.nodes).flatMap(([id, { place }]) =>
      places.has(placeKey(place)) ? [id] : [],
    );
    if (unsure.length === 0) continue;
    await store.update<Environment>('environment', environment.name, (now = environment) => ({
      ...now,
      pending: [...new Set([...now.pending, ...unsure])],
    }));
  }
}
