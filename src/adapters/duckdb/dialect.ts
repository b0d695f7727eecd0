import type { Dialect, RelationName } from '../adapter.js';

/** DuckDB's constants. Names keep their case and match without regard to it; identifiers have no length limit. */
export const duckDbDialect: Dialect = Object.freeze({
  quoteCharacter: '"',
  fold: 'lower',
  quoting: Object.freeze({ database: true, schema: true, identifier: true }),
  seedTypes: Object.freeze({
    text: 'text',
    integer: 'integer',
    number: 'float8',
    boolean: 'boolean',
    datetime: 'timestamp without time zone',
    date: 'date',
  }),
  incrementalStrategies: Object.freeze(['append', 'delete+insert', 'merge', 'microbatch']),
  maxIdentifierLength: Number.POSITIVE_INFINITY,
});

/** `"name"`, with quotes inside doubled. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `'text'`, with quotes inside doubled. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A relation as it stands in SQL: every part that is given, quoted. */
export function renderRelation(relation: RelationName): string {
  return [relation.database, relation.schema, relation.identifier]
    .filter((part) => part !== null)
    .map(quoteIdentifier)
    .join('.');
}
