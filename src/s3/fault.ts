/** What went wrong with S3, in words that say what to do. Messages of the SDK are not passed on whole: some have addresses. */
import { type Diagnostic, problem, UpsqlError } from '../diagnostics/index.js';

export interface Doing {
  readonly bucket: string;
  /** `upload data/a.csv to loading/a.csv`. */
  readonly what: string;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
}

interface SdkFault {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly code: string;
  readonly region: string | undefined;
}

const CHAIN =
  'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run with a role; profiles.yml may name a profile under s3.';
const NETWORK =
  /^(ECONN|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO)/;

function read(error: unknown): SdkFault {
  const get = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const response = get(error, '$response');
  const headers = get(response, 'headers');
  const cause = get(error, 'cause');
  const status = get(get(error, '$metadata'), 'httpStatusCode') ?? get(response, 'statusCode');
  const message = text(get(error, 'message'));
  const region =
    text(get(error, 'Region')) ||
    text(get(headers, 'x-amz-bucket-region')) ||
    (/expecting ['"]([\w-]+)/.exec(message)?.[1] ?? '');
  return {
    name: text(get(error, 'Code')) || text(get(error, 'name')),
    message,
    status: typeof status === 'number' ? status : undefined,
    code: text(get(error, 'code')) || text(get(cause, 'code')),
    region: region === '' ? undefined : region,
  };
}

/** The diagnostic for a fault of the SDK or of the network. */
export function s3Fault(error: unknown, doing: Doing): UpsqlError {
  if (error instanceof UpsqlError) return error;
  return new UpsqlError(describe(read(error), doing), 1);
}

function describe(fault: SdkFault, { bucket, what, region, endpoint }: Doing): Diagnostic {
  const { name, status, code } = fault;
  const say = (kind: string, why: string, hint: string): Diagnostic =>
    problem(`s3-${kind}`, `Can't ${what} (bucket '${bucket}'): ${why}`, { hint });
  if (name === 'NoSuchBucket')
    return say(
      'missing-bucket',
      'there is no such bucket',
      'Check the name, the endpoint and the account; upsql makes no buckets.',
    );
  if (
    name === 'PermanentRedirect' ||
    name === 'AuthorizationHeaderMalformed' ||
    name === 'IllegalLocationConstraintException' ||
    status === 301
  )
    return say(
      'wrong-region',
      `the bucket is in ${fault.region === undefined ? 'another region' : `region ${fault.region}`}, not ${region ?? 'the one asked'}`,
      `Set AWS_REGION, or region under s3 in profiles.yml${fault.region === undefined ? '' : `, to ${fault.region}`}.`,
    );
  if (name === 'SignatureDoesNotMatch')
    return say('credentials', 'the secret access key is not the one of this access key id', CHAIN);
  if (
    name === 'InvalidAccessKeyId' ||
    name === 'InvalidToken' ||
    name === 'InvalidClientTokenId' ||
    name === 'XAdminUserNotFound'
  )
    return say('credentials', 'the server does not know the access key id or the session token', CHAIN);
  if (name === 'ExpiredToken' || name === 'ExpiredTokenException' || name === 'TokenRefreshRequired')
    return say(
      'credentials',
      'the credentials have expired',
      'Sign in again (aws sso login, for instance), then run again to go on.',
    );
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError')
    return say('credentials', 'no credentials were found', CHAIN);
  if (name === 'RequestTimeTooSkewed' || name === 'RequestExpired')
    return say(
      'clock-skew',
      "this machine's clock is off by more than S3 accepts",
      'Set the clock (NTP), then run again.',
    );
  if (name === 'AccessDenied' || name === 'AllAccessDisabled' || name === 'Forbidden' || status === 403)
    return say(
      'denied',
      'access is denied',
      'The identity needs s3:PutObject, s3:GetObject, s3:AbortMultipartUpload, s3:ListMultipartUploadParts and s3:ListBucket here.',
    );
  if (name === 'NoSuchKey' || name === 'NotFound' || status === 404)
    return say('missing-object', 'it is not there', 'List the bucket to see what is.');
  if (name === 'SlowDown' || name === 'TooManyRequestsException' || status === 429)
    return say(
      'throttled',
      'the server asks to slow down, again and again',
      'Run again later to go on, perhaps with fewer at a time.',
    );
  if (name === 'BadDigest' || name === 'XAmzContentSHA256Mismatch' || name === 'XAmzContentChecksumMismatch')
    return say(
      'checksum',
      'what arrived is not what was sent',
      'Run again; if it stays, look at the memory of this machine and at proxies.',
    );
  if (name === 'RegionIsMissing' || /region is missing/i.test(fault.message))
    return say('region', 'no region is set', 'Set AWS_REGION, or region under s3 in profiles.yml.');
  const cut = NETWORK.test(code) || name === 'TimeoutError' || /socket hang up|ECONNRESET|network/i.test(fault.message);
  if (cut && status === undefined)
    return say(
      'network',
      `${endpoint === undefined ? 'the server' : new URL(endpoint).host} can't be reached${code === '' ? '' : ` (${code})`}`,
      'Check the network, the endpoint and HTTPS_PROXY; run again to go on where it broke off.',
    );
  if (status !== undefined && status >= 500)
    return say(
      'server',
      `the server fails again and again (HTTP ${status})`,
      'Run again later to go on where it broke off.',
    );
  const shown = status === undefined ? code : `HTTP ${status}`;
  const named = /^[A-Za-z]{1,60}$/.test(name) ? name : 'an error without a name';
  return say(
    'failed',
    `${named}${shown === '' ? '' : ` (${shown})`}`,
    'The error names of S3 are in its documentation.',
  );
}
