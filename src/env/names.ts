/** Where environments keep what: names of schemas and relations, and how they stand in SQL. */
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { Node } from '../parse/node.js';
import { createRelation, renderPath } from '../parse/relation.js';
import type { Engine } from '../run/engine.js';

/** A relation of the warehouse. */
export interface Place {
  readonly database: string | null;
  readonly schema: string | null;
  readonly identifier: string;
}

/** Schema of upsql's own, beside each target's: versions and the state. */
const OWN = 'upsql';

/** @throws UpsqlError for a name that could not be part of a schema's name, or stands for something else. */
export function checkName(name: string): string {
  const say = (message: string, hint: string) => new UpsqlError(problem('invalid-environment', message, { hint }));
  if (!/^[a-z][a-z0-9_]{0,39}$/.test(name))
    throw say(
      `'${name}' can't be the name of an environment`,
      'Use a lower case letter, then lower case letters, digits and _, 40 at most: dev_ann.',
    );
  if (name === OWN || name === 'prod' || name === 'production')
    throw say(
      `The name '${name}' is taken`,
      name === OWN ? 'Choose another one.' : 'Production is what is built without --env.',
    );
  return name;
}

/** The schema of the state and of the versions that belong to the target's own database. */
export const ownSchema = ({ adapter }: Pick<Engine, 'adapter'>): string => `${adapter.schema}__${OWN}`;

/** The schema in which an environment shows what production has in `schema`. */
export const environmentSchema = (schema: string | null, environment: string): string =>
  `${schema ?? ''}__${environment}`;

export const placeOfNode = ({ database, schema, alias }: Pick<Node, 'database' | 'schema' | 'alias'>): Place => ({
  database,
  schema,
  identifier: alias,
});

/** The place of a node's content with the given key, in upsql's schema of the node's database. */
export function versionPlace(engine: Engine, node: Pick<Node, 'database' | 'alias'>, key: string): Place {
  // Room for the suffixes that materializations put behind a name while they work.
  const room = engine.adapter.dialect.maxIdentifierLength - 40;
  const identifier = `${node.alias.slice(0, Math.max(1, room))}__${key.slice(0, 10)}`;
  return { database: node.database, schema: ownSchema(engine), identifier };
}

/** A place as it stands in SQL, quoted as the project's nodes are. */
export function render(engine: Pick<Engine, 'adapter' | 'project'>, place: Place): string {
  return renderPath(createRelation(place, engine.adapter.dialect, engine.project.config.quoting));
}

/** One text a place, the same however its case is written. */
export const placeKey = ({ database, schema, identifier }: Place): string =>
  [database, schema, identifier].join('\n').toLowerCase();

export const samePlace = (a: Place | undefined, b: Place | undefined): boolean =>
  a !== undefined && b !== undefined && placeKey(a) === placeKey(b);
