// Installs dbt, its adapter suite and the readers of artifacts into .venv-judge, once for each state of their pins.
import { fileURLToPath } from 'node:url';
import { pythonVenv } from '../python-venv.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const venv = pythonVenv(path('../../.venv-judge'), [
  path('adapter-suite/requirements.txt'),
  path('readers/requirements.txt'),
]);

/** The interpreter of the installed packages; undefined when they are not (or no longer) installed. */
export const judgePython = venv.installed;

/** Installs what is missing; gives the reason when that is not possible. */
export const installJudge = venv.install;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const reason = installJudge();
  if (reason !== undefined) {
    console.error(reason);
    process.exitCode = 1;
  }
}
