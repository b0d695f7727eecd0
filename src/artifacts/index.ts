export { writeCatalog } from './catalog.js';
export { type JunitOptions, junitXml, writeJunit } from './junit.js';
export { countsOf, type ManifestCounts, readKeptManifest, writeAndKeepManifest } from './kept-manifest.js';
export { manifestJson, writeManifest } from './manifest.js';
export { type RunResultsOptions, runResultsJson, writeRunResults } from './run-results.js';
export { scrub, secretsOf } from './secrets.js';
export { writeSources } from './sources.js';
export { cannotWrite, writeAtomic } from './write-atomic.js';
