/** Relations as templates see them: a path, what of it is shown and quoted, and how that reads in SQL. Plain, frozen data. */
import type { Dialect } from '../adapters/adapter.js';
import type { Node, SourceNode } from './node.js';

export type Part = 'database' | 'schema' | 'identifier';
export const PARTS: readonly Part[] = ['database', 'schema', 'identifier'];
export type Policy = Readonly<Record<Part, boolean>>;

export interface Relation {
  readonly database: string | null;
  readonly schema: string | null;
  readonly identifier: string | null;
  readonly type: string | null;
  readonly quote: Policy;
  readonly include: Policy;
  readonly quoteCharacter: string;
  /** SQL that stands in for the relation: an external file, a table function. */
  readonly external: string | null;
  /** `--empty` sets 0: the relation reads as a subquery without rows. */
  readonly limit: number | null;
  /** Batches and samples: the relation reads as a subquery of that span of time. */
  readonly eventTime: EventTimeFilter | null;
}

/** `field >= start and field < end`, with times as texts. */
export interface EventTimeFilter {
  readonly field: string;
  readonly start: string;
  readonly end: string;
}

const ALL: Policy = { database: true, schema: true, identifier: true };

export interface RelationParts {
  readonly database?: string | null;
  readonly schema?: string | null;
  readonly identifier?: string | null;
  readonly type?: string | null;
}

/** A relation with the dialect's quoting, laid over by `quoting` where that says something. */
export function createRelation(
  parts: RelationParts,
  dialect: Dialect,
  quoting: Partial<Record<Part, boolean | null | undefined>> = {},
  more: { readonly external?: string | null; readonly limit?: number | null } = {},
): Relation {
  const quote = { ...dialect.quoting };
  for (const part of PARTS) quote[part] = quoting[part] ?? quote[part];
  return {
    database: parts.database ?? null,
    schema: parts.schema ?? null,
    identifier: parts.identifier ?? null,
    type: parts.type ?? null,
    quote,
    include: ALL,
    quoteCharacter: dialect.quoteCharacter,
    external: more.external ?? null,
    limit: more.limit ?? null,
    eventTime: null,
  };
}

/** The path as SQL text, e.g. `"db"."schema"."table"`. */
export function renderPath(relation: Relation): string {
  if (relation.external !== null) return relation.external;
  const q = relation.quoteCharacter;
  let path: string | null = null;
  for (const part of PARTS) {
    const name = relation[part];
    if (name === null || !relation.include[part]) continue;
    const shown = relation.quote[part] ? `${q}${name}${q}` : name;
    path = path === null ? shown : `${path}.${shown}`;
  }
  return path ?? '';
}

/** What printing the relation in a template gives: its path, or a subquery when a limit or a span of time is set. */
export function renderRelation(relation: Relation): string {
  const { limit, eventTime } = relation;
  const path = renderPath(relation);
  const rows =
    limit === null
      ? path
      : limit === 0
        ? `(select * from ${path} where false limit 0)`
        : `(select * from ${path} limit ${limit})`;
  if (eventTime === null) return rows;
  const { field, start, end } = eventTime;
  return `(select * from ${rows} where ${field} >= '${start}' and ${field} < '${end}')`;
}

/** The CTE that stands for an ephemeral model. */
export function ephemeralRelation(node: Node, dialect: Dialect): Relation {
  const name = `__dbt__cte__${node.alias}`;
  return createRelation({ identifier: name, type: 'cte' }, dialect, {
    database: false,
    schema: false,
    identifier: false,
  });
}

/** A node's relation, quoted as dbt_project.yml says. The node's own config has no say in it, as in dbt. */
export function nodeRelation(
  node: Node,
  dialect: Dialect,
  projectQuoting: Partial<Record<Part, boolean>>,
  type: string | null = null,
): Relation {
  const { database, schema, alias: identifier } = node;
  return createRelation({ database, schema, identifier, type }, dialect, projectQuoting);
}

/** `{name}`, `{identifier}` and meta fields in an `external_location`, as Python's format does it. */
function formatLocation(template: string, fields: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{\{|\}\}|\{([A-Za-z_]\w*)\}/g, (whole, name: string | undefined) => {
    if (whole === '{{') return '{';
    if (whole === '}}') return '}';
    const value = name === undefined ? undefined : fields[name];
    return value === undefined ? whole : String(value);
  });
}

/** A file or function that a DuckDB source reads in place of a table: `external_location` in its meta or config. */
function externalLocation(source: SourceNode): string | null {
  const meta = { ...source.source_meta, ...source.meta } as Record<string, unknown>;
  const config = source.config as Record<string, unknown>;
  const location = config.external_location ?? meta.external_location;
  if (typeof location !== 'string') return null;
  const fields = {
    ...meta,
    name: source.name,
    identifier: source.identifier,
    schema: source.schema,
    database: source.database,
  };
  const text = formatLocation(location, fields);
  return text.includes('(') || text.startsWith("'") ? text : `'${text}'`;
}

/**
 * A source's relation. dbt leaves the project's quoting out where a source is read, so that only its own counts; the
 * manifest's `relation_name` alone is made with it.
 */
export function sourceRelation(
  source: SourceNode,
  dialect: Dialect,
  adapterType: string,
  projectQuoting: Partial<Record<Part, boolean>> = {},
): Relation {
  const own = Object.entries(source.quoting).filter(([, quoted]) => quoted !== null);
  return createRelation(
    { database: source.database, schema: source.schema, identifier: source.identifier },
    dialect,
    { ...projectQuoting, ...Object.fromEntries(own) },
    { external: adapterType === 'duckdb' ? externalLocation(source) : null },
  );
}

/** Equality of paths as the warehouse sees them: names compare without case unless quoted. */
export function samePath(a: RelationParts, b: RelationParts): boolean {
  return PARTS.every((part) => (a[part] ?? '').toLowerCase() === (b[part] ?? '').toLowerCase());
}
