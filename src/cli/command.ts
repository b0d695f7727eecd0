import type { RecordedBatches } from '../run/microbatch/recorded.js';
import type { Args } from './args.js';
import type { Io } from './io.js';
import type { Option } from './options.js';
import type { Output } from './output/output.js';

/** What a command gets to work with. */
export interface CommandContext {
  readonly args: Args;
  readonly io: Io;
  readonly output: Output;
  /** The command's name and its flags as given, without secrets: for run_results.json. */
  readonly invocation: { readonly command: string; readonly id: string };
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** The command is run again by `retry`, for these nodes. */
  readonly retry?: Retry;
}

/** What of an earlier run is to run again. */
export interface Retry {
  readonly ids: readonly string[];
  /** Of microbatch models of which some batches went well. */
  readonly batches: ReadonlyMap<string, RecordedBatches>;
  /** When the earlier run began, as ISO text: the batches are those of that time. */
  readonly startedAt?: string | undefined;
}

export interface Command {
  /** Words after the command, for the usage line: `[name]`, `<macro>`. */
  readonly positional?: string;
  /** Flags besides the global ones. */
  readonly options: readonly Option[];
  /** The command prints an answer on stdout, so that its log goes to stderr. */
  readonly answers?: boolean;
  readonly examples?: readonly (readonly [string, string])[];
  /** Does the work and gives the exit code: 0, or 1 when a node failed. */
  run(context: CommandContext): Promise<number>;
}

/** A line of `upsql --help`, and the way to the command itself, which is loaded only when it is called. */
export interface CommandEntry {
  readonly name: string;
  readonly alias?: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}
