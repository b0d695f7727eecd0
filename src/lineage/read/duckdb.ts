/** The reader that DuckDB itself is: its tree of a query, whatever its grammar takes. */
import type { Session } from '../../adapters/adapter.js';
import type { QueryReader } from '../query.js';
import { readDuckdbQuery } from './duckdb-query.js';
import { withValues } from './dynamic-pivot.js';
import { below, isBranch, listOf, type Tree } from './syntax-tree.js';

/** A reader on a session of DuckDB. */
export function createDuckdbReader(session: Pick<Session, 'execute'>): QueryReader {
  const parse = async (sql: string): Promise<Tree> => {
    const { rows } = await session.execute(
      'select json_serialize_sql(?::varchar, skip_null := true, skip_empty := true, skip_default := true)',
      { parameters: [sql] },
    );
    return JSON.parse(String(rows[0]?.[0])) as Tree;
  };
  return {
    name: 'duckdb',
    async read(sql) {
      let tree = await parse(sql);
      if (failed(tree) && /\bpivot/i.test(sql)) {
        const again = await parse(withValues(sql));
        if (!failed(again)) tree = again;
      }
      if (failed(tree)) throw new Error(String(below(tree, 'error_message')));
      const [statement, ...more] = listOf(below(tree, 'statements'));
      if (more.length > 0) throw new Error('this is no single query');
      return readDuckdbQuery(below(statement, 'node'));
    },
  };
}

const failed = (tree: Tree): boolean => isBranch(tree) && tree.error === true;
