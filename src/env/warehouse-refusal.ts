import { DatabaseError } from '../adapters/adapter.js';
import { problem, UpsqlError } from '../diagnostics/index.js';

/**
 * Runs what works on environments. What the warehouse refuses (a role without the right to make schemas or views, a file that is
 * only read) is no fault of upsql, and becomes a diagnostic. @throws UpsqlError `environment-refused`.
 */
export async function withRefusals<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.kind === 'interrupted') throw error;
    const [statement = ''] = error.sql.trim().split('\n');
    const shown = statement.length > 100 ? `${statement.slice(0, 100)} …` : statement;
    throw new UpsqlError(
      problem('environment-refused', `The warehouse refuses what environments need: ${error.message}`, {
        hint: `It was asked to: ${shown}. Environments need a role that may create schemas, tables and views in the target's database.`,
      }),
      1,
      error,
    );
  }
}
