import type { Artifact } from '../artifact/index.js';
import type { SqlDialect } from './dialect.js';
import type { PredictOptions } from './predict.js';

/** What a scoring query was made of. */
export interface Prediction {
  readonly artifact: Artifact;
  readonly relation: string;
  readonly dialect: SqlDialect;
  readonly options: PredictOptions;
}

/** The scoring queries that this process has made, by their text: what a template made is found again in a model's SQL. */
export const predictions = new Map<string, Prediction>();
