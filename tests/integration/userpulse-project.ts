import { cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { type Ran, upsql } from '../unit/cli/compiled-bin.js';

const repository = new URL('../../', import.meta.url).pathname;

/** A copy of UserPulse in a folder of its own, with room for raw data. */
export function copyUserPulse(): string {
  const root = mkdtempSync(join(tmpdir(), 'userpulse-'));
  for (const part of ['dbt_project.yml', 'models', 'seeds', 'macros', 'snapshots', 'tests/data']) {
    cpSync(join(repository, part), join(root, part), { recursive: true });
  }
  mkdirSync(join(root, 'data/raw'), { recursive: true });
  return root;
}

/** Runs `upsql` in the project, and fails with its output when it does not end as expected. */
export function run(root: string, args: readonly string[], code = 0): Ran {
  const ran = upsql(root, args);
  if (ran.code !== code)
    throw new Error(`upsql ${args.join(' ')} ended with ${ran.code}\n${ran.stdout}\n${ran.stderr}`);
  return ran;
}

/** A connection with the project's database attached as `built`, for reading. */
export async function openBuilt(root: string, path = 'target/userpulse.duckdb'): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`attach '${join(root, path)}' as built (read_only)`);
  await connection.run('use built.main');
  return connection;
}

/** Lets the database go, so that the next run may write to it. */
export async function closeBuilt(connection: DuckDBConnection): Promise<void> {
  await connection.run('use memory');
  await connection.run('detach built');
}

export async function query(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
}

/** Rows that only one of two queries gives, how often they differ counted. */
export async function difference(
  connection: DuckDBConnection,
  one: string,
  other: string,
): Promise<Record<string, unknown>[]> {
  return query(
    connection,
    `select * from (
      (select 'only here' as side, * from ((${one}) except all (${other})))
      union all
      (select 'only there' as side, * from ((${other}) except all (${one})))
    ) limit 5`,
  );
}
