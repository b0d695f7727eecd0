import type { Engine } from '../run/engine.js';
import { finishPromotion } from './carry-out.js';
import { takeLease } from './leases.js';
import { checkName, type Place } from './names.js';
import { unknownEnvironment } from './promote.js';
import { dropSql, listRelations } from './relations.js';
import type { StateStore } from './state.js';
import { switchAtOnce } from './switch-views.js';
import { withStore } from './workspace.js';

/** Drops an environment's views and its empty schemas; its versions stay until they are pruned. Gives what was dropped. */
export async function dropEnvironment(engine: Engine, name: string): Promise<readonly Place[]> {
  checkName(name);
  return withStore(engine, async (store) => {
    if (!(await store.exists())) throw unknownEnvironment(name, []);
    const lease = await takeLease(store, 'drop', name);
    try {
      await finishPromotion(engine, store);
      const environment = await store.environment(name);
      if (environment === undefined)
        throw unknownEnvironment(
          name,
          (await store.environments()).map((known) => known.name),
        );
      const places = [...Object.values(environment.nodes).map((node) => node.name), ...environment.extras];
      const relations = await listRelations(engine, store.session, places);
      const found = places.flatMap((place) => relations.get(place) ?? []);
      const statements = found.map((listed) => ({ sql: dropSql(engine, listed), database: listed.place.database }));
      await switchAtOnce(engine, store, statements, () => store.forget('environment', name));
      await dropEmptySchemas(engine, store, places);
      return found.map(({ place }) => place);
    } finally {
      await lease.release();
    }
  });
}

/** Schemas in which something else is stay. */
async function dropEmptySchemas(engine: Engine, store: StateStore, places: readonly Place[]): Promise<void> {
  const { adapter } = engine;
  const after = await listRelations(engine, store.session, places);
  const done = new Set<string>();
  for (const { database, schema } of places) {
    const key = `${database}\n${schema}`.toLowerCase();
    if (schema === null || done.has(key)) continue;
    done.add(key);
    if (after.in(database, schema).length === 0)
      await adapter.dropSchema(store.session, database ?? adapter.database, schema);
  }
}
