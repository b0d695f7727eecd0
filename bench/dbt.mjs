// dbt-core with dbt-duckdb, pinned by requirements.txt, in the virtual environment .venv/ of the repository.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The command that starts dbt: DBT of the environment, else the one in .venv/, which is made where it is missing. Undefined,
 * and said so, where there is no Python or the installation fails: then upsql is measured alone.
 */
export function dbtProgram(root) {
  if (process.env.DBT) return [process.env.DBT];
  const program = join(root, '.venv', process.platform === 'win32' ? 'Scripts/dbt.exe' : 'bin/dbt');
  if (existsSync(program)) return [program];
  const python = process.env.PYTHON ?? 'python3';
  const steps = [
    [python, ['-m', 'venv', join(root, '.venv')]],
    [join(program, '../python'), ['-m', 'pip', 'install', '--quiet', '-r', join(root, 'bench/requirements.txt')]],
  ];
  for (const [step, args] of steps) {
    const done = spawnSync(step, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
    if (done.status === 0) continue;
    const why = done.error?.code === 'ENOENT' ? `${step} is missing` : (done.stderr ?? '').trim().split('\n').at(-1);
    process.stderr.write(`dbt-core is left out (${why}): upsql is measured alone.\n`);
    return undefined;
  }
  return [program];
}
