export { type CacheOptions, parseCached } from './cache/index.js';
export { type ParseOptions, parseProject } from './parse-project.js';
export { createRuntime, type RuntimeOptions } from './runtime/create-runtime.js';
export type { AdapterResponse, BuiltRelation, MaterializationOutcome, Runtime, TestOutcome } from './runtime.js';
export { type AdapterFacts, type Invocation, originOf, type ParsedProject } from './state.js';
