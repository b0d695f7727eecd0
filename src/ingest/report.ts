/** What came of a load: for the screen and for `target/ingest_results.json`. */

export interface FileReport {
  /** Relative to the project's folder. */
  readonly file: string;
  readonly bytes: number;
  /** `would_load`: --dry-run. `skipped`: loaded before, and unchanged. */
  readonly status: 'loaded' | 'partially_loaded' | 'load_failed' | 'skipped' | 'would_load';
  readonly rowsLoaded: number;
  readonly errors: number;
  readonly firstError?: string | undefined;
  /** From 1. */
  readonly firstErrorLine?: number | undefined;
  /** On the way to a bucket: sent, or there already. */
  readonly upload?: 'uploaded' | 'unchanged' | 'resumed' | undefined;
}

export interface Rejected {
  readonly file: string;
  /** From 1. */
  readonly line: number | undefined;
  readonly column: string | undefined;
  readonly error: string;
  readonly record: string;
}

export interface SourceReport {
  readonly name: string;
  readonly uniqueId: string;
  /** `error`: nothing more was loaded than the files say. */
  readonly status: 'success' | 'warn' | 'error';
  readonly files: readonly FileReport[];
  /** Rows that were left out; at most 100. */
  readonly rejected: readonly Rejected[];
  readonly seconds: number;
}

export const MOST_REJECTED = 100;
