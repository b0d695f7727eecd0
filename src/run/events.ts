/** What a run tells while it goes on. The CLI turns these into output; a library user may listen too. */

import type { SqlValue } from '../adapters/adapter.js';
import type { Diagnostic } from '../diagnostics/index.js';
import type { Node } from '../parse/node.js';
import type { SourceAge } from '../parse/runtime.js';
import type { Batch } from './microbatch/batches.js';
import type { UnitTestDiff } from './unit-tests/compare.js';

/**
 * dbt's result states: models and seeds `success | error | skipped | partial success`, tests
 * `pass | fail | warn | error | skipped`, the freshness of sources `pass | warn | error | runtime error`.
 */
export type NodeStatus =
  | 'success'
  | 'error'
  | 'skipped'
  | 'pass'
  | 'fail'
  | 'warn'
  | 'no-op'
  | 'partial success'
  | 'runtime error';

export interface NodeTiming {
  readonly name: 'compile' | 'execute';
  readonly startedAt: Date;
  readonly completedAt: Date;
}

/** Some of the rows that made a data test fail. */
export interface SampleRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
}

/** Which batches of a microbatch model are built; a failed one may not have begun. */
export interface BatchResults {
  readonly successful: readonly Batch[];
  readonly failed: readonly Batch[];
}

/** One of a microbatch model's batches, as messages name it. */
interface BatchPlace {
  readonly node: Node;
  /** `2024-01-31` */
  readonly label: string;
  /** From 1. */
  readonly index: number;
  readonly total: number;
}

export interface NodeResult {
  readonly node: Node;
  readonly status: NodeStatus;
  readonly timing: readonly NodeTiming[];
  readonly threadId: string;
  /** Seconds. */
  readonly executionTime: number;
  readonly adapterResponse: Readonly<Record<string, unknown>>;
  /** One line, as in run_results.json; null on success. */
  readonly message: string | null;
  /** Failing rows of a test. */
  readonly failures: number | null;
  /** What went wrong, with places; empty unless status is error, fail or warn. */
  readonly diagnostics: readonly Diagnostic[];
  readonly compiled: boolean;
  readonly compiledCode: string | null;
  readonly relationName: string | null;
  /** unique_ids of the failed nodes that made this one be skipped. */
  readonly skippedBecause: readonly string[];
  /** The error of an ephemeral model: told of, but no result of the command's artifacts. */
  readonly unlisted?: boolean;
  /** Of a data test that failed or warned, where they could be read. */
  readonly sample?: SampleRows;
  /** Of a unit test that failed: its rows beside the expected ones. */
  readonly unitTestDiff?: UnitTestDiff;
  /** Of a microbatch model. */
  readonly batches?: BatchResults;
  /** Of a source whose freshness was asked for and known. */
  readonly freshness?: SourceAge;
}

export type RunEvent =
  | {
      readonly kind: 'run-start';
      readonly total: number;
      readonly threads: number;
      readonly counts: Readonly<Record<string, number>>;
    }
  | { readonly kind: 'node-start'; readonly node: Node; readonly index: number; readonly total: number }
  | {
      readonly kind: 'node-log';
      readonly node: Node | null;
      readonly message: string;
      readonly level: 'info' | 'debug';
    }
  /** Goes to the warehouse now. */
  | { readonly kind: 'statement'; readonly node: Node; readonly sql: string }
  | { readonly kind: 'node-end'; readonly result: NodeResult; readonly index: number; readonly total: number }
  | ({ readonly kind: 'batch-start' } & BatchPlace)
  | ({ readonly kind: 'batch-end'; readonly status: NodeStatus; readonly executionTime: number } & BatchPlace)
  | { readonly kind: 'warning'; readonly diagnostic: Diagnostic }
  | { readonly kind: 'run-end'; readonly outcome: RunOutcome };

export interface RunOutcome {
  readonly results: readonly NodeResult[];
  /** Seconds of wall clock. */
  readonly elapsed: number;
  /** False when any node ended in error, fail or skipped, as dbt's exit code has it. */
  readonly success: boolean;
  /** True when the run was stopped from outside (Ctrl-C); what had not run is `skipped`. */
  readonly interrupted?: boolean;
}

export type RunListener = (event: RunEvent) => void;
