export { lineageArtifact, writeLineage } from './artifact.js';
export { type ColumnId, columnKey, type LineageKind } from './column.js';
export { manifestWithLineage } from './in-manifest.js';
export { builtColumns, compileAll, type LoadLineageOptions, loadLineage } from './load-lineage.js';
export { lineagePage } from './picture.js';
export { type ColumnLineage, type NodeLineage, projectLineage } from './project-lineage.js';
export type { QueryReader } from './query.js';
export { createQueryReader } from './read/create-query-reader.js';
export {
  type ColumnEdge,
  type ColumnTree,
  columnTree,
  type Direction,
  edgesOf,
  findColumn,
  type Lineage,
  reach,
  relationLabel,
} from './walk.js';
