/** Files to a stage and from it, by the driver: PUT and GET. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryResult } from '../adapter.js';
import { DatabaseError } from '../adapter.js';
import { endWithToken } from './stage-token.js';

/** Tries of one transfer, and the wait before the second in milliseconds; each further one is twice as long. */
const ATTEMPTS = 4;
const FIRST_WAIT = 500;

/** What the storage behind a stage or the network answers when it may be better later; each try has credentials of its own. */
const PASSING =
  /ExpiredToken|SlowDown|InternalError|ServiceUnavailable|ServerBusy|OperationTimedOut|TooManyRequests|RequestTimeout|TimeoutError|\b(429|50[0234])\b|ECONN(RESET|ABORTED|REFUSED)|EPIPE|ETIMEDOUT|EAI_AGAIN|socket hang up|aborted/;

/** What the driver tells of a file that did not arrive; undefined when all did. */
function failureOf({ columns, rows }: QueryResult): string | undefined {
  const at = (key: string) => columns.findIndex(({ name }) => name.toLowerCase() === key);
  const [status, message] = [at('status'), at('message')];
  const name = at('source') === -1 ? at('file') : at('source');
  for (const row of rows)
    if (!/^(uploaded|skipped|downloaded)$/i.test(String(row[status])))
      return `${row[name]} could not be transferred: ${row[message] ?? row[status]}`;
  return undefined;
}

/**
 * Runs a `put` or `get` that may run any number of times, as one that overwrites may. The driver itself tries five times
 * within 30 ms; what passes later is tried again here. Throws DatabaseError of kind `io` for what stays.
 */
export async function transfer(sql: string, send: (sql: string) => Promise<QueryResult>): Promise<void> {
  endWithToken();
  for (let attempt = 1; ; attempt++) {
    const failure = await send(sql).then(failureOf, (error: unknown) => {
      // A fault of the statement itself has a code of Snowflake's, and its own tries behind it.
      if (!(error instanceof DatabaseError) || error.kind !== 'other' || /^\d{6}/.test(error.message)) throw error;
      return `files could not be transferred: ${error.message.replace(/^Error: /, '').replace(/,? real file=\S+/, '')}`;
    });
    if (failure === undefined) return;
    if (attempt === ATTEMPTS || !PASSING.test(failure))
      throw new DatabaseError(`${failure} (the storage behind Snowflake's stage)`, sql, 'io');
    // New credentials are there at once.
    if (!failure.includes('ExpiredToken')) await sleep(FIRST_WAIT * 2 ** (attempt - 1));
  }
}
