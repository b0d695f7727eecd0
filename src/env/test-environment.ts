import { checkKeys } from '../plan/checks.js';
import { fingerprintSource, fingerprints } from '../plan/fingerprint.js';
import type { Engine } from '../run/engine.js';
import { type EnvironmentRun, passedOf } from './build-environment.js';
import { inputsOf } from './decide.js';
import { placeOfNode } from './names.js';
import { readInEnvironment } from './read-environment.js';
import { FAILED } from './settle-environment.js';
import type { Environment } from './state.js';
import { withStore } from './workspace.js';

/** Runs tests on what an environment shows, and notes which of them pass and fail. */
export async function testInEnvironment(engine: Engine, name: string): Promise<EnvironmentRun> {
  const { manifest, graph } = engine;
  const parts = fingerprints(manifest, fingerprintSource(engine));
  const placement = await readInEnvironment(engine, name);
  const keys = checkKeys(manifest, parts);
  // A test of something else than the project has now says nothing of what it has.
  const isExact = (test: string): boolean =>
    inputsOf(test, manifest, graph).every((id) => placement.environment.nodes[id]?.key === parts.get(id)?.version);
  return {
    listen: () => undefined,
    placed: () => true,
    arrange: async (ids) => ids,
    async settle(results) {
      const exact = results.filter(({ node }) => isExact(node.unique_id));
      const status = new Map(results.map((result) => [result.node.unique_id, result.status]));
      const extras = results.flatMap(({ node }) =>
        node.resource_type === 'test' && node.relation_name !== null ? [placeOfNode(node)] : [],
      );
      await withStore(engine, async (store) => {
        const known = await store.checks();
        await store.addChecks([...new Set(passedOf(exact, keys))].filter((key) => !known.has(key)));
        await store.update<Environment>('environment', name, (now = placement.environment) => ({
          ...now,
          extras: [...new Map([...now.extras, ...extras].map((place) => [JSON.stringify(place), place])).values()],
          failed: [
            ...now.failed.filter((id) => !status.has(id)),
            ...[...status].flatMap(([id, ended]) => (FAILED.has(ended) ? [id] : [])),
          ],
        }));
      });
    },
    close: async () => placement.undo(),
  };
}
