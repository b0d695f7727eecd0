import { randomUUID } from 'node:crypto';
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { CommandEntry } from './command.js';
import { allCommands } from './commands/index.js';
import { outputFlags, projectFlags } from './flags.js';
import type { Io } from './io.js';
import { formatDiagnostic } from './output/diagnostics.js';
import { openOutput } from './output/index.js';
import { createSecrets } from './output/secrets.js';
import { createStyle } from './output/style.js';
import type { Parsed } from './parse-argv.js';
import { parsePlainArgv } from './plain-argv.js';
import { version } from './version.js';

/**
 * Runs one command line and gives its exit code, as dbt: 0, 1 when a node failed, 2 for a wrong command line, a project
 * that can't be read, an interrupt or an internal error. Never throws.
 */
export async function main(
  argv: readonly string[],
  io: Io,
  signal: AbortSignal = new AbortController().signal,
  commands: readonly CommandEntry[] = allCommands,
): Promise<number> {
  const early = await parse(argv, io, commands).catch((error: unknown) => ({ error }));
  if ('error' in early) return usageFailure(early.error, argv, io);
  if ('help' in early) {
    io.stdout.write(early.help);
    return 0;
  }
  if ('version' in early) {
    io.stdout.write(`upsql ${version()}\n`);
    return 0;
  }
  const { entry, command, args } = early.invocation;
  const invocation = { command: entry.name, id: randomUUID() };
  const flags = outputFlags(args, entry.name, await projectFlags(args, io));
  const output = openOutput(flags, io, command.answers === true, invocation.id);
  signal.addEventListener('abort', () =>
    output.log('warn', 'Stopping: running statements are cancelled. Ctrl-C again ends at once.'),
  );
  try {
    return await command.run({ args, io, output, invocation, signal });
  } catch (error) {
    if (error instanceof UpsqlError) {
      output.diagnostics(error.diagnostics);
      return error.exitCode;
    }
    if (signal.aborted) {
      output.log('error', 'Stopped by an interrupt; nothing that was there before has been changed.');
      return 2;
    }
    output.diagnostics([internalProblem(error)]);
    return 2;
  } finally {
    output.close();
  }
}

async function parse(argv: readonly string[], io: Io, commands: readonly CommandEntry[]): Promise<Parsed> {
  const invocation = await parsePlainArgv(argv, commands, io.env);
  if (invocation !== undefined) return { invocation };
  const { parseArgv } = await import('./parse-argv.js');
  return parseArgv(argv, commands, io.env, io.stdout.columns);
}

/** What is said about an error that no stage foresaw; the stack is its source, which is printed with --debug only. */
export function internalProblem(error: unknown): ReturnType<typeof problem> {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return problem('internal-error', text, {
    ...(error instanceof Error && error.stack !== undefined ? { source: error.stack } : {}),
    hint: 'This is a fault in upsql. Run the command again with --debug and report what it prints.',
  });
}

function usageFailure(error: unknown, argv: readonly string[], io: Io): number {
  const diagnostics = error instanceof UpsqlError ? error.diagnostics : [internalProblem(error)];
  const style = createStyle(io.stderr.isTTY === true && !io.env.NO_COLOR);
  const secrets = createSecrets(io.env);
  const debug = argv.includes('--debug') || argv.includes('-d');
  for (const diagnostic of diagnostics) {
    io.stderr.write(`${secrets.hide(formatDiagnostic(diagnostic, { style, cwd: io.cwd, debug }))}\n`);
  }
  return 2;
}
