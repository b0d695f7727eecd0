import type { Place } from './place.js';

export type Severity = 'error' | 'warning';

/** A call that was under way when a diagnostic arose, innermost first: a macro, a TypeScript function. */
export interface Frame {
  readonly name: string;
  readonly place?: Place;
}

/**
 * One problem with a place in the user's text. Stages collect these and hand them on; only `src/cli` prints them.
 * `code` is a stable kebab-case name (`unknown-ref`), `hint` says what to do about it.
 */
export interface Diagnostic {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly place?: Place;
  /** The text that `place` points into, where it is not simply the file on disk (compiled SQL, an inline query). */
  readonly source?: string;
  readonly hint?: string;
  readonly frames?: readonly Frame[];
}

/**
 * Thrown where work can't go on. `exitCode` follows dbt: 1 when a node failed, 2 for usage and project errors.
 */
export class UpsqlError extends Error {
  readonly diagnostics: readonly Diagnostic[];
  readonly exitCode: 1 | 2;

  constructor(diagnostics: Diagnostic | readonly Diagnostic[], exitCode: 1 | 2 = 2, cause?: unknown) {
    const list = Array.isArray(diagnostics) ? (diagnostics as readonly Diagnostic[]) : [diagnostics as Diagnostic];
    super(list.map((d) => d.message).join('\n'), cause === undefined ? undefined : { cause });
    this.name = 'UpsqlError';
    this.diagnostics = list;
    this.exitCode = exitCode;
  }
}

/** An error diagnostic with only the parts that are given. */
export function problem(
  code: string,
  message: string,
  more: Partial<Omit<Diagnostic, 'code' | 'message'>> = {},
): Diagnostic {
  return { severity: 'error', code, message, ...more };
}
