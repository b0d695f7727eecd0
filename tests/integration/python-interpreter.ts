import { judgePython } from '../../scripts/judge/install.mjs';
import { standInPython } from '../stand-ins/snowflake/install.mjs';

/** A Python with the packages duckdb and, in the stand-in's environment, pyarrow; undefined where neither is installed. */
export const testPython: string | undefined = standInPython() ?? judgePython();

/** A title for `describe.skipIf(testPython === undefined)` that says why. */
export function titledPython(title: string): string {
  return testPython === undefined
    ? `${title} [skipped: no Python with duckdb: UPSQL_TEST_SNOWFLAKE=1 npm test]`
    : title;
}
