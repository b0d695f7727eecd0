import { describe, expect, it } from 'vitest';
import { createAdapter } from '../../../src/adapters/index.js';
import { readProfile } from '../../../src/adapters/snowflake/credentials.js';
import { UpsqlError } from '../../../src/diagnostics/index.js';
import type { Target, YamlMap } from '../../../src/project/project.js';

const base: YamlMap = { account: 'myorg-acc', user: 'ann', password: 'secret', database: 'DB', schema: 'SC' };
const read = (given: YamlMap) => readProfile({ ...base, ...given }, '/project');

function fault(given: YamlMap): string {
  try {
    read(given);
  } catch (error) {
    if (error instanceof UpsqlError) return `${error.diagnostics[0]?.code}: ${error.diagnostics[0]?.message}`;
  }
  throw new Error('no fault');
}

describe('a Snowflake profile', () => {
  it('gives the driver what dbt-snowflake gives to its own', () => {
    const profile = read({ role: 'R', warehouse: 'W', query_tag: 'tag', client_session_keep_alive: true });
    expect(profile.options).toMatchObject({
      account: 'myorg-acc',
      username: 'ann',
      password: 'secret',
      authenticator: 'SNOWFLAKE',
      role: 'R',
      warehouse: 'W',
      clientSessionKeepAlive: true,
      application: 'upsql',
    });
    expect([profile.queryTag, profile.url]).toEqual(['tag', 'https://myorg-acc.snowflakecomputing.com']);
    expect(profile.options).not.toHaveProperty('accessUrl');
  });

  it.each([
    [{ authenticator: 'externalbrowser', password: null }, 'EXTERNALBROWSER'],
    [{ authenticator: 'username_password_mfa' }, 'USERNAME_PASSWORD_MFA'],
    [{ authenticator: 'jwt', token: 't' }, 'OAUTH'],
    [{ authenticator: 'programmatic_access_token', token: 't' }, 'PROGRAMMATIC_ACCESS_TOKEN'],
    [{ authenticator: 'workload_identity', workload_identity_provider: 'AWS' }, 'WORKLOAD_IDENTITY'],
    [{ authenticator: 'https://corp.okta.com' }, 'https://corp.okta.com'],
  ] as const)('%j', (given, authenticator) => {
    expect(read(given).options.authenticator).toBe(authenticator);
  });

  it('takes host, port, protocol and a proxy', () => {
    const { options, url } = read({ host: 'h', port: 8080, protocol: 'http', proxy_host: 'p', proxy_port: 3128 });
    expect([url, options.accessUrl]).toEqual(['http://h:8080', 'http://h:8080']);
    expect(options).toMatchObject({ host: 'h', proxyHost: 'p', proxyPort: 3128 });
  });

  it.each([
    [{ password: null }, /'password' is missing/],
    [{ authenticator: 'oauth' }, /'token' is missing/],
    [{ authenticator: 'oauth', token: 't', oauth_client_id: 'x' }, /'oauth_client_secret' is missing/],
    [{ authenticator: 'nonsense' }, /authenticator 'nonsense' is not known/],
    [{ private_key: 'a', private_key_path: 'b' }, /are both set/],
    [{ private_key: 'bm90IGEga2V5' }, /could not be read/],
    [{ account: 'a/b' }, /is no account identifier/],
    [{ database: null }, /'database' is missing/],
    [{ proxy_host: 'p' }, /'proxy_port' is missing/],
    [{ protocol: 'ftp' }, /protocol 'ftp' is not known/],
    [{ connect_retries: -1 }, /'connect_retries' is -1; it has to be 0 or more/],
    [{ connect_timeout: 0 }, /'connect_timeout' is 0; it has to be 1 or more/],
    [{ port: 0 }, /'port' is 0/],
    [{ authenticator: 'workload_identity' }, /'workload_identity_provider' is missing/],
    [
      { authenticator: 'workload_identity', workload_identity_provider: 'IBM' },
      /workload_identity_provider 'IBM' is not known/,
    ],
    [
      { authenticator: 'workload_identity', workload_identity_provider: 'gcp', workload_identity_entra_resource: 'r' },
      /'workload_identity_entra_resource' is for AZURE, and the provider is GCP/,
    ],
  ] as const)('%j is told', (given, message) => {
    expect(fault(given)).toMatch(message);
    expect(fault(given)).toMatch(/^invalid-profile: Snowflake profile: /);
  });

  it.each([
    [{ oauth_client_id: 'i' }, /'oauth_client_id' and 'oauth_client_secret' have no effect/],
    [{ token: 't' }, /'token' has no effect/],
    [{ authenticator: 'oauth', token: 't' }, /^$/],
  ] as const)('%j is warned of where it is not read', (given, message) => {
    expect(
      read(given)
        .warnings.map((one) => `${one.severity}: ${one.message}`)
        .join(),
    ).toMatch(message);
  });

  it('takes what says how often to sign in, and what statements carry along', () => {
    expect(read({}).retryOn).toBe('network');
    expect(read({ retry_on_database_errors: true }).retryOn).toBe('database');
    expect(read({ retry_on_database_errors: true, retry_all: true }).retryOn).toBe('all');
    expect(read({ s3_stage_vpce_dns_name: 'vpce.amazonaws.com' }).parameters).toEqual({
      S3_STAGE_VPCE_DNS_NAME: 'vpce.amazonaws.com',
    });
    expect(read({ insecure_mode: true }).insecure).toBe(true);
    const times = (given: YamlMap) => [read(given).connectWait, read(given).connectTimeout];
    expect(times({ connect_timeout: 10 })).toEqual([10_000, 10_000]);
    // A person takes the time that it takes.
    expect(times({ connect_timeout: 10, authenticator: 'externalbrowser' })).toEqual([10_000, undefined]);
    expect(times({})).toEqual([undefined, undefined]);
  });

  it('is what a target of type snowflake makes an adapter of, without loading the driver', async () => {
    const target = { name: 'prod', type: 'snowflake', root: '/project', credentials: base } as unknown as Target;
    const adapter = await createAdapter({ target });
    expect([adapter.type, adapter.database, adapter.schema, adapter.dialect.fold]).toEqual([
      'snowflake',
      'DB',
      'SC',
      'upper',
    ]);
    const facts = await adapter.describe();
    expect(facts).toContainEqual(['sign-in', 'password']);
    expect(JSON.stringify(facts)).not.toContain('secret');
    await adapter.close();
  });
});
