/** The reader on Apache DataFusion's SQL parser, compiled to WebAssembly. README.md says why this one. */
import type { Query, QueryReader } from '../query.js';
import { readQuery } from './read-query.js';
import { below, listOf, type Tree } from './syntax-tree.js';

type Dialect = 'duckdb' | 'snowflake' | 'postgresql' | 'generic';

/** What a dialect of the parser does not take, another one often does: DuckDB's grammar grew out of PostgreSQL's. */
const TRIED: Readonly<Record<string, readonly Dialect[]>> = {
  duckdb: ['duckdb', 'generic', 'postgresql'],
  snowflake: ['snowflake', 'generic'],
};

/** Loads the parser (3.6 MB, some 40 ms) and gives a reader for a warehouse's SQL. */
export async function createSqlparserReader(adapterType: string): Promise<QueryReader> {
  const parser = await import('@guanmingchiu/sqlparser-ts');
  await parser.init();
  const dialects = TRIED[adapterType] ?? ['generic'];
  return {
    name: 'sqlparser',
    async read(sql) {
      // A hint to the optimizer that only one of the parser's dialects takes; it changes no column.
      const plain = sql.replace(/\bas\s+(?:not\s+)?materialized(?=\s*\()/gi, 'as');
      let first: unknown;
      for (const dialect of dialects) {
        let statements: readonly Tree[];
        try {
          statements = parser.parse(plain, dialect) as unknown as readonly Tree[];
        } catch (error) {
          first ??= error;
          continue;
        }
        return onlyQuery(statements);
      }
      throw first;
    },
  };
}

function onlyQuery(statements: readonly Tree[]): Query {
  const [statement, ...more] = listOf(statements);
  const query = below(statement, 'Query');
  if (query === undefined || more.length > 0) throw new Error('this is no single query');
  return readQuery(query);
}
