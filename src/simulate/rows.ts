import { CATEGORY_NAMES, FEATURES, PLATFORMS } from './catalogue.js';

/** What is wrong with a row, if anything. Damaged rows are extra copies of good events, which stay in the file as well. */
export const Fault = {
  none: 0,
  /** A line cut off in the middle; in Parquet a row of nulls. */
  malformed: 1,
  /** The same event a second time. */
  duplicate: 2,
  missingUser: 3,
  missingTimestamp: 4,
  missingFeature: 5,
  /** A platform that the app does not have. */
  platform: 6,
} as const;

/** The events of a block, one array a column, in the order in which they arrived. */
export interface Rows {
  length: number;
  /** User ids, from 1. */
  readonly user: Int32Array;
  /** Milliseconds since 1970 (UTC). */
  readonly time: Float64Array;
  /** Indexes into FEATURES. */
  readonly feature: Uint8Array;
  readonly seconds: Int32Array;
  /** Indexes into PLATFORMS; PLATFORMS.length stands for the unknown platform. */
  readonly platform: Uint8Array;
  /** A value of Fault. */
  readonly fault: Uint8Array;
}

export function allocateRows(capacity: number): Rows {
  return {
    length: 0,
    user: new Int32Array(capacity),
    time: new Float64Array(capacity),
    feature: new Uint8Array(capacity),
    seconds: new Int32Array(capacity),
    platform: new Uint8Array(capacity),
    fault: new Uint8Array(capacity),
  };
}

/** How many rows of a run are what: `rows` = `events` + the damaged ones. */
export interface Tally {
  readonly rows: number;
  readonly events: number;
  /** Good events that arrived on a later day than they happened. */
  readonly late: number;
  readonly malformed: number;
  readonly duplicate: number;
  readonly missing: number;
  readonly platform: number;
  /** Good events by category (places as in CATEGORY_NAMES) and by platform (as in PLATFORMS). */
  readonly byCategory: readonly number[];
  readonly byPlatform: readonly number[];
}

export const NOTHING: Tally = {
  rows: 0,
  events: 0,
  late: 0,
  malformed: 0,
  duplicate: 0,
  missing: 0,
  platform: 0,
  byCategory: CATEGORY_NAMES.map(() => 0),
  byPlatform: PLATFORMS.map(() => 0),
};

export function addTally(a: Tally, b: Tally): Tally {
  return {
    rows: a.rows + b.rows,
    events: a.events + b.events,
    late: a.late + b.late,
    malformed: a.malformed + b.malformed,
    duplicate: a.duplicate + b.duplicate,
    missing: a.missing + b.missing,
    platform: a.platform + b.platform,
    byCategory: a.byCategory.map((n, i) => n + (b.byCategory[i] ?? 0)),
    byPlatform: a.byPlatform.map((n, i) => n + (b.byPlatform[i] ?? 0)),
  };
}

/** Counts the kinds of rows; `late` is known to whoever made them. */
export function tallyRows(rows: Rows, late: number): Tally {
  const counts = new Array<number>(7).fill(0);
  const features = new Float64Array(FEATURES.length);
  const platforms = new Float64Array(PLATFORMS.length);
  for (let i = 0; i < rows.length; i++) {
    const fault = rows.fault[i] as number;
    counts[fault] = (counts[fault] as number) + 1;
    if (fault !== Fault.none) continue;
    const feature = rows.feature[i] as number;
    features[feature] = (features[feature] as number) + 1;
    const platform = rows.platform[i] as number;
    platforms[platform] = (platforms[platform] as number) + 1;
  }
  const byCategory = CATEGORY_NAMES.map(() => 0);
  for (const [i, { category }] of FEATURES.entries())
    byCategory[category] = (byCategory[category] ?? 0) + (features[i] ?? 0);
  const of = (fault: number): number => counts[fault] ?? 0;
  return {
    rows: rows.length,
    events: of(Fault.none),
    late,
    malformed: of(Fault.malformed),
    duplicate: of(Fault.duplicate),
    missing: of(Fault.missingUser) + of(Fault.missingTimestamp) + of(Fault.missingFeature),
    platform: of(Fault.platform),
    byCategory,
    byPlatform: [...platforms],
  };
}
