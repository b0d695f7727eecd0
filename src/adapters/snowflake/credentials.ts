/** A `type: snowflake` profile as the driver's connection options. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { ConnectionOptions } from 'snowflake-sdk';
import { type Diagnostic, problem, UpsqlError } from '../../diagnostics/index.js';
import type { YamlMap, YamlValue } from '../../project/project.js';

/** Sign-in by an OAuth refresh token: an access token is fetched for each session. */
export interface OauthRefresh {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}

export interface SnowflakeProfile {
  readonly account: string;
  readonly user: string | undefined;
  readonly database: string;
  readonly schema: string;
  readonly warehouse: string | undefined;
  readonly role: string | undefined;
  readonly queryTag: string | undefined;
  /** What the driver is given; a token of `oauth` is added to it. */
  readonly options: ConnectionOptions;
  readonly oauth: OauthRefresh | undefined;
  /** How the user signs in, for `upsql debug`. */
  readonly method: string;
  /** `https://account.snowflakecomputing.com`. */
  readonly url: string;
  /** Log-ins that are tried after the first failed one. */
  readonly connectRetries: number;
  /** Which failures of a log-in are worth another: of the network alone, those that Snowflake tells too, or any. */
  readonly retryOn: 'network' | 'database' | 'all';
  /** Session parameters that each statement carries. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Certificates are not asked about at their authority. */
  readonly insecure: boolean;
  /** Fields that have no effect as they are set. */
  readonly warnings: readonly Diagnostic[];
  /** Milliseconds between two log-ins; undefined: a wait that grows. */
  readonly connectWait: number | undefined;
  /** Milliseconds for a log-in; undefined where a person signs in, or the profile says nothing. */
  readonly connectTimeout: number | undefined;
  /** Texts that must appear in no message. */
  readonly secrets: readonly string[];
}

export function invalid(message: string, hint?: string): UpsqlError {
  return new UpsqlError(
    problem('invalid-profile', `Snowflake profile: ${message}`, hint === undefined ? {} : { hint }),
  );
}

function text(credentials: YamlMap, key: string): string | undefined {
  const value: YamlValue | undefined = credentials[key];
  return value === undefined || value === null || value === '' ? undefined : String(value);
}

/** An inline key is PEM, or the Base64 text of its DER form. */
function readKey(given: string, passphrase: string | undefined, from: string): string {
  const inPem = given.includes('-----BEGIN');
  const key = inPem
    ? { key: given.replaceAll('\\n', '\n'), format: 'pem' as const }
    : { key: Buffer.from(given, 'base64'), format: 'der' as const, type: 'pkcs8' as const };
  try {
    const read = createPrivateKey(passphrase === undefined ? key : { ...key, passphrase });
    if (read.asymmetricKeyType !== 'rsa') throw invalid(`the key in ${from} is no RSA key`);
    return read.export({ format: 'pem', type: 'pkcs8' }).toString();
  } catch (error) {
    if (error instanceof UpsqlError) throw error;
    const encrypted = /ENCRYPTED/.test(given) || /passphrase|interrupted or cancelled/i.test(String(error));
    throw invalid(
      encrypted && passphrase === undefined
        ? `the key in ${from} is encrypted and there is no private_key_passphrase`
        : `the key in ${from} could not be read${passphrase === undefined ? '' : ', or private_key_passphrase is wrong'}`,
      'It has to be an RSA key in PKCS#8 form, as `openssl genrsa 2048 | openssl pkcs8 -topk8` makes it.',
    );
  }
}

function keyFile(path: string, projectRoot: string): string {
  const file = resolve(projectRoot, path.replace(/^~(?=[\\/]|$)/, homedir()));
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw invalid(`private_key_path: ${file} could not be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
  }
}

interface SignIn {
  readonly method: string;
  readonly options: ConnectionOptions;
  readonly oauth?: OauthRefresh;
}

function missing(key: string, method: string): UpsqlError {
  return invalid(
    `'${key}' is missing, which ${method} needs`,
    `Set it from the environment: ${key}: "{{ env_var('DBT_ENV_SECRET_...') }}".`,
  );
}

function signIn(credentials: YamlMap, projectRoot: string): SignIn {
  const get = (key: string) => text(credentials, key);
  const need = (key: string, method: string): string => {
    const value = get(key);
    if (value === undefined) throw missing(key, method);
    return value;
  };
  const authenticator = get('authenticator');
  const method = authenticator?.toLowerCase();
  const key = get('private_key');
  const keyPath = get('private_key_path');
  if (key !== undefined && keyPath !== undefined)
    throw invalid("'private_key' and 'private_key_path' are both set; keep one");
  if (key !== undefined || keyPath !== undefined) {
    const given = key ?? keyFile(keyPath ?? '', projectRoot);
    const privateKey = readKey(
      given,
      get('private_key_passphrase'),
      key === undefined ? 'private_key_path' : 'private_key',
    );
    return { method: 'key pair', options: { authenticator: 'SNOWFLAKE_JWT', privateKey } };
  }
  switch (method) {
    case undefined:
    case 'snowflake':
      return {
        method: 'password',
        options: { authenticator: 'SNOWFLAKE', password: need('password', 'sign-in by password') },
      };
    case 'oauth': {
      const token = need('token', 'authenticator: oauth');
      const clientId = get('oauth_client_id');
      const clientSecret = get('oauth_client_secret');
      if (clientId === undefined && clientSecret === undefined)
        return { method: 'OAuth access token', options: { authenticator: 'OAUTH', token } };
      if (clientId === undefined || clientSecret === undefined)
        throw missing(clientId === undefined ? 'oauth_client_id' : 'oauth_client_secret', 'a refresh token');
      return {
        method: 'OAuth refresh token',
        options: { authenticator: 'OAUTH' },
        oauth: { clientId, clientSecret, refreshToken: token },
      };
    }
    case 'jwt':
      return { method: 'JWT', options: { authenticator: 'OAUTH', token: need('token', 'authenticator: jwt') } };
    case 'programmatic_access_token':
      return {
        method: 'programmatic access token',
        options: { authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token: need('token', 'a programmatic access token') },
      };
    case 'externalbrowser':
      return { method: 'browser', options: { authenticator: 'EXTERNALBROWSER', clientStoreTemporaryCredential: true } };
    case 'username_password_mfa':
      return {
        method: 'password with MFA',
        options: {
          authenticator: 'USERNAME_PASSWORD_MFA',
          password: need('password', 'username_password_mfa'),
          clientRequestMFAToken: true,
        },
      };
    case 'workload_identity':
      return {
        method: 'workload identity',
        options: {
          authenticator: 'WORKLOAD_IDENTITY',
          workloadIdentityProvider: workloadProvider(need('workload_identity_provider', 'workload_identity'), get),
          ...optional('workloadIdentityAzureEntraIdResource', get('workload_identity_entra_resource')),
          ...optional('token', get('token')),
        },
      };
    default:
      if (!/^https:\/\//i.test(authenticator ?? ''))
        throw invalid(
          `the authenticator '${authenticator}' is not known`,
          'Known: snowflake, externalbrowser, oauth, jwt, programmatic_access_token, username_password_mfa, workload_identity, or the URL of Okta.',
        );
      return {
        method: 'Okta',
        options: { authenticator: authenticator as string, password: need('password', 'sign-in by Okta') },
      };
  }
}

const PROVIDERS = ['AWS', 'AZURE', 'GCP', 'OIDC'] as const;

function workloadProvider(
  given: string,
  get: (key: string) => string | undefined,
): NonNullable<ConnectionOptions['workloadIdentityProvider']> {
  const provider = PROVIDERS.find((one) => one === given.toUpperCase());
  if (provider === undefined)
    throw invalid(`the workload_identity_provider '${given}' is not known`, `Known: ${PROVIDERS.join(', ')}.`);
  if (provider !== 'AZURE' && get('workload_identity_entra_resource') !== undefined)
    throw invalid(`'workload_identity_entra_resource' is for AZURE, and the provider is ${provider}`);
  return provider;
}

/** What is set and not read, as the way to sign in is another one. */
function unread(get: (key: string) => string | undefined): Diagnostic[] {
  const method = (get('authenticator') ?? 'snowflake').toLowerCase();
  const warn = (message: string, hint: string): Diagnostic =>
    problem('profile', `Snowflake profile: ${message}`, { severity: 'warning', hint });
  const found: Diagnostic[] = [];
  const keyed = get('private_key') !== undefined || get('private_key_path') !== undefined;
  if (method !== 'oauth' && (get('oauth_client_id') ?? get('oauth_client_secret')) !== undefined)
    found.push(warn("'oauth_client_id' and 'oauth_client_secret' have no effect", 'Set authenticator: oauth.'));
  if (
    !['oauth', 'jwt', 'programmatic_access_token', 'workload_identity'].includes(method) &&
    get('token') !== undefined
  )
    found.push(
      warn("'token' has no effect", 'Set authenticator to oauth, jwt, programmatic_access_token or workload_identity.'),
    );
  if (keyed && get('password') !== undefined)
    found.push(warn("'password' has no effect beside a private key", 'Take one of them out.'));
  return found;
}

function byPerson(method: string): boolean {
  return ['browser', 'password with MFA', 'Okta'].includes(method);
}

/** A whole number of at least `least`. */
function count(get: (key: string) => string | undefined, key: string, least: number): number | undefined {
  const value = get(key);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < least) throw invalid(`'${key}' is ${value}; it has to be ${least} or more`);
  return number;
}

function optional<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: T };
}

/** Throws UpsqlError (`invalid-profile`) for what is missing or contradicts itself; no value is in its message. */
export function readProfile(credentials: YamlMap, projectRoot: string): SnowflakeProfile {
  const get = (key: string) => text(credentials, key);
  const account = get('account');
  const database = get('database');
  const schema = get('schema');
  if (account === undefined || database === undefined || schema === undefined)
    throw invalid(`'${account === undefined ? 'account' : database === undefined ? 'database' : 'schema'}' is missing`);
  if (!/^[A-Za-z0-9.-]+$/.test(account.replaceAll('_', '-')))
    throw invalid(
      `the account '${account}' is no account identifier`,
      'It is the part before .snowflakecomputing.com: myorg-myaccount.',
    );
  const { method, options, oauth } = signIn(credentials, projectRoot);
  const port = count(get, 'port', 1);
  const proxyHost = get('proxy_host');
  const proxyPort = count(get, 'proxy_port', 1);
  if (proxyHost !== undefined && proxyPort === undefined) throw invalid("'proxy_port' is missing beside 'proxy_host'");
  const protocol = (get('protocol') ?? 'https').toLowerCase();
  if (!/^https?$/.test(protocol))
    throw invalid(`the protocol '${protocol}' is not known`, 'It is https (or http, in tests).');
  const host = get('host') ?? `${account}.snowflakecomputing.com`;
  const url = `${protocol}://${host}${port === undefined ? '' : `:${port}`}`;
  const queryTag = get('query_tag');
  const timeout = count(get, 'connect_timeout', 1);
  const retries = count(get, 'connect_retries', 0) ?? 1;
  const vpce = get('s3_stage_vpce_dns_name');
  const secretKeys = ['password', 'private_key', 'private_key_passphrase', 'token', 'oauth_client_secret'];
  return {
    account,
    user: get('user'),
    database,
    schema,
    warehouse: get('warehouse'),
    role: get('role'),
    queryTag,
    method,
    url,
    oauth,
    connectRetries: retries,
    connectWait: timeout === undefined ? undefined : timeout * 1000,
    connectTimeout: timeout === undefined || byPerson(method) ? undefined : timeout * 1000,
    retryOn:
      credentials.retry_all === true ? 'all' : credentials.retry_on_database_errors === true ? 'database' : 'network',
    parameters: vpce === undefined ? {} : { S3_STAGE_VPCE_DNS_NAME: vpce },
    insecure: credentials.insecure_mode === true,
    warnings: unread(get),
    secrets: secretKeys.flatMap((key) => get(key) ?? []),
    options: {
      account,
      ...optional('username', get('user')),
      ...(get('host') === undefined && port === undefined && get('protocol') === undefined
        ? {}
        : { host, accessUrl: url }),
      database,
      schema,
      ...optional('warehouse', get('warehouse')),
      ...optional('role', get('role')),
      ...(proxyHost === undefined ? {} : { proxyHost, proxyPort }),
      application: 'upsql',
      clientSessionKeepAlive: credentials.client_session_keep_alive === true,
      rowMode: 'array',
      representNullAsStringNull: false,
      validateDefaultParameters: true,
      sfRetryMaxLoginRetries: retries,
      ...options,
    },
  };
}
