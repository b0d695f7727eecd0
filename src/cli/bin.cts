#!/usr/bin/env node
// Drivers run statements on libuv's pool of four threads, whose size counts until its first use: loading an ES module. So
// this file is CommonJS and sets it before any other.
process.env.UV_THREADPOOL_SIZE ??= '64';

void import('./entry.js');
