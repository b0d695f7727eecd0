// Running a command and measuring it: seconds, processor seconds and peak memory, medians of several runs.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TIME = '/usr/bin/time';
const counted = existsSync(TIME);

/** What a tool needs of the environment. Settings of this shell, as further certificates for Node to read, are no part of it. */
const CLEAN = Object.fromEntries(
  ['PATH', 'HOME', 'LANG', 'TMPDIR'].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
);

/**
 * Runs a command once, in an environment with `env` and little else. Gives `seconds` of wall clock, and where GNU time is installed `cpu` seconds and `megabytes` of peak
 * memory. Throws with the end of its output where it fails.
 */
export function runOnce([program, ...args], { cwd, env = {} }) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const report = join(folder, 'time');
  const argv = counted ? [TIME, '-f', '%U %S %M', '-o', report, program, ...args] : [program, ...args];
  const started = process.hrtime.bigint();
  const done = spawnSync(argv[0], argv.slice(1), {
    cwd,
    env: { ...CLEAN, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  try {
    if (done.status !== 0) {
      const said = `${done.stdout ?? ''}${done.stderr ?? ''}${done.error ?? ''}`;
      throw new Error(`${[program, ...args].join(' ')} failed in ${cwd}:\n${said.slice(-3000)}`);
    }
    if (!counted) return { seconds, cpu: null, megabytes: null };
    const [user, system, kilobytes] = readFileSync(report, 'utf8').trim().split('\n').at(-1).split(' ').map(Number);
    return { seconds, cpu: user + system, megabytes: kilobytes / 1024 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The medians of runs; null for what could not be measured. */
export function mediansOf(runs) {
  const of = (key) => (runs.some((run) => run[key] === null) ? null : median(runs.map((run) => run[key])));
  return { seconds: of('seconds'), cpu: of('cpu'), megabytes: of('megabytes'), runs: runs.length };
}

/** Medians of `runs` measured runs after `warmUps` others; `prepare` goes before each and is not measured. */
export function measure(command, { cwd, env, runs, warmUps = 1, prepare = () => undefined }) {
  const measured = [];
  for (let i = -warmUps; i < runs; i++) {
    prepare();
    const run = runOnce(command, { cwd, env });
    if (i >= 0) measured.push(run);
  }
  return mediansOf(measured);
}
