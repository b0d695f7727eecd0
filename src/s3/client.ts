/** The SDK, loaded when a bucket is opened: it is heavy. */
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { BucketOptions } from './bucket.js';

export type Sdk = typeof import('@aws-sdk/client-s3');

export interface Connection {
  readonly sdk: Sdk;
  readonly client: S3Client;
  readonly bucket: string;
  /** For messages. */
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
}

const ATTEMPTS = 5;

/** Connects nothing yet. Throws Error for a proxy that is no address. */
export async function connect(options: BucketOptions): Promise<Connection> {
  // It would tell users of its plans for versions of Node to come.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const sdk = await import('@aws-sdk/client-s3');
  const env = options.env ?? process.env;
  const endpoint = options.endpoint ?? env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL;
  const config: S3ClientConfig = {
    maxAttempts: ATTEMPTS,
    requestHandler: await handler(endpoint ?? 'https://s3.amazonaws.com', env),
    // The parts have a checksum of their own; nothing is computed twice.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Waiting for leave to send each part costs a round trip, and more with servers that give none.
    expectContinueHeader: false,
  };
  if (endpoint !== undefined) config.endpoint = endpoint;
  if (options.profile !== undefined) config.profile = options.profile;
  if (options.credentials !== undefined) config.credentials = options.credentials;
  const path = options.forcePathStyle ?? (endpoint === undefined ? undefined : !/amazonaws\.com/.test(endpoint));
  if (path !== undefined) config.forcePathStyle = path;
  const client = new sdk.S3Client({ ...config, ...(options.region === undefined ? {} : { region: options.region }) });
  const region = await client.config.region().catch((error: unknown) => {
    if (endpoint === undefined) throw error;
    return undefined;
  });
  if (region !== undefined) return { sdk, client, bucket: options.bucket, region, endpoint };
  // Servers other than Amazon's mostly do not care.
  client.destroy();
  const fallback = new sdk.S3Client({ ...config, region: 'us-east-1' });
  return { sdk, client: fallback, bucket: options.bucket, region: 'us-east-1', endpoint };
}

async function handler(
  endpoint: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<NonNullable<S3ClientConfig['requestHandler']>> {
  const timeouts = { connectionTimeout: 10_000, socketTimeout: 60_000 };
  const { proxyFor } = await import('../packages/request.js');
  const proxy = proxyFor(new URL(endpoint), env as Record<string, string>);
  if (proxy === undefined) return timeouts;
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  // By CONNECT for http too: the signature covers the host, which a proxy that rewrites would break.
  const agent = new HttpsProxyAgent(proxy, { keepAlive: true });
  return { ...timeouts, httpAgent: agent, httpsAgent: agent };
}
