import {
  type BinaryClassifier,
  binaryMetrics,
  gbdt,
  matrixOf,
  mlError,
  orderBy,
  takeRows,
  takeValues,
  xgboost,
} from 'upsql/ml';
import type { ModelContext, ModelResult } from 'upsql/model';

export const config = {
  materialized: 'table',
  refs: ['churn_features'],
  tags: ['ml'],
};

const FEATURES = [
  'tenure_days',
  'days_since_last_event',
  'total_events',
  'active_days',
  'total_minutes',
  'average_minutes',
  'average_gap_days',
  'events_last_7d',
  'active_days_last_7d',
  'events_last_30d',
  'active_days_last_30d',
  'events_observed',
  'active_days_observed',
  'minutes_last_30d',
  'unique_features_used',
  'unique_categories_used',
] as const;

interface Tables {
  churn_features: Record<(typeof FEATURES)[number] | 'churned', number> & {
    split: string;
    user_id: string;
    cutoff_date: string;
  };
}

export default async function model({ columns, vars, log }: ModelContext<Tables>): Promise<ModelResult> {
  const looks = await columns('churn_features');
  const data = matrixOf(looks.columns, FEATURES);
  const { split, churned: outcome, days_since_last_event: silence } = looks.columns;
  const order = orderBy(split, looks.columns.user_id);
  const rowsOf = (...splits: readonly string[]): Uint32Array =>
    order.filter((row) => splits.includes(split[row] ?? ''));
  const train = rowsOf('train');
  const holdout = rowsOf('holdout');
  const horizon = vars('churn_horizon_days', 30);
  if (train.length === 0 || holdout.length === 0) {
    throw mlError(
      'ml-no-rows',
      `nobody was active up to ${2 * horizon} days before today, so there is nothing to learn churn from`,
      'Bring more history, or lower the var churn_horizon_days.',
    );
  }

  const trainer = trainerOf(vars('churn_trainer', 'gbdt'), vars('ml_seed', 42));
  const trial = await trainer.train(takeRows(data, train), takeValues(outcome, train));
  // Whoever has long been silent is easily told: the figure that matters is the one among users who were still active.
  const active = holdout.filter((row) => (silence[row] ?? 0) < horizon);
  for (const [who, rows] of [
    ['all users', holdout],
    [`users active in the last ${horizon} days`, active],
  ] as const) {
    if (!twoClasses(takeValues(outcome, rows))) continue;
    const actual = takeValues(outcome, rows);
    const { positives, auc, prAuc, logLoss, brier } = binaryMetrics(actual, trial.predict(takeRows(data, rows)));
    // The bar to clear: rank by days since the last event alone.
    const baseline = binaryMetrics(actual, takeValues(silence, rows)).auc;
    log(
      `holdout, ${who} (${rows.length}, ${positives} churned): AUC ${auc.toFixed(3)} (recency alone ${baseline.toFixed(3)}), ` +
        `PR-AUC ${prAuc.toFixed(3)}, log loss ${logLoss.toFixed(3)}, Brier ${brier.toFixed(3)}`,
    );
  }

  const known = rowsOf('train', 'holdout');
  const final = await trainer.train(takeRows(data, known), takeValues(outcome, known));
  const today = rowsOf('score');
  const probability = final.predict(takeRows(data, today));
  const threshold = vars('churn_threshold', 0.5);
  const pick = <T>(list: readonly T[]): T[] => Array.from(today, (row) => list[row] as T);
  log(`${trainer.name} trained on ${final.trainedRows} of ${known.length} outcomes, ${today.length} users scored`);
  return {
    columns: {
      user_id: pick(looks.columns.user_id),
      cutoff_date: pick(looks.columns.cutoff_date),
      churn_probability: probability,
      predicted_churn: Array.from(probability, (p) => p >= threshold),
    },
    types: { user_id: 'varchar', cutoff_date: 'date', churn_probability: 'double', predicted_churn: 'boolean' },
  };
}

function trainerOf(name: string, seed: number): BinaryClassifier {
  if (name === 'gbdt') return gbdt();
  if (name === 'xgboost') return xgboost({ seed });
  throw mlError('ml-unknown-trainer', `the var churn_trainer is '${name}'`, 'It can be gbdt or xgboost.');
}

function twoClasses(labels: Float64Array): boolean {
  return labels.includes(0) && labels.includes(1);
}
