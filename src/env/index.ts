export type { Decision } from './decide.js';
export { dropEnvironment } from './drop.js';
export { checkName, type Place } from './names.js';
export { type EnvironmentPlan, planEnvironment } from './plan-environment.js';
export { type Promoted, type PromotionPreview, previewPromotion, promote } from './promote.js';
export { type Pruned, prune } from './prune.js';
export { listEnvironments, readInEnvironment } from './read-environment.js';
export { type RecordedRun, type RecordedRunOptions, startRecordedRun } from './recorded-run.js';
export type { Environment, EnvironmentNode } from './state.js';
