import type { TreeEnsemble } from './gbdt/tree.js';
import { type Matrix, mlError, splitConstant } from './matrix.js';
import { countPositives } from './metrics.js';

/** Learns the probability of a yes from features. */
export interface BinaryClassifier {
  readonly name: string;
  /**
   * Trains on rows with labels of 0 and 1; NaN is a missing value.
   * @throws UpsqlError when there are no rows, only one class, or no column that varies.
   */
  train(data: Matrix, labels: Float64Array): Promise<BinaryModel>;
}

export interface BinaryModel {
  readonly features: readonly string[];
  /** Number of rows trained on; less than the data's where it was a sample. */
  readonly trainedRows: number;
  /** For each feature its share of what the model gained, 0 to 1; absent when the trainer can't tell. */
  readonly importance?: Readonly<Record<string, number>>;
  /** The model as plain data, which artifacts, SQL and SHAP values work on. */
  readonly ensemble: TreeEnsemble;
  /**
   * The probability of 1 for every row. Columns are found by name.
   * @throws UpsqlError `ml-missing-column` when a feature is gone.
   */
  predict(data: Matrix): Float64Array;
}

/** Settings that every trainer of boosted trees understands, under XGBoost's meanings. */
export interface BoostingOptions {
  readonly trees?: number;
  readonly depth?: number;
  readonly learningRate?: number;
  /** L2 penalty on leaf values. */
  readonly lambda?: number;
  /** Least sum of second derivatives in a leaf. */
  readonly minChildWeight?: number;
}

export const BOOSTING_DEFAULTS: Required<BoostingOptions> = {
  trees: 100,
  depth: 4,
  learningRate: 0.1,
  lambda: 1,
  minChildWeight: 1,
};

/**
 * The share of positives among the labels, after checking that there is something to learn.
 * @throws UpsqlError when labels are not 0 or 1 (`ml-label`) or of one class only (`ml-one-class`), their number differs from the
 * rows' (`ml-lengths-differ`), there are no rows (`ml-no-rows`), or no column varies (`ml-constant-column`).
 */
export function checkTraining(data: Matrix, labels: Float64Array): number {
  if (labels.length !== data.rows)
    throw mlError('ml-lengths-differ', `there are ${labels.length} labels for ${data.rows} rows`);
  const positives = countPositives(labels);
  if (splitConstant(data).varied.names.length === 0) {
    throw mlError(
      'ml-constant-column',
      'every feature column has the same value in every row',
      'There is nothing to learn from.',
    );
  }
  return positives / labels.length;
}
