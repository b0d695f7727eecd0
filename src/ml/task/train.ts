import type { Artifact } from '../artifact/index.js';
import type { MlSpec } from './spec.js';
import type { TaskColumns } from './table.js';
import { trainClassifier } from './train-classifier.js';
import { trainKMeans } from './train-kmeans.js';

export interface TrainOptions {
  /** The model's name where the spec has none. */
  readonly name: string;
  /** unique_id of the node that gives the rows. */
  readonly model: string;
  /** The version of upsql that the artifact names; default: this one. */
  readonly libraryVersion?: string;
}

export interface Trained {
  /** Version 1; a store numbers it. */
  readonly artifact: Artifact;
  /** What to tell about the training, a line each. */
  readonly notes: readonly string[];
  /** Of a classifier: the rows held out and what the model that had not seen them said. */
  readonly holdout?: { readonly rows: Uint32Array; readonly probability: Float64Array };
}

/**
 * Trains a model on rows as its spec says.
 * @throws UpsqlError for rows that can't be learnt from: none, one class, constant, not numeric, infinite, too few, or leaking.
 */
export function trainTask(spec: MlSpec, columns: TaskColumns, options: TrainOptions): Promise<Trained> {
  return spec.type === 'classifier' ? trainClassifier(spec, columns, options) : trainKMeans(spec, columns, options);
}
