/** The DuckDB adapter: profile fields as dbt-duckdb has them, on @duckdb/node-api, which is loaded by `open()`. */
import type { DuckDBInstance } from '@duckdb/node-api';
import type { YamlMap } from '../../project/project.js';
import type { Adapter, Session } from '../adapter.js';
import { getColumns, listRelations, listSchemas } from './catalog.js';
import { isMissing, readProfile } from './credentials.js';
import { duckDbDialect, renderRelation } from './dialect.js';
import { exportQuery } from './export.js';
import { invalid } from './fields.js';

export interface DuckDbAdapterOptions {
  /** Where relative paths of the profile start. */
  readonly projectRoot: string;
}

/**
 * An adapter for a `type: duckdb` target. Throws UpsqlError (`invalid-profile`) for a wrong profile; opens nothing yet.
 *
 * Each running statement holds a thread of libuv's pool, of which Node starts four: with more sessions than that, set
 * `UV_THREADPOOL_SIZE` before Node starts any work.
 */
export function createDuckDbAdapter(credentials: YamlMap, options: DuckDbAdapterOptions): Adapter {
  const profile = readProfile(credentials, options.projectRoot);
  let instance: DuckDBInstance | undefined;
  const sessions = new Set<Session>();
  /** Threads that call back wait for this one in turn: with one more of them the processors have work meanwhile. */
  let addedThread: Promise<void> | undefined;
  const addThread = (session: Session): Promise<void> => {
    const chosen = 'threads' in profile.settings || 'threads' in profile.config;
    addedThread ??= chosen ? Promise.resolve() : oneThreadMore(session);
    return addedThread;
  };

  const attached = (database: string) =>
    profile.attachments.find((a) => a.alias.toLowerCase() === database.toLowerCase());

  return {
    type: 'duckdb',
    dialect: duckDbDialect,
    diagnostics: profile.warnings,
    database: profile.database,
    schema: profile.schema,

    async open({ create = true } = {}) {
      const { openInstance, prepareInstance } = await import('./open.js');
      const opened = await openInstance(profile, create);
      const connection = await opened.connect();
      try {
        await prepareInstance(connection, profile);
        instance = opened;
      } finally {
        connection.closeSync();
        if (instance === undefined) opened.closeSync();
      }
    },

    async session(name) {
      const [{ DuckDbSession }, { notOpen, prepareSession }] = await Promise.all([
        import('./session.js'),
        import('./open.js'),
      ]);
      if (instance === undefined) throw notOpen();
      const connection = await instance.connect();
      await prepareSession(connection, profile).catch((error: unknown) => {
        connection.closeSync();
        throw error;
      });
      const policy = { queryAttempts: profile.queryAttempts, exceptions: profile.retryableExceptions };
      const session = new DuckDbSession(
        name,
        connection,
        { policy, disableTransactions: profile.disableTransactions, onFunction: addThread },
        (closed) => sessions.delete(closed),
      );
      sessions.add(session);
      return session;
    },

    listSchemas,
    listRelations,
    getColumns,

    async createSchema(session, database, schema) {
      const type = attached(database)?.type;
      if (type === 'sqlite' && schema !== 'main')
        throw invalid(`a SQLite database has the schema 'main', not '${schema}'`);
      if (type === 'sqlite' || type === 'mysql') return;
      await session.execute(`create schema if not exists ${renderRelation({ database, schema, identifier: null })}`);
    },

    async dropSchema(session, database, schema) {
      await session.execute(`drop schema if exists ${renderRelation({ database, schema, identifier: null })} cascade`);
    },

    exportQuery,

    async describe() {
      const { version } = await import('@duckdb/node-api');
      return [
        ['path', profile.path],
        ...(isMissing(profile) ? [['file', 'not there yet: the first run makes it'] as const] : []),
        ['database', profile.database],
        ['schema', profile.schema],
        ['duckdb version', version()],
        ...profile.attachments.map((a) => ['attached', a.alias] as const),
        ...profile.extensions.map((e) => ['extension', e.name] as const),
      ];
    },

    async close() {
      for (const session of [...sessions]) await session.close();
      instance?.closeSync();
      instance = undefined;
      addedThread = undefined;
    },
  };
}

async function oneThreadMore(session: Session): Promise<void> {
  const { rows } = await session.execute("select current_setting('threads')");
  // Where the settings are locked, all is well with as many as there are.
  await session.execute(`set threads = ${Number(rows[0]?.[0]) + 1}`).catch(() => undefined);
}
