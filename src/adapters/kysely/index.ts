/** Kysely over a session, so that TypeScript models query the target with typed builders. */
import { DialectAdapterBase, Kysely } from 'kysely';
import type { Dialect, Session } from '../adapter.js';
import { WarehouseQueryCompiler } from './compiler.js';
import { type DriverOptions, SessionDriver } from './driver.js';
import { SessionIntrospector } from './introspector.js';
import { RelationsPlugin } from './relations.js';

export { type DriverOptions, toObjects, type ValueReader } from './driver.js';

export interface KyselyOptions extends DriverOptions {
  /** Names that queries may use to relations as they stand in SQL. Without it, names are the warehouse's own. */
  readonly relations?: ReadonlyMap<string, string>;
  /** The error for a table that is not in `relations`. */
  readonly unknownTable?: (name: string) => Error;
}

class WarehouseAdapter extends DialectAdapterBase {
  override get supportsReturning(): boolean {
    return true;
  }

  /** Kysely's migrations are not run on warehouses. */
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

/**
 * A query builder whose statements run on `session`. Values go as parameters, never into the text of SQL.
 * `destroy()` leaves the session open.
 */
export function createKysely<DB>(session: Session, dialect: Dialect, options: KyselyOptions = {}): Kysely<DB> {
  const { relations, unknownTable = (name) => new Error(`unknown table '${name}'`) } = options;
  return new Kysely<DB>({
    dialect: {
      createAdapter: () => new WarehouseAdapter(),
      createDriver: () => new SessionDriver(session, dialect, options),
      createIntrospector: () => new SessionIntrospector(session, dialect),
      createQueryCompiler: () => new WarehouseQueryCompiler(dialect),
    },
    plugins: relations === undefined ? [] : [new RelationsPlugin(relations, unknownTable)],
  });
}
