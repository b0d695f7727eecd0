import { DatabaseError } from '../adapter.js';

/** What the driver tells of an error; `code` is the server's (`001003`) or the driver's own (401001). */
interface DriverError {
  readonly message: string;
  readonly code?: string | number;
  readonly sqlState?: string;
}

const SYNTAX = new Set([1003]);
const MISSING = new Set([2003, 2043, 904, 2140]);
const CONSTRAINT = new Set([100072, 100090, 100069]);
/** Locks: the statement has had no effect and may run again. */
const CONFLICT = new Set([625, 628]);
const CANCELLED = new Set([604, 605]);
/** The session is gone at the server: these come before the statement is looked at. */
const EXPIRED = new Set([390103, 390104, 390110, 390112, 390114, 407001, 407002]);

export function errorCode(error: unknown): number | undefined {
  const code = Number((error as DriverError | undefined)?.code ?? Number.NaN);
  return Number.isNaN(code) ? undefined : code;
}

/** The HTTP status of an answer that was an error. */
export function httpStatus(error: unknown): number | undefined {
  const response = (error as { readonly response?: { readonly statusCode?: unknown; readonly status?: unknown } })
    .response;
  const status = Number(response?.statusCode ?? response?.status ?? Number.NaN);
  return Number.isNaN(status) ? undefined : status;
}

export function isExpired(error: unknown): boolean {
  const code = errorCode(error);
  return code !== undefined && EXPIRED.has(code);
}

/** Errors that Snowflake documents as passing: waiters on a lock. The statement was not run. */
export function isTransient(error: unknown): boolean {
  const code = errorCode(error);
  return code !== undefined && CONFLICT.has(code);
}

function kindOf(code: number | undefined, message: string): DatabaseError['kind'] {
  if (code === undefined) return /ECONN|ENOTFOUND|ETIMEDOUT|socket hang up/i.test(message) ? 'io' : 'other';
  if (CANCELLED.has(code)) return 'interrupted';
  if (MISSING.has(code)) return 'missing';
  if (SYNTAX.has(code)) return /invalid identifier|does not exist/i.test(message) ? 'missing' : 'syntax';
  if (CONSTRAINT.has(code)) return 'constraint';
  if (CONFLICT.has(code)) return 'conflict';
  if (EXPIRED.has(code) || (code >= 400000 && code < 403000)) return 'io';
  return 'other';
}

/** The offset of `line N at position M` (lines from 1, positions from 0) in the text that ran. */
export function offsetOf(message: string, ran: string): number | undefined {
  const found = /line (\d+) at position (-?\d+)/.exec(message);
  if (found === null) return undefined;
  const line = Number(found[1]);
  const position = Number(found[2]);
  let start = 0;
  for (let n = 1; n < line; n++) {
    const end = ran.indexOf('\n', start);
    if (end === -1) return undefined;
    start = end + 1;
  }
  const offset = start + position;
  return position < 0 || offset > ran.length ? undefined : offset;
}

/** A text without anything that is confidential: each secret, and whatever looks like a token or a key. */
export function redact(text: string, secrets: readonly string[]): string {
  let out = text;
  for (const secret of secrets) if (secret.length > 0) out = out.replaceAll(secret, '*****');
  return out
    .replaceAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, '*****')
    .replaceAll(
      /\b(token|password|passcode|authorization)(["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s"',;]{8,})/gi,
      '$1$2*****',
    );
}

const NETWORK: Readonly<Record<number, string>> = {
  401001: 'Snowflake could not be reached',
  401002: 'Snowflake answered with an HTTP error',
  402001: 'Snowflake gave an answer that is not complete',
};

/**
 * What the driver threw, as a `DatabaseError` about `sql`, of which `ran` is the part from `start`. The message is
 * Snowflake's with its code in front, `001003 (42000): SQL compilation error: ...`, as in dbt's logs.
 */
export function toDatabaseError(
  error: unknown,
  sql: string,
  secrets: readonly string[],
  start = 0,
  ran: string = sql,
): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const given = (error instanceof Error ? error : new Error(String(error))) as DriverError;
  const code = errorCode(error);
  const text = redact(given.message, secrets).trim();
  const network = code === undefined ? undefined : NETWORK[code];
  const status = httpStatus(error);
  const http = status === undefined ? '' : ` (HTTP ${status})`;
  const server = code !== undefined && (code < 400000 || code >= 500000 || String(given.code).startsWith('39'));
  const lead = server && code !== undefined ? `${String(code).padStart(6, '0')}${sqlState(given)}: ` : '';
  const offset = offsetOf(given.message, ran);
  return new DatabaseError(
    network === undefined ? lead + text : `${network}${http}: ${text}`,
    sql,
    kindOf(code, given.message),
    offset === undefined ? undefined : start + offset,
  );
}

function sqlState({ sqlState: state }: DriverError): string {
  return state === undefined || state === '' ? '' : ` (${state})`;
}
