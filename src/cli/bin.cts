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
} else
  void (require('../bundle/load.cjs') as typeof import('./load-bundle.cjs'))
    .load(words.find((word) => !word.startsWith('-')) ?? 'other')
    ['cli/entry']?.();
