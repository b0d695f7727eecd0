/** Requests to the hub and for tarballs, with dbt's patience: up to six tries, a second apart. */
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { problem, UpsqlError } from '../diagnostics/index.js';
import { hideCredentials } from '../project/credentials.js';
import type { Env } from '../project/render.js';
import { isDiskFault } from './disk-fault.js';
import { get } from './request.js';

export interface HttpOptions {
  /** Names the proxy. */
  readonly env: Env;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without an answer or a further byte after which a try counts as failed. */
  readonly timeout: number;
  /** Milliseconds between two tries. */
  readonly pause: number;
  readonly onRetry?: (message: string) => void;
}

const TRIES = 6;
const LARGEST_JSON = 64 * 2 ** 20;
const LARGEST_DOWNLOAD = 2 ** 30;

/** A try that failed; `final` where another would fail the same way. */
export class Failed extends Error {
  readonly final: boolean;

  constructor(message: string, final = false) {
    super(message);
    this.final = final;
  }
}

/**
 * Does `work` until it succeeds, at most six times. Throws UpsqlError `network` that says why the last one failed; what is
 * no `Failed` is thrown at once.
 */
export async function withRetries<T>(what: string, options: HttpOptions, work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Failed) || options.signal?.aborted) throw error;
      if (error.final || tried === TRIES) {
        const times = tried === 1 ? '' : ` (tried ${tried} times)`;
        throw new UpsqlError(
          problem('network', `Can't get ${what}: ${error.message}${times}`, { hint: hintFor(error) }),
          2,
          error,
        );
      }
      options.onRetry?.(`${what}: ${error.message}; trying again (${tried} of ${TRIES - 1})`);
      await new Promise((resolve) => setTimeout(resolve, options.pause));
    }
  }
}

function hintFor({ message }: Failed): string {
  if (/HTTP 40[13]/.test(message)) return 'Check the credentials in its address.';
  if (/HTTP 4/.test(message)) return 'Check its address.';
  if (/HTTP 5|HTTP 429/.test(message)) return 'The server has a problem; try again later.';
  return 'Check the connection, or use "local" or "git" packages. Installed packages are left as they were.';
}

/** The JSON at `url`. Throws Failed. */
export async function getJson(url: string, options: HttpOptions): Promise<unknown> {
  return attempt(url, options, async (body) => {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body) {
      const part = Buffer.from(chunk as Uint8Array);
      size += part.length;
      if (size > LARGEST_JSON) throw new Failed('the answer is larger than 64 MiB', true);
      chunks.push(part);
    }
    try {
      return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
    } catch {
      throw new Failed('the answer is no JSON');
    }
  });
}

/** Writes what is at `url` to `file`. Throws Failed. */
export async function download(url: string, file: string, options: HttpOptions): Promise<void> {
  await attempt(url, options, async (body) => {
    let size = 0;
    const limited = async function* (source: AsyncIterable<Uint8Array>) {
      for await (const chunk of source) {
        size += chunk.length;
        if (size > LARGEST_DOWNLOAD) throw new Failed('it is larger than 1 GiB', true);
        yield chunk;
      }
    };
    await pipeline(body, limited, createWriteStream(file));
  });
}

async function attempt<T>(url: string, options: HttpOptions, read: (body: Readable) => Promise<T>): Promise<T> {
  const quiet = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => quiet.abort(), options.timeout);
  };
  const { signal } = options;
  wait();
  try {
    const either = signal === undefined ? quiet.signal : AbortSignal.any([quiet.signal, signal]);
    const { status, statusText, body } = await get(addressOf(url), options.env, either);
    if (status < 200 || status > 299) {
      body.destroy();
      const passing = status >= 500 || status === 429 || status === 408;
      throw new Failed(`HTTP ${status} ${statusText}`.trim(), !passing);
    }
    body.on('data', wait);
    body.pause();
    return await read(body);
  } catch (error) {
    if (error instanceof Failed || signal?.aborted) throw error;
    if (quiet.signal.aborted) throw new Failed(`no answer within ${options.timeout / 1000} s`);
    if (isDiskFault(error)) throw error;
    throw new Failed(reason(error));
  } finally {
    clearTimeout(timer);
  }
}

function addressOf(url: string): URL {
  let parsed: URL | undefined;
  try {
    parsed = new URL(url);
  } catch {
    parsed = undefined;
  }
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed;
  throw new Failed(`${hideCredentials(url)} is no http address`, true);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name of the server is unknown',
  EAI_AGAIN: 'the name of the server can not be looked up',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection broke',
  ETIMEDOUT: 'the server does not answer',
  EHOSTUNREACH: 'there is no way to the server',
  ENETUNREACH: 'there is no network',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection broke',
};

function reason(error: unknown): string {
  // A host with several addresses fails with one error for each.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = (first as NodeJS.ErrnoException | undefined)?.code ?? '';
  return REASONS[code] ?? hideCredentials(first instanceof Error ? first.message : String(first));
}
