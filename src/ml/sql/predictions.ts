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

/** The scoring queries that this process has made last, by their text: what a template made is found again in a model's SQL. */
export const predictions: ReadonlyMap<string, Prediction> = new Map();

const KEPT = 256;

export function keepPrediction(sql: string, prediction: Prediction): void {
  const kept = predictions as Map<string, Prediction>;
  kept.delete(sql);
  const [oldest] = kept.keys();
  if (kept.size >= KEPT && oldest !== undefined) kept.delete(oldest);
  kept.set(sql, prediction);
}
