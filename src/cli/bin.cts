#!/usr/bin/env node
// Drivers run statements on libuv's pool of four threads, whose size counts until its first use: so this is set before
// anything is loaded. --version is answered here.
process.env.UV_THREADPOOL_SIZE ??= '64';

const words = process.argv.slice(2);
if (['--version', '-v', '-V'].includes(words[0] ?? ''))
  process.stdout.write(`upsql ${require('../../package.json').version}\n`);
else
  void (require('../bundle/load.cjs') as typeof import('./load-bundle.cjs'))
    .load(words.find((word) => !word.startsWith('-')) ?? 'help')
    ['cli/entry']?.();
