/** Makes an environment's views show what they are to show, and writes that down: in one transaction where there is one. */
import type { Engine } from '../run/engine.js';
import type { Place } from './names.js';
import type { StateStore } from './state.js';

/**
 * Runs DDL and then `write`, which changes the state. Together where the warehouse can take DDL back and all of it is in the
 * database of the state; else the statements come first, so that the state never tells of what is not there.
 */
export async function switchAtOnce(
  engine: Engine,
  store: StateStore,
  statements: readonly { readonly sql: string; readonly database: string | null }[],
  write: () => Promise<void>,
): Promise<void> {
  const { session } = store;
  const { adapter } = engine;
  const home = adapter.database.toLowerCase();
  const elsewhere = statements.filter(({ database }) => (database ?? home).toLowerCase() !== home);
  const here = statements.filter((statement) => !elsewhere.includes(statement));
  for (const { sql } of elsewhere) await session.execute(sql, { fetch: false });
  const transaction = adapter.dialect.ddlCommits !== true;
  if (transaction) await session.begin();
  try {
    for (const { sql } of here) await session.execute(sql, { fetch: false });
    await write();
    if (transaction) await session.commit();
  } catch (error) {
    await session.rollback();
    throw error;
  }
}

/** Schemas of places that are not there yet; making one twice does no harm. */
export async function createSchemas(engine: Engine, store: StateStore, places: Iterable<Place>): Promise<void> {
  const { adapter } = engine;
  const wanted = new Map<string, readonly [string, string]>();
  for (const { database, schema } of places) {
    const pair = [database ?? adapter.database, schema ?? adapter.schema] as const;
    wanted.set(pair.join('\n').toLowerCase(), pair);
  }
  const known = new Map<string, ReadonlySet<string>>();
  for (const [database, schema] of wanted.values()) {
    let schemas = known.get(database);
    if (schemas === undefined) {
      schemas = new Set((await adapter.listSchemas(store.session, database)).map((name) => name.toLowerCase()));
      known.set(database, schemas);
    }
    if (!schemas.has(schema.toLowerCase())) await adapter.createSchema(store.session, database, schema);
  }
}
