import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { RecordedBatches } from '../../run/microbatch/recorded.js';
import type { Args } from '../args.js';
import type { Command, CommandContext, Retry } from '../command.js';
import { loadOptions } from '../flags.js';
import { fullRefreshOption } from '../options.js';
import { recordedArgs } from '../recorded-args.js';

/** What of run_results.json a retry reads. */
interface Recorded {
  readonly metadata?: { readonly invocation_started_at?: string; readonly generated_at?: string };
  readonly results: readonly {
    readonly unique_id: string;
    readonly status: string;
    readonly batch_results?: RecordedBatches | null;
  }[];
  readonly args: Readonly<Record<string, unknown>>;
}

const AGAIN = new Set([
  'build',
  'compile',
  'clone',
  'docs generate',
  'seed',
  'snapshot',
  'test',
  'run',
  'run-operation',
]);
const FAILED = new Set(['error', 'fail', 'skipped', 'runtime error', 'partial success']);

export const command: Command = {
  options: [fullRefreshOption],
  examples: [
    ['upsql retry', 'What failed or was skipped in the run that target/ has the results of'],
    ['upsql retry --state artifacts', 'The same for results in another folder'],
  ],
  async run(context) {
    const { file, recorded } = await readRecorded(context);
    const which = String(recorded.args.which);
    const { allCommands } = await import('./index.js');
    const entry = allCommands.find(({ name }) => AGAIN.has(name) && name.split(' ').at(-1) === which);
    if (entry === undefined) {
      throw noRun(
        `The run in ${file} was '${which}', which can't be run again by retry`,
        `Call \`upsql ${which}\` instead.`,
      );
    }
    const isOperation = which === 'run-operation';
    const retry = retryOf(recorded, context.args, isOperation);
    if (isOperation && retry.ids.length === 0) {
      context.output.log('info', 'Nothing to do: the last run went well.');
      return 0;
    }
    const { command: again } = await entry.load();
    return again.run({
      ...context,
      args: recordedArgs(recorded.args, context.args),
      invocation: { ...context.invocation, command: entry.name },
      retry,
    });
  },
};

/** What is to run again; hooks run with the command itself. */
function retryOf({ results, metadata }: Recorded, args: Args, isOperation: boolean): Retry {
  const again = new Set([...FAILED, ...(args.flag('warn-error') === true ? ['warn'] : [])]);
  const considered = results.filter(({ unique_id }) => isOperation || !unique_id.startsWith('operation.'));
  const batches = new Map<string, RecordedBatches>();
  for (const { unique_id, batch_results } of considered) {
    // Where no batch went well the model is built from its start, which may mean a full refresh.
    if (batch_results && batch_results.successful.length > 0 && batch_results.failed.length > 0) {
      batches.set(unique_id, batch_results);
    }
  }
  return {
    ids: considered.filter(({ status }) => again.has(status)).map(({ unique_id }) => unique_id),
    batches,
    startedAt: metadata?.invocation_started_at ?? metadata?.generated_at,
  };
}

async function readRecorded({ args, io }: CommandContext): Promise<{ file: string; recorded: Recorded }> {
  const { loadProject } = await import('../../project/index.js');
  const given = args.text('state');
  const folder =
    given === undefined ? (await loadProject(await loadOptions(args, io))).targetDir : resolve(io.cwd, given);
  const file = join(folder, 'run_results.json');
  if (!existsSync(file)) {
    throw noRun(`There is no earlier run to retry: ${file} is not there`, 'Run a command first, such as upsql build.');
  }
  let recorded: Recorded;
  try {
    recorded = JSON.parse(readFileSync(file, 'utf8')) as Recorded;
  } catch (error) {
    throw noRun(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(recorded?.results) || typeof recorded.args !== 'object' || recorded.args === null) {
    throw noRun(`${file} has no results of a run`, 'Run the command again instead.');
  }
  return { file, recorded };
}

function noRun(message: string, hint?: string): UpsqlError {
  return new UpsqlError(problem('no-run', message, hint === undefined ? {} : { hint }));
}
