/** Models as SQL. */
export type { SqlDialect } from './dialect.js';
export { driftSql } from './drift.js';
export { type PredictOptions, type PredictSql, predictSql, scoreColumns } from './predict.js';
