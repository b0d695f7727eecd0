export { type DiffOptions, diffNode, isChanged, keyOf } from './diff.js';
export { type OpenSidesOptions, openSides, type Sides } from './open-sides.js';
export type { ColumnDiff, RelationDiff, RowCounts, RowSample, ValueSample } from './relation-diff.js';
export type { Side } from './side.js';
