import type { Dialect, RelationName } from '../adapter.js';

/** Snowflake's constants. Names become upper case unless quoted; nothing is quoted unless a project says so. */
export const snowflakeDialect: Dialect = Object.freeze({
  quoteCharacter: '"',
  fold: 'upper',
  quoting: Object.freeze({ database: false, schema: false, identifier: false }),
  seedTypes: Object.freeze({
    text: 'text',
    integer: 'integer',
    number: 'float8',
    boolean: 'boolean',
    datetime: 'timestamp_ntz',
    date: 'date',
  }),
  incrementalStrategies: Object.freeze(['append', 'merge', 'delete+insert', 'insert_overwrite', 'microbatch']),
  maxIdentifierLength: 255,
  backslashEscapes: true,
  ddlCommits: true,
  clonesTables: true,
  copiesGrants: true,
});

/** Which parts of names the project quotes. */
export type Quoting = Dialect['quoting'];

/** `"name"`, with quotes inside doubled. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `'text'`: Snowflake reads a backslash in a string as an escape. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** A name as it stands in SQL: quoted where the project says so or where it could not stand without. */
export function renderName(name: string, quoted: boolean): string {
  return quoted || !/^[A-Za-z_][A-Za-z0-9_$]*$/.test(name) ? quoteIdentifier(name) : name;
}

/** A relation as it stands in SQL, without the parts that are null. */
export function renderRelation(relation: RelationName, quoting: Quoting = snowflakeDialect.quoting): string {
  return (['database', 'schema', 'identifier'] as const)
    .flatMap((part) => {
      const name = relation[part];
      return name === null ? [] : [renderName(name, quoting[part])];
    })
    .join('.');
}
