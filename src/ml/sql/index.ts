/** Models as SQL. */
export type { SqlDialect } from './dialect.js';
export { driftSql } from './drift.js';
export { factsSql } from './facts.js';
export { type MarginFunction, marginFunction } from './margin-function.js';
export { type PredictOptions, type PredictSql, predictSql, scoreColumns } from './predict.js';
