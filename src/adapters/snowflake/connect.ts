import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'snowflake-sdk';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { OauthRefresh, SnowflakeProfile } from './credentials.js';
import { loadDriver } from './driver.js';
import { errorCode, httpStatus, redact } from './errors.js';

/** Milliseconds before the second try of a log-in, where the profile does not say; each further one waits twice as long. */
const FIRST_WAIT = 500;

/** A fresh access token for a refresh token, as RFC 6749 section 6 has it. */
async function accessToken(profile: SnowflakeProfile, oauth: OauthRefresh): Promise<string> {
  const answer = await fetch(`${profile.url}/oauth/token-request`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${oauth.clientId}:${oauth.clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded;charset=utf-8',
    },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: oauth.refreshToken }).toString(),
    redirect: 'error',
  });
  const body = (await answer.json().catch(() => undefined)) as { access_token?: unknown; error?: unknown } | undefined;
  if (typeof body?.access_token === 'string') return body.access_token;
  const reason = typeof body?.error === 'string' ? ` (${body.error})` : '';
  throw new Error(`the OAuth refresh token was not accepted: HTTP ${answer.status}${reason}`);
}

function hintFor(code: number | undefined, message: string, profile: SnowflakeProfile): string | undefined {
  if (/Role .* (is not granted|does not exist)/i.test(message) || code === 390189)
    return `Grant it: grant role ${profile.role ?? '...'} to user ${profile.user ?? '...'}; or correct 'role' in profiles.yml.`;
  if (/JWT token is invalid/i.test(message))
    return "Set the user's RSA_PUBLIC_KEY to the public half of this key, and check account and user.";
  if (/Incorrect username or password|390100/.test(message) || code === 390100)
    return "Check 'user' and 'password' in profiles.yml, and that the environment variables it reads are set.";
  if (code === 401001 || /ENOTFOUND|ECONNREFUSED|EAI_AGAIN/.test(message))
    return `Check the network, and 'account' in profiles.yml: it is the part before .snowflakecomputing.com (here ${profile.account}).`;
  if (/HTTP 40[34]/.test(message)) return `Is there an account '${profile.account}'? Check 'account' in profiles.yml.`;
  return undefined;
}

/** What went wrong at log-in, without secrets. */
export function connectProblem(error: unknown, profile: SnowflakeProfile): UpsqlError {
  if (error instanceof UpsqlError) return error;
  const given = error instanceof Error ? error : new Error(String(error));
  const code = errorCode(error);
  const cause = (given as { cause?: { message?: unknown; code?: unknown } }).cause;
  const detail = typeof cause?.message === 'string' && cause.message !== given.message ? ` (${cause.message})` : '';
  const status = httpStatus(error);
  const http = status === undefined ? '' : ` (HTTP ${status})`;
  const text = redact(given.message + detail, profile.secrets).trim() + http;
  const lead = code === undefined ? '' : `${String(code).padStart(6, '0')}: `;
  const hint = hintFor(code, given.message + detail + http, profile);
  return new UpsqlError(
    problem(
      'connection-failed',
      `No connection to Snowflake account ${profile.account}: ${lead}${text}`,
      hint === undefined ? {} : { hint },
    ),
    1,
  );
}

async function connectOnce(profile: SnowflakeProfile): Promise<Connection> {
  const driver = await loadDriver();
  if (profile.insecure) driver.configure({ disableOCSPChecks: true });
  const token = profile.oauth === undefined ? {} : { token: await accessToken(profile, profile.oauth) };
  const connection = driver.createConnection({ ...profile.options, ...token });
  // The promise ends when the log-in has begun; its outcome comes by the callback.
  const connected = new Promise<Connection>((done, fail) => {
    connection.connectAsync((error, made) => (error ? fail(error) : done(made))).catch(fail);
  });
  if (profile.connectTimeout === undefined) return connected;
  const timer = new AbortController();
  const late = sleep(profile.connectTimeout, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer within ${(profile.connectTimeout ?? 0) / 1000} s (connect_timeout)`);
  });
  late.catch(() => undefined);
  return Promise.race([connected, late]).finally(() => timer.abort());
}

/** Wrong credentials stay wrong; only a network that fails may be better on the next try, unless the profile says more. */
function mayPass(error: unknown, { retryOn }: SnowflakeProfile): boolean {
  const code = errorCode(error);
  if (retryOn === 'all' || (retryOn === 'database' && code !== undefined)) return true;
  return code === 401001 || (code === 401002 && (httpStatus(error) ?? 0) >= 500);
}

/** Logs in. Throws UpsqlError (`connection-failed`). */
export async function connect(profile: SnowflakeProfile): Promise<Connection> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await connectOnce(profile);
    } catch (error) {
      // The driver itself has tried HTTP errors again; a connection that was refused it has not.
      if (attempt >= profile.connectRetries || !mayPass(error, profile)) throw connectProblem(error, profile);
      await sleep(profile.connectWait ?? FIRST_WAIT * 2 ** attempt);
    }
  }
}

/** Logs out; a server that no longer answers is left alone. */
export function disconnect(connection: Connection): Promise<void> {
  const done = new Promise<void>((resolve) => connection.destroy(() => resolve()));
  const late = new AbortController();
  return Promise.race([
    done,
    sleep(5_000, undefined, { signal: late.signal, ref: false }).catch(() => undefined),
  ]).finally(() => late.abort());
}
