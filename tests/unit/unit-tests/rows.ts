import type { UnitRow } from '../../../src/parse/runtime.js';

/** A row of plain values as the runtime gives them. */
export const row = (values: readonly (string | number | null)[]): UnitRow =>
  values.map((value) => (value === null ? null : { text: String(value), order: value }));
