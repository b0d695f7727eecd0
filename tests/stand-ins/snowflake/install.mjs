// Installs the Snowflake stand-in's Python packages into .venv-tests, once for each requirements.txt.
import { fileURLToPath } from 'node:url';
import { pythonVenv } from '../../../scripts/python-venv.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const venv = pythonVenv(path('../../../.venv-tests'), [path('requirements.txt')]);

/** The interpreter of the installed packages; undefined when they are not (or no longer) installed. */
export const standInPython = venv.installed;

/** Installs what is missing; gives the reason when that is not possible. */
export const installStandIn = venv.install;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const reason = installStandIn();
  if (reason !== undefined) {
    console.error(reason);
    process.exitCode = 1;
  }
}
