import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Makes a process count what it asks of a warehouse and kill itself, with SIGKILL, just before it asks for the nth time: no clock
 * and no load of the machine decides where the blow falls.
 */
export interface Killing {
  /** The environment of a process that is killed before its nth request; without `n` it only counts. */
  env(n?: number): Readonly<Record<string, string>>;
  /** What the last process that counted has asked for. */
  asked(): readonly string[];
}

const PRELOAD = `
const { appendFileSync } = require('node:fs');
const at = Number(process.env.KILL_AT ?? 0);
let count = 0;
const ask = (what) => {
  count += 1;
  if (count === at) process.kill(process.pid, 'SIGKILL');
  if (at === 0) appendFileSync(process.env.KILL_LOG, what.replace(/\\s+/g, ' ') + '\\n');
};
if (process.env.KILL_ON === 'duckdb') {
  // The library itself, wherever the JavaScript around it is bundled.
  const ASKS = new Set(['query', 'prepare', 'extract_statements']);
  const { dlopen } = process;
  process.dlopen = function (module, ...args) {
    dlopen.call(this, module, ...args);
    const library = module.exports;
    if (library.query === undefined || library.prepare === undefined) return;
    module.exports = new Proxy(Object.create(library), {
      get(_, name) {
        const own = library[name];
        if (!ASKS.has(name)) return own;
        return (connection, sql) => {
          ask(String(sql));
          return own.call(library, connection, sql);
        };
      },
    });
  };
} else {
  const http = require('node:http');
  const { request } = http;
  http.request = function (...args) {
    const [given] = args;
    if (String(given.path ?? given.pathname).includes('/query-request')) ask('query');
    return request.apply(this, args);
  };
}
`;

export function killing(what: 'duckdb' | 'http'): Killing {
  const folder = mkdtempSync(join(tmpdir(), 'upsql-killing-'));
  const preload = join(folder, 'preload.cjs');
  const log = join(folder, 'asked.txt');
  writeFileSync(preload, PRELOAD);
  return {
    env: (n = 0) => {
      if (n === 0) writeFileSync(log, '');
      return { NODE_OPTIONS: `--require ${preload}`, KILL_ON: what, KILL_AT: String(n), KILL_LOG: log };
    },
    asked: () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : []),
  };
}
