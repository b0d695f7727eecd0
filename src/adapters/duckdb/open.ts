import { constants, existsSync, statSync } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import { DatabaseError } from '../adapter.js';
import { type DuckDbProfile, isMissing } from './credentials.js';
import { quoteIdentifier, quoteLiteral } from './dialect.js';
import { exceptionName, toDatabaseError } from './errors.js';

/** A message without any text of the profile that is confidential. */
function redact(message: string, profile: DuckDbProfile): string {
  return profile.confidential
    .reduce((text, secret) => text.replaceAll(secret, '***'), message)
    .replace(
      /(\w+:\/\/[^\s:/@]+:)[^\s@]+@|(password\s*=\s*)\S+/gi,
      (_, url: string | undefined, key: string | undefined) => (url ? `${url}***@` : `${key}***`),
    );
}

/** What went wrong when a file was opened, and what to do about it. */
function openError(error: unknown, profile: DuckDbProfile): UpsqlError {
  const { path } = profile;
  const text = redact(toDatabaseError(error, '').message, profile);
  const fail = (code: string, message: string, hint: string) =>
    new UpsqlError(problem(code, message, { hint }), 2, error);
  const lock = /Could not set lock on file[\s\S]*?(?:held in (.+?) \(PID (\d+)\))/.exec(text);
  if (lock) {
    return fail(
      'database-locked',
      `${path} is in use by another process: PID ${lock[2]} (${lock[1]}).`,
      `A DuckDB file has one writing process at a time. Wait for process ${lock[2]} to end or close it, then run again ` +
        "(or set 'retries: {connect_attempts: 5}' in the profile to wait for it).",
    );
  }
  if (/Could not set lock/.test(text))
    return fail('database-locked', `${path} is in use by another process.`, 'Close it, then run again.');
  if (/not a valid DuckDB database file/.test(text))
    return fail(
      'not-a-database',
      `${path} exists, but is no DuckDB database.`,
      "Check 'path' in the profile; move that file away if a new database is to be made there.",
    );
  if (/version number|storage version/i.test(text))
    return fail(
      'database-version',
      text,
      'The file was written by another DuckDB version; export it with that version.',
    );
  if (/No space left|disk full/i.test(text))
    return fail('disk-full', `No space left on the disk of ${path}.`, 'Free some space; the file is as it was.');
  if (/Permission denied|Read-only file system/i.test(text))
    return fail(
      'database-not-writable',
      `${path} can't be opened for writing.`,
      "Check the permissions of the file and its folder, or set 'read_only: true' in the profile to query it only.",
    );
  if (profile.readOnly && /does not exist|read-only mode/i.test(text))
    return fail('database-missing', `${path} does not exist, and the profile opens it read-only.`, "Check 'path'.");
  return fail('database-open-failed', `DuckDB can't open ${path}: ${text}`, "Check 'path' and 'config_options'.");
}

async function makeFolder(profile: DuckDbProfile): Promise<void> {
  if (!isAbsolute(profile.path) || profile.readOnly) return;
  const folder = dirname(profile.path);
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UpsqlError(
      problem('database-open-failed', `The folder of ${profile.path} can't be made: ${why}`, {
        hint: "Check 'path' in the profile and the permissions of the folder.",
      }),
      2,
      error,
    );
  }
}

/** The folder that is there, however far up, in which the file's folders would be made. */
async function checkFolder({ path }: DuckDbProfile): Promise<void> {
  let folder = dirname(path);
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  try {
    if (!statSync(folder).isDirectory()) throw new Error(`${folder} is a file`);
    await access(folder, constants.W_OK);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UpsqlError(
      problem('database-open-failed', `${path} is not there and can't be made: ${why}`, {
        hint: "Check 'path' in the profile and the permissions of the folder.",
      }),
      2,
      error,
    );
  }
}

/**
 * Opens the file, again after 1, 2, 4 ... seconds as the profile's `retries` say. With `create` false a file that is not there
 * is not made: its folder is checked, and a database in memory takes its place.
 */
export async function openInstance(profile: DuckDbProfile, create = true): Promise<DuckDBInstance> {
  if (!create && isMissing(profile) && !profile.readOnly) {
    await checkFolder(profile);
    return DuckDBInstance.create(':memory:', { ...profile.config });
  }
  await makeFolder(profile);
  for (let attempt = 1; ; attempt++) {
    try {
      return profile.path === ':memory:'
        ? await DuckDBInstance.create(':memory:', { ...profile.config })
        : await DuckDBInstance.fromCache(profile.path, { ...profile.config });
    } catch (error) {
      const again = attempt < profile.connectAttempts && profile.retryableExceptions.includes(exceptionName(error));
      if (!again) throw openError(error, profile);
      await sleep(1000 * 2 ** (attempt - 1));
    }
  }
}

async function prepareStep(
  connection: DuckDBConnection,
  profile: DuckDbProfile,
  sql: string,
  what: string,
  hint: string,
) {
  try {
    await connection.run(sql);
  } catch (error) {
    const message = redact(toDatabaseError(error, '').message, profile);
    throw new UpsqlError(problem('database-setup-failed', `${what}: ${message}`, { hint }), 2);
  }
}

/** Extensions, secrets and attached databases, once for the instance. */
export async function prepareInstance(connection: DuckDBConnection, profile: DuckDbProfile): Promise<void> {
  for (const { name, repository } of profile.extensions) {
    const from =
      repository === undefined ? '' : ` from ${/^\w+$/.test(repository) ? repository : quoteLiteral(repository)}`;
    const quoted = quoteIdentifier(name);
    const hint = `Check the name under 'extensions'. DuckDB downloads an extension the first time; offline, install '${name}' beforehand.`;
    await prepareStep(connection, profile, `install ${quoted}${from}; load ${quoted}`, `Extension '${name}'`, hint);
  }
  for (const sql of profile.secrets)
    await prepareStep(connection, profile, sql, 'A secret of the profile', "Check the entry under 'secrets'.");
  for (const { alias, sql } of profile.attachments)
    await prepareStep(connection, profile, sql, `Database '${alias}'`, "Check the entry under 'attach'.");
}

/** The settings of one connection: the profile's, and errors with exact positions. */
export async function prepareSession(connection: DuckDBConnection, profile: DuckDbProfile): Promise<void> {
  await connection.run('set errors_as_json = true');
  for (const [key, value] of Object.entries(profile.settings)) {
    const sql = `set ${quoteIdentifier(key)} = ${quoteLiteral(value)}`;
    await prepareStep(connection, profile, sql, `Setting '${key}'`, "Check the entry under 'settings'.");
  }
}

/** For a call before `open()`. */
export function notOpen(): DatabaseError {
  return new DatabaseError('The DuckDB adapter is not open.', '');
}
