export { ancestors, buildGraph, descendants, type Graph, type Member, members, subgraph } from './graph.js';
export type { Earlier } from './methods.js';
export { createQueue, type GraphQueue, type QueueOptions } from './queue.js';
export { type Selection, type SelectOptions, select } from './select.js';
export { findSelector, readSelectors, type Selector, type SelectorDefinition } from './selectors.js';
export { selectorsArtifact } from './selectors-artifact.js';
export { INDIRECT_SELECTIONS, type IndirectSelection, METHODS } from './spec.js';
export { contractBreaks } from './state.js';
export { withTestEdges } from './test-edges.js';
