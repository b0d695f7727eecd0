/** How good a model is, and how far one may trust the figure. */
export { type BootstrapOptions, bootstrapMetrics, type JudgedMetric } from './bootstrap.js';
export { type CalibrationBin, calibrationCurve, calibrationError } from './calibration.js';
export { type Confusion, confusionAt, liftAt } from './confusion.js';
export { populationStability, referenceBins } from './drift.js';
export { silhouette } from './silhouette.js';
