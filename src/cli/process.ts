import { internalProblem, main } from './main.js';
import { formatDiagnostic } from './output/diagnostics.js';
import { createSecrets } from './output/secrets.js';
import { createStyle } from './output/style.js';

const INTERRUPTED = 130;

/**
 * Runs `argv` with the process's own streams and ends the process. The first Ctrl-C asks the run to stop: running
 * statements are cancelled and results written; the second ends the process at once.
 */
export async function runProcess(argv: readonly string[]): Promise<void> {
  const abort = new AbortController();
  const interrupt = (): void => {
    if (abort.signal.aborted) {
      restoreCursor();
      process.exit(INTERRUPTED);
    }
    abort.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  // What escapes every stage: the terminal is left in order, and the report is one that can be sent on.
  process.on('uncaughtException', (error) => {
    restoreCursor();
    const style = createStyle(false);
    const debug = argv.includes('--debug') || argv.includes('-d');
    const text = formatDiagnostic(internalProblem(error), { style, cwd: process.cwd(), debug });
    process.stderr.write(`${createSecrets(process.env).hide(text)}\n`);
    process.exit(2);
  });
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 2);
  });
  const io = { stdout: process.stdout, stderr: process.stderr, env: process.env, cwd: process.cwd() };
  const code = await main(argv, io, abort.signal);
  // A driver's threads may outlive its work; what was written is flushed before the end.
  process.stderr.write('', () => process.stdout.write('', () => process.exit(code)));
}

function restoreCursor(): void {
  for (const stream of [process.stdout, process.stderr]) if (stream.isTTY) stream.write('\u001b[?25h\n');
}
