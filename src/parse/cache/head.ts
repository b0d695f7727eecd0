/** What a kept parse was made of. */
import type { Project } from '../../project/index.js';
import { digest } from './files.js';

export const FORMAT = 'upsql parse 4';

/** A message of `log()` or `print()` in a template that was read. */
export type KeptLog = readonly [message: string, level: 'info' | 'debug'];

/** The first line of a kept parse. */
export interface KeptHead {
  /** Of engine, settings and target. */
  readonly key: string;
  /** Hashes by file, in the order of reading. */
  readonly files: readonly (readonly [file: string, hash: string])[];
  /** Environment variables that templates read, each with a hash of its value; null for one that was not set. */
  readonly env: readonly (readonly [name: string, hash: string | null])[];
  /** Messages of templates, to be said again. */
  readonly logs: readonly KeptLog[];
  /** Whether `print()` was heard; null where nothing called it. */
  readonly print: boolean | null;
  /** Nodes whose files are read again each time. */
  readonly changingNodes: readonly string[];
  /** When a model's deprecation_date comes, in milliseconds, so that a parse tells more than before; null for never. */
  readonly until: number | null;
}

/** A hash of an environment variable's value; null where it is not set. */
export function envHash(project: Project, name: string): string | null {
  const value = project.env[name];
  return value === undefined ? null : digest(value);
}

/** Whether `print()` is heard in an invocation. */
export const hearsPrint = (args: Readonly<Record<string, unknown>>): boolean => args.print !== false;
