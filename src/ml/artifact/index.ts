/** Trained models as files. */
export { fingerprint } from './fingerprint.js';
export { formatArtifact } from './format.js';
export {
  ARTIFACT_FORMAT,
  type Artifact,
  type ClassifierArtifact,
  type Interval,
  type KMeansArtifact,
  parseArtifact,
  type ReferenceBins,
  requireFeatures,
} from './schema.js';
export { type ModelStore, openStore } from './store.js';
