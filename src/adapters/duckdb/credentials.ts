import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';
import { type Diagnostic, didYouMean } from '../../diagnostics/index.js';
import type { YamlMap, YamlValue } from '../../project/project.js';
import { type Attachment, databaseNameOf, readAttachments, resolveFile } from './attach.js';
import { asCount, asList, asMap, asText, asTexts, invalid, isMapping, optionalText } from './fields.js';
import { secretStatements, secretTexts } from './secrets.js';

export interface Extension {
  readonly name: string;
  /** `community`, `core_nightly` or a URL. */
  readonly repository: string | undefined;
}

/** A checked `type: duckdb` output of profiles.yml. Statements in it may hold secrets. */
export interface DuckDbProfile {
  /** Absolute path, `:memory:`, or a URL that an extension knows. */
  readonly path: string;
  readonly database: string;
  readonly schema: string;
  readonly readOnly: boolean;
  /** For the instance, when it opens. */
  readonly config: Readonly<Record<string, string>>;
  /** For every session, by `set`. */
  readonly settings: Readonly<Record<string, string>>;
  readonly extensions: readonly Extension[];
  readonly attachments: readonly Attachment[];
  readonly secrets: readonly string[];
  readonly connectAttempts: number;
  readonly queryAttempts: number;
  readonly retryableExceptions: readonly string[];
  readonly disableTransactions: boolean;
  /** Texts that no message may hold. */
  readonly confidential: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

const READ = [
  'type',
  'path',
  'database',
  'schema',
  'threads',
  'config_options',
  'settings',
  'extensions',
  'attach',
  'secrets',
  'retries',
  'disable_transactions',
  'read_only',
  'external_root',
  'keep_open',
  'is_ducklake',
  'motherduck_token',
  'use_credential_provider',
  // Read where Python models are run.
  'module_paths',
  'python',
];
const PYTHON_ONLY: Readonly<Record<string, string>> = {
  plugins: 'plugins of dbt-duckdb are Python modules; read such sources by an extension or a TypeScript model',
  filesystems: 'it names Python file systems; use the httpfs extension and secrets',
  flights: 'it configures Python models',
};

function warning(message: string, hint?: string): Diagnostic {
  const base = { severity: 'warning', code: 'ignored-profile-setting', message: `DuckDB profile: ${message}` } as const;
  return hint === undefined ? base : { ...base, hint };
}

/** The extensions of a target. Throws UpsqlError (`invalid-profile`). */
export function readExtensions(credentials: YamlMap): Extension[] {
  return asList(credentials.extensions, 'extensions').map((item) => {
    if (!isMapping(item)) return { name: asText(item, 'an entry of extensions'), repository: undefined };
    const entry = asMap(item, 'an entry of extensions');
    return { name: asText(entry.name, 'extensions.name'), repository: optionalText(entry.repo, 'extensions.repo') };
  });
}

/** Keys that say something: a profile is read with all of dbt-duckdb's defaults, most of which are empty. */
function unknownKeys(credentials: YamlMap): Diagnostic[] {
  const isEmpty = (value: YamlValue | undefined) =>
    value === null || (typeof value === 'object' && Object.keys(value).length === 0);
  return Object.keys(credentials)
    .filter((key) => !READ.includes(key) && !isEmpty(credentials[key]))
    .map((key) => {
      const why = PYTHON_ONLY[key];
      return why === undefined
        ? warning(`'${key}' is no setting of a DuckDB target`, didYouMean(key, READ))
        : warning(`'${key}' has no effect here: ${why}`);
    });
}

/**
 * Reads a `type: duckdb` target with dbt-duckdb's fields; relative paths start at `root`.
 * Throws UpsqlError (`invalid-profile`) for values that can't be right.
 */
export function readProfile(credentials: YamlMap, root: string): DuckDbProfile {
  if (credentials.remote) throw invalid("'remote' (a Buena Vista server) is not supported", 'Use a file or :memory:.');
  const written = optionalText(credentials.path, 'path') ?? ':memory:';
  const path = resolveFile(written.replace(/^~(?=\/|$)/, homedir()), root);
  const attachments = readAttachments(credentials.attach, root);
  const byPath = databaseNameOf(path);
  const database = optionalText(credentials.database, 'database') ?? byPath;
  if (database !== byPath && !attachments.some((a) => a.alias === database))
    throw invalid(
      `'database' is '${database}', but the database of '${written}' is called '${byPath}'`,
      `Leave 'database' out, or name it '${byPath}' or an alias under 'attach'.`,
    );
  const retries = asMap(credentials.retries, 'retries');
  const config = asTexts(credentials.config_options, 'config_options');
  const readOnly = credentials.read_only === true || config.access_mode?.toLowerCase() === 'read_only';
  const settings = asTexts(credentials.settings, 'settings');
  const token = optionalText(credentials.motherduck_token, 'motherduck_token');
  if (token !== undefined) {
    if ((settings.motherduck_token ?? token) !== token)
      throw invalid("'motherduck_token' is given twice, with different values");
    settings.motherduck_token = token;
  }
  const secrets = secretStatements(credentials.secrets);
  const provider = optionalText(credentials.use_credential_provider, 'use_credential_provider');
  if (provider === 'aws') secrets.push('create or replace secret __upsql_aws (type s3, provider credential_chain)');
  else if (provider !== undefined) throw invalid(`'use_credential_provider' knows 'aws', not '${provider}'`);
  return {
    path,
    database,
    schema: optionalText(credentials.schema, 'schema') ?? 'main',
    readOnly,
    config: readOnly ? { ...config, access_mode: 'READ_ONLY' } : config,
    settings,
    extensions: readExtensions(credentials),
    attachments,
    secrets,
    connectAttempts: asCount(retries.connect_attempts, 'retries.connect_attempts', 1),
    queryAttempts: asCount(retries.query_attempts, 'retries.query_attempts', 1),
    retryableExceptions: asList(retries.retryable_exceptions ?? ['IOException'], 'retries.retryable_exceptions').map(
      String,
    ),
    disableTransactions: credentials.disable_transactions === true,
    confidential: [
      ...secretTexts(credentials.secrets),
      ...Object.entries(settings).flatMap(([k, v]) => (/token|secret|password|key/i.test(k) ? secretTexts(v) : [])),
    ],
    warnings: unknownKeys(credentials),
  };
}

/** Whether the database is a file that is not there. */
export function isMissing({ path }: Pick<DuckDbProfile, 'path'>): boolean {
  return isAbsolute(path) && !existsSync(path);
}
