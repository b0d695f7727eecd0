/** What differs between warehouses in the SQL of models. */
export interface SqlDialect {
  readonly type: string;
  /** A column's name as it stands in SQL. */
  quote(name: string): string;
}

/** A finite number as a double, read back as the very same one: its shortest exact text, never a DECIMAL. */
export function double(dialect: SqlDialect, value: number): string {
  const text = String(value);
  if (dialect.type === 'snowflake') return `'${text}'::float`;
  return text.includes('e') ? text : `${text}e0`;
}

/** A column as a double. NaN counts as missing, as in training; with `zero` a missing value is 0. */
export function feature(dialect: SqlDialect, name: string, missing: 'zero' | 'learned'): string {
  const [type, nan] = dialect.type === 'snowflake' ? ['float', "'NaN'::float"] : ['double', "'nan'::double"];
  const value = `nullif(cast(${dialect.quote(name)} as ${type}), ${nan})`;
  return missing === 'zero' ? `coalesce(${value}, ${double(dialect, 0)})` : value;
}

/** A relation's text as it may stand after `from`: a query gets brackets. */
export function fromItem(relation: string, alias: string): string {
  const text = relation.trim().replace(/;\s*$/, '');
  return /^(select|with|from|values)\b/i.test(text) ? `(\n${text}\n) as ${alias}` : `${text} as ${alias}`;
}

/** A text as a literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
