import { type Artifact, type ClassifierArtifact, type KMeansArtifact, requireFeatures } from './artifact/index.js';
import { type Assignment, assignClusters } from './clusterer.js';
import { ensembleModel } from './gbdt/index.js';
import type { Matrix } from './matrix.js';
import { applyScaling } from './scaling.js';

/**
 * The probability of a yes for every row, in the process. Columns are found by name (without case), whatever their order; missing
 * values are read by the model's own rule.
 * @throws UpsqlError `ml-missing-column` when a feature is gone.
 */
export function predictProbability(artifact: ClassifierArtifact, data: Matrix): Float64Array {
  return ensembleModel(artifact.ensemble, artifact.data.rows).predict(featuresOf(artifact, data));
}

/**
 * Each row's cluster and its distance to the centre, in the process.
 * @throws UpsqlError `ml-missing-column` when a feature is gone.
 */
export function predictCluster(artifact: KMeansArtifact, data: Matrix): Assignment {
  return assignClusters(artifact.clustering, applyScaling(featuresOf(artifact, data), artifact.scaling));
}

/** The model's features in its own order, with missing values by its rule. */
export function featuresOf(artifact: Artifact, data: Matrix): Matrix {
  requireFeatures(artifact, data.names);
  const lower = data.names.map((name) => name.toLowerCase());
  const columns = artifact.features.map((name) => data.columns[lower.indexOf(name.toLowerCase())] as Float64Array);
  return {
    rows: data.rows,
    names: artifact.features,
    columns: artifact.missing === 'zero' ? columns.map(zeroForMissing) : columns,
  };
}

export function zeroForMissing(column: Float64Array): Float64Array {
  return column.some(Number.isNaN) ? column.map((value) => (Number.isNaN(value) ? 0 : value)) : column;
}
