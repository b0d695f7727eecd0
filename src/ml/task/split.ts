import { mlError } from '../matrix.js';
import { seededRandom } from '../random.js';
import type { ClassifierSpec } from './spec.js';
import type { TaskColumns } from './table.js';

/** Rows with a known outcome by what they are for, and how they were told apart. */
export interface Split {
  readonly train: Uint32Array;
  readonly holdout: Uint32Array;
  readonly by: string;
}

const HELD_OUT = 0.2;

/**
 * Splits the rows with an outcome: by the `split` column, else by time (the latest cutoff is held out), else a seeded fifth.
 * @throws UpsqlError `ml-no-rows` when a side is empty.
 */
export function splitRows(spec: ClassifierSpec, columns: TaskColumns, labels: Float64Array): Split {
  const known = Uint32Array.from({ length: columns.rows }, (_, i) => i).filter(
    (row) => !Number.isNaN(labels[row] as number),
  );
  if (known.length === 0)
    throw mlError('ml-no-rows', `no row has a value in '${spec.label}', so there is nothing to learn from`);
  if (spec.split !== undefined) {
    const names = columns.texts(spec.split);
    const side = (name: string) => known.filter((row) => names[row] === name);
    const split = { train: side('train'), holdout: side('holdout'), by: `column ${spec.split}` };
    if (split.train.length > 0 && split.holdout.length > 0) return split;
    throw mlError(
      'ml-no-rows',
      `column '${spec.split}' has ${split.train.length} rows for train and ${split.holdout.length} for holdout with a value in '${spec.label}'`,
      'Both are needed: bring more history, or a shorter horizon.',
    );
  }
  if (spec.cutoff !== undefined) {
    const cutoffs = columns.texts(spec.cutoff);
    const latest =
      Array.from(known, (row) => cutoffs[row] ?? '')
        .sort()
        .at(-1) ?? '';
    const train = known.filter((row) => (cutoffs[row] ?? '') < latest);
    if (train.length > 0)
      return { train, holdout: known.filter((row) => cutoffs[row] === latest), by: `time (held out: ${latest})` };
  }
  const random = seededRandom(spec.seed);
  const held = new Set([...known].filter(() => random() < HELD_OUT));
  return {
    train: known.filter((row) => !held.has(row)),
    holdout: known.filter((row) => held.has(row)),
    by: 'chance, not by time',
  };
}
