/** Answers --help itself, so that it needs no other module. */
import { version } from './version.js';

async function start(argv: readonly string[]): Promise<void> {
  const first = argv[0];
  if (first === undefined || first === '--help' || first === '-h' || (first === 'help' && argv.length === 1)) {
    const { rootHelp } = await import('./help.js');
    process.stdout.write(rootHelp(version(), process.stdout));
    if (first === undefined) process.exitCode = 2;
  } else {
    const { runProcess } = await import('./process.js');
    await runProcess(first === 'help' ? [...argv.slice(1), '--help'] : argv);
  }
}

void start(process.argv.slice(2));
