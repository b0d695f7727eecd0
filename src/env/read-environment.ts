/** For what only reads: nodes are where an environment shows them. */
import type { Engine } from '../run/engine.js';
import { checkName } from './names.js';
import { createPlacement, type Placement, placeTests } from './placement.js';
import { unknownEnvironment } from './promote.js';
import type { Environment } from './state.js';
import { withStore } from './workspace.js';

/** All environments of the project in this target, by name. */
export function listEnvironments(engine: Engine): Promise<readonly Environment[]> {
  return withStore(engine, async (store) => ((await store.exists()) ? store.environments() : []));
}

/** Puts each node of the manifest to the environment's view of it. @throws UpsqlError when there is no such environment. */
export async function readInEnvironment(
  engine: Engine,
  name: string,
): Promise<Placement & { readonly environment: Environment }> {
  checkName(name);
  const environments = await listEnvironments(engine);
  const environment = environments.find((known) => known.name === name);
  if (environment === undefined)
    throw unknownEnvironment(
      name,
      environments.map((known) => known.name),
    );
  const placement = createPlacement(engine);
  placeTests(engine, name, placement);
  for (const [id, shown] of Object.entries(environment.nodes)) {
    const node = engine.manifest.nodes[id];
    if (node !== undefined) placement.move(node, shown.name);
  }
  return { ...placement, environment };
}
