/** Credentials of profiles.yml by adapter type: their shape, their defaults, and what `target` shows of them. */
import path from 'node:path';
import * as v from 'valibot';
import { type Diagnostic, didYouMean, problem } from '../diagnostics/index.js';
import { check, flag, integer, map, number, object, openObject, text } from './check.js';
import type { Target, YamlMap, YamlValue } from './project.js';
import type { YamlFile, YamlPath } from './yaml.js';
import { isYamlMap } from './yaml-map.js';

interface Kind {
  readonly schema: v.GenericSchema;
  /** Other names of a key (`dbname` for `database`). */
  readonly aliases: Readonly<Record<string, string>>;
  readonly defaults: YamlMap;
  /** The keys that `target` shows; no secret is among them. */
  readonly shown: readonly string[];
  /** Fills what follows from other keys; gives the message of a contradiction. */
  complete(credentials: YamlMap): string | undefined;
}

const nullable = {
  text: () => v.nullish(text()),
  integer: () => v.nullish(integer()),
  flag: () => v.nullish(flag()),
  map: () => v.nullish(map()),
};

/** Where files go on their way to the warehouse; what is left out comes by the AWS chain. No secrets: a profile names them. */
const s3 = () =>
  v.nullish(
    object({
      bucket: nullable.text(),
      prefix: nullable.text(),
      integration: nullable.text(),
      stage: nullable.text(),
      region: nullable.text(),
      endpoint: nullable.text(),
      path_style: nullable.flag(),
      profile: nullable.text(),
    }),
  );

const duckdb: Kind = {
  schema: object({
    database: v.optional(text()),
    schema: v.optional(text()),
    path: v.optional(text()),
    config_options: nullable.map(),
    extensions: v.nullish(
      v.array(
        v.union(
          [v.string(), openObject({ name: text(), repo: text() })],
          'expected a name, or a map with name and repo',
        ),
        'expected a list of extensions',
      ),
    ),
    settings: nullable.map(),
    secrets: v.nullish(v.array(openObject({ type: text() }), 'expected a list of maps, each with a type')),
    external_root: v.optional(text()),
    use_credential_provider: nullable.text(),
    attach: v.nullish(
      v.array(
        object({
          path: text(),
          type: nullable.text(),
          alias: nullable.text(),
          secret: nullable.text(),
          read_only: v.optional(flag()),
          options: nullable.map(),
          is_ducklake: nullable.flag(),
        }),
        'expected a list of maps, each with a path',
      ),
    ),
    filesystems: v.nullish(v.array(map(), 'expected a list of maps')),
    remote: v.nullish(openObject({ host: text(), port: integer(), user: text(), password: nullable.text() })),
    plugins: v.nullish(
      v.array(openObject({ module: text(), alias: nullable.text(), config: nullable.map() }), 'expected a list'),
    ),
    disable_transactions: v.optional(flag()),
    keep_open: v.optional(flag()),
    module_paths: v.nullish(v.array(text(), 'expected a list of paths')),
    python: nullable.text(),
    retries: v.nullish(
      object({
        connect_attempts: v.optional(integer()),
        query_attempts: nullable.integer(),
        retryable_exceptions: v.optional(v.array(text())),
      }),
    ),
    flights: nullable.map(),
    is_ducklake: nullable.flag(),
    motherduck_token: nullable.text(),
  }),
  aliases: {},
  defaults: {
    schema: 'main',
    path: ':memory:',
    config_options: null,
    extensions: null,
    settings: {},
    external_root: '.',
    use_credential_provider: null,
    attach: null,
    filesystems: null,
    remote: null,
    plugins: null,
    disable_transactions: false,
  },
  shown: (
    'database schema path config_options extensions settings external_root use_credential_provider attach ' +
    'filesystems remote plugins disable_transactions'
  ).split(' '),
  complete(credentials) {
    const derived = databaseOfPath(String(credentials.path));
    if (derived === '') return "the name of the database can not be told from 'path'";
    const given = credentials.database;
    credentials.database ??= derived;
    const aliases = Array.isArray(credentials.attach)
      ? credentials.attach.map((entry) => (isYamlMap(entry) ? entry.alias : null))
      : [];
    if (given !== undefined && given !== derived && credentials.remote === null && !aliases.includes(given))
      return `'database' must be '${derived}', the name of the file in 'path', or an alias under 'attach'`;
    return undefined;
  },
};

const snowflake: Kind = {
  schema: object({
    account: text(),
    database: text(),
    schema: text(),
    user: nullable.text(),
    warehouse: nullable.text(),
    role: nullable.text(),
    password: nullable.text(),
    authenticator: nullable.text(),
    private_key: nullable.text(),
    private_key_path: nullable.text(),
    private_key_passphrase: nullable.text(),
    token: nullable.text(),
    oauth_client_id: nullable.text(),
    oauth_client_secret: nullable.text(),
    query_tag: nullable.text(),
    client_session_keep_alive: v.optional(flag()),
    host: nullable.text(),
    port: nullable.integer(),
    proxy_host: nullable.text(),
    proxy_port: nullable.integer(),
    protocol: nullable.text(),
    connect_retries: v.optional(integer()),
    connect_timeout: nullable.integer(),
    retry_on_database_errors: v.optional(flag()),
    retry_all: v.optional(flag()),
    insecure_mode: nullable.flag(),
    reuse_connections: nullable.flag(),
    s3_stage_vpce_dns_name: nullable.text(),
    workload_identity_provider: nullable.text(),
    workload_identity_entra_resource: nullable.text(),
    platform_detection_timeout_seconds: v.nullish(number()),
    s3: s3(),
  }),
  aliases: {},
  defaults: {
    user: null,
    warehouse: null,
    role: null,
    authenticator: null,
    oauth_client_id: null,
    query_tag: null,
    client_session_keep_alive: false,
    host: null,
    port: null,
    proxy_host: null,
    proxy_port: null,
    protocol: null,
    connect_retries: 1,
    connect_timeout: null,
    retry_on_database_errors: false,
    retry_all: false,
    insecure_mode: false,
    reuse_connections: null,
    s3_stage_vpce_dns_name: null,
    workload_identity_provider: null,
    workload_identity_entra_resource: null,
    platform_detection_timeout_seconds: 0,
  },
  shown: (
    'account user database warehouse role schema authenticator oauth_client_id query_tag client_session_keep_alive ' +
    'host port proxy_host proxy_port protocol connect_retries connect_timeout retry_on_database_errors retry_all ' +
    'insecure_mode reuse_connections s3_stage_vpce_dns_name workload_identity_provider ' +
    'workload_identity_entra_resource platform_detection_timeout_seconds'
  ).split(' '),
  complete(credentials) {
    credentials.account = String(credentials.account).replaceAll('_', '-');
    if (credentials.client_session_keep_alive === false) credentials.reuse_connections ??= true;
    const tokens = ['oauth', 'jwt', 'programmatic_access_token'];
    const authenticator = String(credentials.authenticator ?? '');
    if (!credentials.user && !tokens.includes(authenticator) && authenticator.toLowerCase() !== 'workload_identity')
      return "'user' is required unless 'authenticator' is a token method";
    return undefined;
  },
};

const KINDS: Readonly<Record<string, Kind>> = { duckdb, snowflake };

export const credentialSchemas: Readonly<Record<string, v.GenericSchema>> = {
  duckdb: duckdb.schema,
  snowflake: snowflake.schema,
};

/**
 * Credentials with their defaults, from an output of profiles.yml (`type` and `threads` taken out). Problems go to
 * `diagnostics`: wrong values as errors, unknown keys as warnings (dbt lets them pass). No value is ever quoted.
 */
export function readCredentials(
  type: string,
  output: YamlMap,
  document: YamlFile,
  at: YamlPath,
  what: string,
  source: string,
  diagnostics: Diagnostic[],
): YamlMap {
  const kind = KINDS[type];
  if (kind === undefined) {
    const known = Object.keys(KINDS);
    diagnostics.push(
      problem('unknown-adapter', `${what} has the type '${type}', which is not supported`, {
        place: document.locate([...at, 'type']),
        source,
        hint: `${didYouMean(type, known) ?? ''} Supported: ${known.join(', ')}.`.trim(),
      }),
    );
    return output;
  }
  const found = check(kind.schema, output, document, { at, what, source, unknownKeys: 'warning' });
  diagnostics.push(...found);
  const credentials: YamlMap = { ...structuredClone(kind.defaults) };
  for (const [key, value] of Object.entries(output)) {
    const name = kind.aliases[key] ?? key;
    if (value !== null || credentials[name] === undefined) credentials[name] = value;
  }
  if (found.some((diagnostic) => diagnostic.severity === 'error')) return credentials;
  const contradiction = kind.complete(credentials);
  if (contradiction !== undefined)
    diagnostics.push(problem('invalid-value', `${what}: ${contradiction}`, { place: document.locate(at), source }));
  return credentials;
}

/** What `target` is in Jinja: the keys dbt shows of the credentials (no secrets), and the target's own name and threads. */
export function targetContext(target: Target): Record<string, YamlValue> {
  const context: Record<string, YamlValue> = {};
  for (const key of KINDS[target.type]?.shown ?? []) context[key] = target.credentials[key] ?? null;
  return {
    ...context,
    type: target.type,
    threads: target.threads,
    name: target.name,
    target_name: target.name,
    profile_name: target.profileName,
  };
}

/**
 * The name DuckDB gives to the database in a file: its base name up to the first dot (`a/my.db.duckdb` is `my`), `memory`
 * for `:memory:`, and the name in a MotherDuck or DuckLake address.
 */
export function databaseOfPath(file: string): string {
  if (file === ':memory:') return 'memory';
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(file)?.[1]?.toLowerCase() ?? '';
  const rest = file.replace(/^[a-zA-Z][a-zA-Z0-9+.-]*:/, '').replace(/[?#].*$/, '');
  const base = path.posix.basename(rest);
  if (scheme === 'md' || scheme === 'motherduck') return path.posix.parse(base).name || 'my_db';
  if (scheme === 'ducklake') return path.posix.parse(base.replace(/^[a-zA-Z][a-zA-Z0-9+.-]*:/, '')).name;
  return base.replace(/^\.+/, '').split('.')[0] ?? '';
}
