export { compileUnitTest } from './compile.js';
export { checkExpected } from './fixtures.js';
export type { UnitTestHost } from './host.js';
export { type UnitCell, type UnitRow, type UnitTestRows, unitTestRows } from './rows.js';
export { columnTypes } from './shapes.js';
