export type { Break } from './breaks.js';
export {
  type ChangePlan,
  type ChangePlanOptions,
  type Impact,
  makeChangePlan,
  type PlannedNode,
} from './change-plan.js';
export type { ColumnChange } from './column-changes.js';
export type { AffectedExposure } from './exposures.js';
export type { Reason, ReasonKind } from './reasons.js';
export { type Recording, startRecording } from './record.js';
