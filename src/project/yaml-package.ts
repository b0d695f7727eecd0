/** For `await import()`: of a CommonJS package itself, the bundle of dist/ would give the default export only. */
export { parse, parseDocument } from 'yaml';
