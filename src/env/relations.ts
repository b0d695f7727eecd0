/** What is in the schemas that environments deal with, read once and kept up to date by those who change it. */
import type { RelationType, Session } from '../adapters/adapter.js';
import type { Engine } from '../run/engine.js';
import { type Place, render } from './names.js';

export interface Listed {
  readonly place: Place;
  readonly type: RelationType;
}

export interface Relations {
  get(place: Place): Listed | undefined;
  /** All of a schema that was read. */
  in(database: string | null, schema: string): readonly Listed[];
}

/** Lists the relations of the schemas of `places`. */
export async function listRelations(
  engine: Engine,
  session: Session,
  places: Iterable<Pick<Place, 'database' | 'schema'>>,
): Promise<Relations> {
  const { adapter } = engine;
  const bySchema = new Map<string, Map<string, Listed>>();
  const keyOf = (database: string | null, schema: string | null): string =>
    `${database ?? adapter.database}\n${schema ?? adapter.schema}`.toLowerCase();
  for (const { database, schema } of places) {
    const key = keyOf(database, schema);
    if (bySchema.has(key)) continue;
    const listed = new Map<string, Listed>();
    bySchema.set(key, listed);
    const relations = await adapter.listRelations(session, database ?? adapter.database, schema ?? adapter.schema);
    for (const { identifier, type } of relations) {
      if (identifier === null) continue;
      const place = { database, schema, identifier };
      listed.set(identifier.toLowerCase(), { place, type });
    }
  }
  return {
    get: (place) => bySchema.get(keyOf(place.database, place.schema))?.get(place.identifier.toLowerCase()),
    in: (database, schema) => [...(bySchema.get(keyOf(database, schema))?.values() ?? [])],
  };
}

const KINDS: Readonly<Partial<Record<RelationType, string>>> = {
  view: 'view',
  materialized_view: 'materialized view',
  dynamic_table: 'dynamic table',
};

export function dropSql(engine: Engine, { place, type }: Listed): string {
  return `drop ${KINDS[type] ?? 'table'} if exists ${render(engine, place)}`;
}

export function viewSql(engine: Engine, name: Place, place: Place): string {
  const grants = engine.adapter.dialect.copiesGrants === true ? ' copy grants' : '';
  return `create or replace view ${render(engine, name)}${grants} as select * from ${render(engine, place)}`;
}

/** Who may read a relation; nobody where there is none, or the warehouse has no grants. */
export async function readersOf(
  engine: Engine,
  session: Session,
  listed: Listed | undefined,
): Promise<readonly string[]> {
  if (listed === undefined || engine.adapter.listReaders === undefined) return [];
  return engine.adapter.listReaders(session, { ...listed.place, type: listed.type });
}
