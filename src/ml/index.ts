/**
 * Machine learning for TypeScript models, imported as `upsql/ml`: k-means behind `Clusterer`, boosted trees behind
 * `BinaryClassifier`, scaling, seeded sampling and metrics. Everything works on columns of numbers (`Matrix`).
 */

export {
  type Artifact,
  type ClassifierArtifact,
  formatArtifact,
  type KMeansArtifact,
  parseArtifact,
} from './artifact/index.js';
export {
  type BinaryClassifier,
  type BinaryModel,
  BOOSTING_DEFAULTS,
  type BoostingOptions,
  checkTraining,
} from './classifier.js';
export { type Assignment, assignClusters, type Clusterer, type Clustering } from './clusterer.js';
export {
  ensembleModel,
  gbdt,
  type Tree,
  type TreeEnsemble,
  trainEnsemble,
  trainEnsembleInThreads,
} from './gbdt/index.js';
export {
  bootstrapMetrics,
  calibrationCurve,
  calibrationError,
  confusionAt,
  liftAt,
  populationStability,
  silhouette,
} from './judge/index.js';
export { KMEANS_SAMPLE, type KMeansOptions, kMeans } from './kmeans.js';
export {
  type Matrix,
  matrixOf,
  mlError,
  orderBy,
  refuseMissing,
  splitConstant,
  takeRows,
  takeValues,
} from './matrix.js';
export {
  averagePrecision,
  type BinaryMetrics,
  binaryMetrics,
  brierScore,
  countPositives,
  logLoss,
  rocAuc,
} from './metrics.js';
export { predictCluster, predictProbability } from './predict.js';
export { type Random, sampleRows, seededRandom } from './random.js';
export { applyScaling, type ColumnScaling, fitScaling, type Scaling } from './scaling.js';
export { nameSegments, type Segment, type SegmentRoles } from './segments.js';
export { type Reason, shapValues, topReasons } from './shap.js';
export { type MlSpec, readSpec, taskColumns, trainTask } from './task/index.js';
export { XGBOOST_SAMPLE, type XGBoostOptions, xgboost } from './xgboost.js';
export { readXGBoostModel } from './xgboost-model.js';
