/** What the warehouse holds, by `show` and `describe`: they answer from metadata and start no warehouse. */
import type {
  ColumnInfo,
  QueryResult,
  RelationInfo,
  RelationName,
  RelationType,
  Session,
  SqlValue,
} from '../adapter.js';
import { DatabaseError } from '../adapter.js';
import { type Quoting, quoteLiteral, renderName, renderRelation } from './dialect.js';

/** `show` gives at most so many rows. */
const PAGE = 10_000;

type Row = ReadonlyMap<string, SqlValue>;

function toRows({ columns, rows }: QueryResult): Row[] {
  const names = columns.map((column) => column.name.toLowerCase());
  return rows.map((row) => new Map(names.map((name, i) => [name, row[i] ?? null])));
}

/** All rows of a `show`, page by page: each continues behind the last name of the page before. */
async function showAll(session: Session, show: string): Promise<Row[]> {
  const found: Row[] = [];
  for (let from = ''; ; ) {
    const page = toRows(await session.execute(`${show} limit ${PAGE}${from}`));
    found.push(...page);
    const last = page.at(-1)?.get('name');
    if (page.length < PAGE || typeof last !== 'string') return found;
    from = ` from ${quoteLiteral(last)}`;
  }
}

export async function listSchemas(session: Session, database: string, quoting: Quoting): Promise<readonly string[]> {
  const rows = await showAll(session, `show terse schemas in database ${renderName(database, quoting.database)}`);
  return rows.map((row) => String(row.get('name')));
}

function typeOf(row: Row): RelationType {
  const yes = (name: string) => /^(y|yes|true)$/i.test(String(row.get(name) ?? ''));
  const kind = String(row.get('kind') ?? '').toUpperCase();
  if (yes('is_dynamic') || kind === 'DYNAMIC TABLE') return 'dynamic_table';
  if (kind === 'VIEW') return 'view';
  if (kind === 'MATERIALIZED VIEW') return 'materialized_view';
  return kind === 'EXTERNAL TABLE' ? 'external' : 'table';
}

/** Relations of a schema; none when there is no such schema. */
export async function listRelations(
  session: Session,
  database: string,
  schema: string,
  quoting: Quoting,
): Promise<RelationInfo[]> {
  const at = renderRelation({ database, schema, identifier: null }, quoting);
  try {
    const rows = await showAll(session, `show objects in schema ${at}`);
    return rows.map((row) => ({
      database: String(row.get('database_name') ?? database),
      schema: String(row.get('schema_name') ?? schema),
      identifier: String(row.get('name')),
      type: typeOf(row),
    }));
  } catch (error) {
    if (error instanceof DatabaseError && error.kind === 'missing') return [];
    throw error;
  }
}

/** Works for views as well. */
export async function getColumns(
  session: Session,
  relation: RelationName,
  quoting: Quoting,
): Promise<readonly ColumnInfo[]> {
  try {
    const rows = toRows(await session.execute(`describe table ${renderRelation(relation, quoting)}`));
    return rows.map((row) => ({ name: String(row.get('name')), dataType: String(row.get('type')) }));
  } catch (error) {
    if (error instanceof DatabaseError && error.kind === 'missing') return [];
    throw error;
  }
}

/** Grantees with SELECT on a table or view: `role ANALYST`, `share PARTNERS`. */
export async function listReaders(session: Session, relation: RelationInfo, quoting: Quoting): Promise<string[]> {
  const kind = relation.type === 'view' ? 'view' : 'table';
  const rows = toRows(await session.execute(`show grants on ${kind} ${renderRelation(relation, quoting)}`));
  return rows.flatMap((row) => {
    if (String(row.get('privilege')).toUpperCase() !== 'SELECT') return [];
    const kindOf = String(row.get('granted_to') ?? 'ROLE')
      .toLowerCase()
      .replace('_', ' ');
    return `${kindOf} ${renderName(String(row.get('grantee_name')), false)}`;
  });
}
