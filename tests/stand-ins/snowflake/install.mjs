// Installs the Snowflake stand-in's Python packages into .venv-tests, once for each requirements.txt.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
const folder = fileURLToPath(new URL('../../../.venv-tests', import.meta.url));
const mark = `${folder}/installed`;
const version = createHash('sha256').update(readFileSync(requirements)).digest('hex');

/** The interpreter of the installed packages; undefined when they are not (or no longer) installed. */
export function standInPython() {
  const python = `${folder}/bin/python`;
  const fits = existsSync(mark) && readFileSync(mark, 'utf8') === version;
  return fits && existsSync(python) ? python : undefined;
}

/** Installs what is missing; gives the reason when that is not possible. */
export function installStandIn() {
  if (standInPython() !== undefined) return undefined;
  rmSync(folder, { recursive: true, force: true });
  const steps = [
    ['python3', ['-m', 'venv', folder]],
    [`${folder}/bin/python`, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]],
  ];
  for (const [command, args] of steps) {
    const ran = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
    if (ran.status !== 0)
      return `${command} ${args[1]} failed: ${(ran.stderr || String(ran.error ?? '')).trim().slice(-300)}`;
  }
  writeFileSync(mark, version);
  return undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const reason = installStandIn();
  if (reason !== undefined) {
    console.error(reason);
    process.exitCode = 1;
  }
}
