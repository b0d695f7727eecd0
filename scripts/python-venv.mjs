// Python packages for tests: a virtual environment for each list of pinned requirements, made once for each state of the list.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/**
 * @param {string} folder of the environment
 * @param {readonly string[]} requirements files, as pip reads them
 */
export function pythonVenv(folder, requirements) {
  const python = `${folder}/bin/python`;
  const mark = `${folder}/installed`;
  const hash = createHash('sha256');
  for (const file of requirements) hash.update(readFileSync(file));
  const version = hash.digest('hex');

  /** The interpreter of the installed packages; undefined when they are not (or no longer) installed. */
  function installed() {
    const fits = existsSync(mark) && readFileSync(mark, 'utf8') === version;
    return fits && existsSync(python) ? python : undefined;
  }

  /** Installs what is missing; gives the reason when that is not possible. */
  function install() {
    if (installed() !== undefined) return undefined;
    rmSync(folder, { recursive: true, force: true });
    const files = requirements.flatMap((file) => ['-r', file]);
    const steps = [
      ['python3', ['-m', 'venv', folder]],
      [python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...files]],
    ];
    for (const [command, args] of steps) {
      const ran = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
      if (ran.status !== 0)
        return `${command} ${args[1]} failed: ${(ran.stderr || String(ran.error ?? '')).trim().slice(-300)}`;
    }
    writeFileSync(mark, version);
    return undefined;
  }

  return { installed, install };
}
