import type { ResultColumn, SqlValue } from '../../adapters/adapter.js';
import type { Diagnostic } from '../../diagnostics/index.js';
import type { Project } from '../../project/project.js';
import type { RunEvent } from '../../run/events.js';
import type { LogLevel } from '../flags.js';
import type { Style } from './style.js';

/** One thing to say. `name` and `code` are dbt's for the same event, so that readers of its JSON logs work. */
export interface Message {
  readonly level: Exclude<LogLevel, 'none'>;
  readonly name: string;
  readonly code: string;
  /** May have colours (of the style the message was made with) and line breaks. */
  readonly text: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly thread?: string;
  /** Said in this form only: lines part texts for the eye, and dbt's log in JSON has events that are no news to people. */
  readonly only?: 'text' | 'json';
}

/** The name of dbt's event, for what is said in words of its own. */
export type EventName = Pick<Message, 'name' | 'code'>;

export interface Progress {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
}

export interface Table {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly SqlValue[])[];
}

/** How text may look where it goes. */
export interface Look {
  readonly style: Style;
  /** Cells of a line, undefined where it does not matter (a pipe). */
  readonly width: number | undefined;
}

/** Where a command's words go: a terminal, a pipe or JSON lines. */
export interface Output {
  /** Of the log. */
  readonly style: Style;
  /** Of what `result` prints, which may go elsewhere than the log. */
  readonly answer: Look;
  readonly debug: boolean;
  /** Whether the log is one of JSON lines. */
  readonly structured: boolean;
  /** The answer of a command (list, show …): printed as it is, even with --quiet. In JSON it may have an event of its own. */
  result(text: string, event?: Pick<Message, 'name' | 'code' | 'data'>): void;
  /** A plain sentence of the log. */
  log(level: Message['level'], text: string): void;
  message(message: Message): void;
  diagnostics(list: readonly Diagnostic[], event?: EventName): void;
  event(event: RunEvent): void;
  /** A bar for work that is no graph of nodes; null takes it away. */
  progress(progress: Progress | null): void;
  /** From here on paths are relative to this project, and its secrets are hidden; some commands need no target. */
  project(project: Pick<Project, 'root' | 'config'> & Partial<Pick<Project, 'target' | 'targetDir'>>): void;
  /** Leaves the terminal as it was. */
  close(): void;
}
