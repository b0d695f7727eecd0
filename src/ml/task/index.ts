/** Training as a model's `ml` config describes it. */
export { type ClassifierSpec, type KMeansSpec, type MlSpec, readSpec } from './spec.js';
export { splitRows } from './split.js';
export { type TaskColumns, taskColumns } from './table.js';
export { type Trained, type TrainOptions, trainTask } from './train.js';
export { featureMatrix } from './train-classifier.js';
