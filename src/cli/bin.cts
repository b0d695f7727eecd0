#!/usr/bin/env node
// Drivers run statements on libuv's pool of four threads, whose size counts until its first use: loading an ES module. So
// this file is CommonJS and sets it before any other. --version is answered here, where nothing else has been loaded yet.
process.env.UV_THREADPOOL_SIZE ??= '64';

const [, , first = ''] = process.argv;
if (['--version', '-v', '-V'].includes(first)) process.stdout.write(`upsql ${require('../../package.json').version}\n`);
else void import('./entry.js');
