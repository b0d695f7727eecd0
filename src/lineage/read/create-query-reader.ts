import type { Session } from '../../adapters/adapter.js';
import type { QueryReader } from '../query.js';
import { createDuckdbReader } from './duckdb.js';
import { createSqlparserReader } from './sqlparser.js';

/**
 * A reader of a warehouse's SQL. On DuckDB it is DuckDB's own parser, and another one for what that does not take: SQL meant for
 * another warehouse.
 */
export async function createQueryReader(adapterType: string, session: Pick<Session, 'execute'>): Promise<QueryReader> {
  if (adapterType !== 'duckdb') return createSqlparserReader(adapterType);
  const own = createDuckdbReader(session);
  let other: Promise<QueryReader> | undefined;
  return {
    name: own.name,
    async read(sql) {
      try {
        return await own.read(sql);
      } catch (error) {
        try {
          other ??= createSqlparserReader(adapterType);
          return await (await other).read(sql);
        } catch {
          throw error;
        }
      }
    },
  };
}
