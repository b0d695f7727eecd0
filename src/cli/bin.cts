#!/usr/bin/env node
// Drivers run statements on libuv's pool of four threads, whose size counts until its first use: so this is set before
// anything is loaded. --version and --help are answered here.
process.env.UV_THREADPOOL_SIZE ??= '64';

const words = process.argv.slice(2);
const first = words[0] ?? '--help';
const version = (): string => (require('../../package.json') as { readonly version: string }).version;

if (['--version', '-v', '-V'].includes(first)) process.stdout.write(`upsql ${version()}\n`);
else if (['--help', '-h'].includes(first) || (first === 'help' && words.length === 1)) {
  const { rootHelp } = require('../bundle/help.cjs') as typeof import('./help.js', { with: {
    'resolution-mode': 'import',
  }});
  process.stdout.write(rootHelp(version(), process.stdout));
  if (words.length === 0) process.exitCode = 2;
} else {
  // Most commands end before optimised code has paid for its compiling, a third of their processor time: V8 is to optimise
  // functions that have run about eight times longer than it asks for by itself. Code that is busy for seconds gets there soon.
  // A V8 that does not know the flag would say so on stderr.
  if (Number.parseInt(process.versions.v8, 10) < 12)
    (require('node:v8') as typeof import('node:v8')).setFlagsFromString('--interrupt-budget=1000000');
  void (require('../bundle/load.cjs') as typeof import('./load-bundle.cjs'))
    .load(words.find((word) => !word.startsWith('-')) ?? 'other')
    ['cli/entry']?.();
}
