// The Python peers, in a virtual environment of their own.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Installs them into `venv` unless they are there; gives a function that runs one job of peers.py. */
export function setUpPeers(venv, threads) {
  const python = join(venv, 'bin/python');
  if (!existsSync(python)) {
    execFileSync('python3', ['-m', 'venv', venv]);
    execFileSync(python, ['-m', 'pip', 'install', '-q', '-r', here('requirements.txt')], { stdio: 'inherit' });
  }
  const env = { ...process.env, OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) };
  return (job) =>
    JSON.parse(execFileSync(python, [here('peers.py'), JSON.stringify({ ...job, threads })], { env }).toString());
}
