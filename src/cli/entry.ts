/** Answers --version and --help itself, so that they need no other module. */
import { version } from './version.js';

const argv = process.argv.slice(2);
const first = argv[0];

if (first === '--version' || first === '-v' || first === '-V') {
  process.stdout.write(`upsql ${version()}\n`);
} else if (first === undefined || first === '--help' || first === '-h' || (first === 'help' && argv.length === 1)) {
  const { rootHelp } = await import('./help.js');
  process.stdout.write(rootHelp(version(), process.stdout));
  if (first === undefined) process.exitCode = 2;
} else {
  const { runProcess } = await import('./process.js');
  await runProcess(first === 'help' ? [...argv.slice(1), '--help'] : argv);
}
