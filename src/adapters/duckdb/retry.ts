import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError } from '../adapter.js';
import { exceptionName, toDatabaseError } from './errors.js';

/** dbt-duckdb's `retries`: how often a query is tried whose error has one of the names. */
export interface RetryPolicy {
  readonly queryAttempts: number;
  readonly exceptions: readonly string[];
}

/** How long a statement that loses against another session's change is tried again, in milliseconds. */
const CONFLICT_TIME = 10_000;

/**
 * Runs one statement, again when it lost a write-write conflict outside of a transaction: DuckDB has rolled it back
 * then, and it meets the other session's finished change on the next try. Errors come as `DatabaseError` about `sql`,
 * of which `ran` is the part from `start`.
 */
export async function withRetries<T>(
  run: () => Promise<T>,
  about: { readonly sql: string; readonly start: number; readonly ran: string },
  policy: RetryPolicy,
  retryConflicts: boolean,
): Promise<T> {
  const giveUp = Date.now() + CONFLICT_TIME;
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      const failure = toDatabaseError(error, about.sql, about.start, about.ran);
      if (failure.kind === 'conflict' && retryConflicts && Date.now() < giveUp) {
        await sleep(Math.random() * Math.min(200, 2 ** attempt));
      } else if (attempt < policy.queryAttempts && policy.exceptions.includes(exceptionName(error))) {
        await sleep(1000 * 2 ** (attempt - 1));
      } else throw failure;
    }
  }
}

/** An error for a statement that the adapter itself wrote wrongly or that makes no sense in the session's state. */
export function stateError(message: string, sql: string): DatabaseError {
  return new DatabaseError(`TransactionContext Error: ${message}`, sql);
}
