/** The Snowflake adapter: profile fields as dbt-snowflake has them, on snowflake-sdk, which is loaded by `open()`. */
import type { Connection } from 'snowflake-sdk';
import type { YamlMap } from '../../project/project.js';
import type { Adapter, Session } from '../adapter.js';
import { exportByStream } from '../stream-export.js';
import { getColumns, listReaders, listRelations, listSchemas } from './catalog.js';
import { readProfile } from './credentials.js';
import { type Quoting, renderRelation, snowflakeDialect } from './dialect.js';
import { pythonProcedure } from './python-procedure.js';

export interface SnowflakeAdapterOptions {
  /** Where relative paths of the profile start. */
  readonly projectRoot: string;
  /** The `quoting` of dbt_project.yml. */
  readonly quoting?: Partial<Quoting> | undefined;
}

/**
 * An adapter for a `type: snowflake` target. Throws UpsqlError (`invalid-profile`) for a wrong profile; opens nothing yet.
 * Each session is one of Snowflake's; `open()` logs in once, and the first session takes that connection over.
 */
export function createSnowflakeAdapter(credentials: YamlMap, options: SnowflakeAdapterOptions): Adapter {
  const profile = readProfile(credentials, options.projectRoot);
  const quoting: Quoting = { ...snowflakeDialect.quoting, ...options.quoting };
  const sessions = new Set<Session>();
  let first: Connection | undefined;

  const adapter: Adapter = {
    type: 'snowflake',
    dialect: snowflakeDialect,
    diagnostics: profile.warnings,
    database: profile.database,
    schema: profile.schema,

    async open() {
      const { connect } = await import('./connect.js');
      first = await connect(profile);
    },

    async session(name) {
      const [{ connect }, { SnowflakeSession }] = await Promise.all([import('./connect.js'), import('./session.js')]);
      const given = first;
      first = undefined;
      const connection = given ?? (await connect(profile));
      const session = new SnowflakeSession(name, connection, profile, quoting, (closed) => sessions.delete(closed));
      sessions.add(session);
      return session;
    },

    listSchemas: (session, database) => listSchemas(session, database, quoting),
    listRelations: (session, database, schema) => listRelations(session, database, schema, quoting),
    listReaders: (session, relation) => listReaders(session, relation, quoting),
    getColumns: (session, relation) => getColumns(session, relation, quoting),

    async createSchema(session, database, schema) {
      const name = renderRelation({ database, schema, identifier: null }, quoting);
      await session.execute(`create schema if not exists ${name}`);
    },

    async dropSchema(session, database, schema) {
      const name = renderRelation({ database, schema, identifier: null }, quoting);
      await session.execute(`drop schema if exists ${name} cascade`);
    },

    pythonProcedure,
    exportQuery: exportByStream,

    async describe() {
      const facts: (readonly [string, string])[] = [
        ['account', profile.account],
        ['user', profile.user ?? ''],
        ['sign-in', profile.method],
        ['database', profile.database],
        ['schema', profile.schema],
        ['role', profile.role ?? ''],
        ['warehouse', profile.warehouse ?? ''],
      ];
      const session = first === undefined && sessions.size === 0 ? undefined : await adapter.session('describe');
      if (session !== undefined) {
        const { rows } = await session.execute('select current_version()');
        await session.close();
        facts.push(['snowflake version', String(rows[0]?.[0] ?? '')]);
      }
      return facts.filter(([, value]) => value !== '');
    },

    async close() {
      const { disconnect } = await import('./connect.js');
      const unused = first === undefined ? [] : [disconnect(first)];
      first = undefined;
      await Promise.allSettled([...[...sessions].map((session) => session.close()), ...unused]);
    },
  };
  return adapter;
}
