export { type CacheOptions, parseCached } from './cache/index.js';
export { type ParseOptions, parseProject } from './parse-project.js';
export { createRuntime } from './runtime/create-runtime.js';
export type { RuntimeOptions } from './runtime/runtime-options.js';
export type { AdapterResponse, BuiltRelation, MaterializationOutcome, Runtime, TestOutcome } from './runtime.js';
export { type AdapterFacts, type Invocation, originOf, type ParsedProject } from './state.js';
