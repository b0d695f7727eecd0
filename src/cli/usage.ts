import { problem, UpsqlError } from '../diagnostics/index.js';

/** A wrong command line: printed without a place, exit code 2. */
export function usageError(message: string, hint?: string): UpsqlError {
  return new UpsqlError(problem('usage', message, hint === undefined ? {} : { hint }));
}
