/** What the run stage lends the runtime. */
import type { Session } from '../../adapters/adapter.js';
import type { Place } from '../../diagnostics/index.js';
import type { EventWindow } from '../context/references.js';
import type { RelationValue } from '../context/relation-value.js';
import type { Node, SourceNode } from '../node.js';

export interface RuntimeOptions {
  /** unique_ids of the nodes that this command works on. */
  readonly selected: readonly string[];
  readonly empty: boolean;
  /** `--sample`: the span of time that inputs with an event_time are cut to. */
  readonly sample?: EventWindow | undefined;
  /** `--defer`: refs of what is not there read the state's relations (`defer_relation`). */
  readonly defer?: { readonly favorState: boolean } | undefined;
  /** `log()`, `print()` and warnings of a node's macros. */
  readonly onLog: (node: Node | null, message: string, level: 'info' | 'debug') => void;
  /** `place`: where it is not the node's own file. */
  readonly onWarning: (node: Node | null, message: string, place?: Place) => void;
  /** Gets each statement of a node's macros as it is sent. */
  readonly onStatement?: (node: Node, sql: string) => void;
  /** Writes compiled or run SQL and gives its path relative to the project. */
  readonly writeSql: (node: Node, folder: 'compiled' | 'run', sql: string) => string;
  /**
   * Runs the code of a Python model, which ends with `materialize(df, con)`, in a process of its own; gives the rows of the
   * table that it made.
   */
  readonly runPython: (
    node: Node,
    code: string,
    session: Session,
  ) => Promise<{ readonly rowsAffected: number | undefined }>;
  /** Runs a TypeScript model and loads what it returns into `target`; `read` gives an input as it stands in SQL. */
  readonly runTypescript: (
    node: Node,
    target: RelationValue['relation'],
    session: Session,
    isIncremental: boolean,
    read: (input: Node | SourceNode) => Promise<string>,
  ) => Promise<{ rowsAffected: number }>;
}
