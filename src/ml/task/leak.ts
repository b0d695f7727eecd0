import { type Matrix, mlError, takeRows, takeValues } from '../matrix.js';
import { rocAuc } from '../metrics.js';
import type { ClassifierSpec } from './spec.js';
import type { TaskColumns } from './table.js';

/**
 * Refuses what the trained model could not know when it scores: the label or the cutoff among the features, rows whose newest
 * observation is after their cutoff, and features that tell the outcome by themselves.
 * @throws UpsqlError `ml-leak`, naming the column.
 */
export function refuseLeaks(
  spec: ClassifierSpec,
  columns: TaskColumns,
  data: Matrix,
  labels: Float64Array,
  known: Uint32Array,
): void {
  for (const name of [spec.label, ...(spec.split === undefined ? [] : [spec.split])]) {
    if (spec.features.includes(name))
      throw mlError('ml-leak', `'${name}' is a feature, but it says the outcome itself`, `Take it out of 'features'.`);
  }
  refuseLaterObservations(spec, columns);
  const actual = takeValues(labels, known);
  const rows = takeRows(data, known);
  for (const [j, column] of rows.columns.entries()) {
    const name = rows.names[j] ?? '';
    if (spec.trusted.includes(name)) continue;
    const auc = rocAuc(
      actual,
      column.map((value) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value)),
    );
    if (Math.max(auc, 1 - auc) < spec.leak_auc) continue;
    throw mlError(
      'ml-leak',
      `feature '${name}' alone tells the outcome (AUC ${Math.max(auc, 1 - auc).toFixed(4)}): it looks as if it saw events from after the cutoff`,
      `Check its SQL for days after the cutoff. If it is right, add it to 'trusted' in the model's ml config.`,
    );
  }
}

function refuseLaterObservations({ cutoff, observed }: ClassifierSpec, columns: TaskColumns): void {
  if (cutoff === undefined) return;
  const limits = columns.texts(cutoff);
  for (const name of observed) {
    const seen = columns.texts(name);
    const late = seen.flatMap((value, i) =>
      value !== null && limits[i] !== null && value > String(limits[i]) ? [i] : [],
    );
    const [first] = late;
    if (first === undefined) continue;
    throw mlError(
      'ml-leak',
      `'${name}' is after '${cutoff}' in ${late.length} rows (${seen[first]} after ${limits[first]}, for one): features saw events from after the cutoff`,
      'Restrict the features to events up to the cutoff.',
    );
  }
}
