import { DATETIME_MODULE, PYTZ_MODULE } from '../datetime/module.js';
import { Dict } from '../values/collections.js';
import { ITERTOOLS_MODULE } from './itertools.js';
import { RE_MODULE } from './re.js';

/** dbt's `modules`: datetime, pytz, re and itertools. */
export function pythonModules(): Dict {
  return new Dict([
    ['datetime', DATETIME_MODULE],
    ['pytz', PYTZ_MODULE],
    ['re', RE_MODULE],
    ['itertools', ITERTOOLS_MODULE],
  ]);
}
