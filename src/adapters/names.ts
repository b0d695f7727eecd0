import type { Dialect } from './adapter.js';

/**
 * Column and table names as TypeScript sees them: lower case where the warehouse folds unquoted names to upper case,
 * so that one model reads `user_id` on DuckDB and on Snowflake. Names that were quoted into mixed case stay.
 */
export function toProgramName(dialect: Dialect, name: string): string {
  return dialect.fold === 'upper' && /^[A-Z_][A-Z0-9_$]*$/.test(name) ? name.toLowerCase() : name;
}

/** The way back: the name as the warehouse stores it. */
export function toWarehouseName(dialect: Dialect, name: string): string {
  return dialect.fold === 'upper' && /^[a-z_][a-z0-9_$]*$/.test(name) ? name.toUpperCase() : name;
}

/** A name of TypeScript as it stands in SQL: in the warehouse's case, quoted. */
export function quoteName(dialect: Dialect, name: string): string {
  const { quoteCharacter: q } = dialect;
  return `${q}${toWarehouseName(dialect, name).replaceAll(q, q + q)}${q}`;
}
