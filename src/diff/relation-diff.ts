/** What the comparison of a relation on two sides gives: plain data, as `--output json` has it. */
export interface ColumnDiff {
  readonly name: string;
  /** The types, null on the side that has no such column. */
  readonly left: string | null;
  readonly right: string | null;
  /** Set where two kinds of warehouses have different names for the same type. */
  readonly alike?: boolean;
  /** Rows on both sides whose values differ; null where rows could not be matched by a key. */
  readonly different: number | null;
  /** Some of these rows. */
  readonly samples: readonly ValueSample[];
}

/** Values as texts, null for NULL. The key in the order of `key`. */
export interface ValueSample {
  readonly key: readonly (string | null)[];
  readonly left: string | null;
  readonly right: string | null;
}

export interface RowSample {
  readonly values: readonly (string | null)[];
}

export interface RowCounts {
  readonly left: number;
  readonly right: number;
  /** On the right side only. */
  readonly added: number;
  /** On the left side only. */
  readonly removed: number;
  /** On both sides, with a difference; null without a key, where a changed row is one removed and one added. */
  readonly changed: number | null;
}

export interface RelationDiff {
  readonly id: string;
  readonly name: string;
  /** The relations as they stand in SQL; null where a side has none. */
  readonly left: string | null;
  readonly right: string | null;
  readonly status: 'same' | 'different' | 'missing' | 'error';
  /** Columns that rows are matched by; empty: whole rows are compared. */
  readonly key: readonly string[];
  /** Why rows are not matched by a key, or could not be compared. */
  readonly note?: string;
  readonly columns: readonly ColumnDiff[];
  readonly rows: RowCounts | null;
  /** What the samples of whole rows show: the key, or every common column without one. */
  readonly shown: readonly string[];
  readonly added: readonly RowSample[];
  readonly removed: readonly RowSample[];
}
