import type { RelationName } from '../adapters/adapter.js';
import type { Engine } from '../run/engine.js';

/** With `--env`, nodes are read where the environment shows them. @throws UpsqlError when there is no such environment. */
export async function placeInEnvironment(engine: Engine, environment: string | undefined): Promise<void> {
  if (environment === undefined) return;
  const { readInEnvironment } = await import('../env/read-environment.js');
  await readInEnvironment(engine, environment);
}

/** Where an environment shows each node. @throws UpsqlError when there is no such environment. */
export async function placesInEnvironment(
  engine: Engine,
  name: string,
): Promise<(id: string) => RelationName | undefined> {
  const { readInEnvironment } = await import('../env/read-environment.js');
  const { environment, undo } = await readInEnvironment(engine, name);
  undo();
  return (id) => environment.nodes[id]?.name;
}
