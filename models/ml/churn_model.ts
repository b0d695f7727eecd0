import { binaryMetrics, formatArtifact, mlError, readSpec, takeValues, taskColumns, trainTask } from 'upsql/ml';
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
];
const SILENCE = 'days_since_last_event';

export default async function model({ columns, vars, log }: ModelContext): Promise<ModelResult> {
  const looks = await columns('churn_features');
  const horizon = vars('churn_horizon_days', 30);
  const spec = readSpec(
    {
      type: 'classifier',
      name: 'churn',
      features: FEATURES,
      label: 'churned',
      key: ['split', 'user_id'],
      split: 'split',
      cutoff: 'cutoff_date',
      observed: ['last_seen_date'],
      horizon,
      baseline: SILENCE,
      // Whoever has been silent for months is gone: this feature may tell nearly all by itself.
      trusted: [SILENCE],
      threshold: vars('churn_threshold', 0.5),
      trainer: vars('churn_trainer', 'gbdt'),
      seed: vars('ml_seed', 42),
    },
    'churn_model',
  );
  const rows = taskColumns(new Map(Object.entries(looks.columns)), looks.length, spec.key);
  const splits = new Set(rows.texts('split'));
  if (!splits.has('train') || !splits.has('holdout')) {
    throw mlError(
      'ml-no-rows',
      `nobody was active up to ${2 * horizon} days before today, so there is nothing to learn churn from`,
      'Bring more history, or lower the var churn_horizon_days.',
    );
  }
  const { artifact, notes, holdout } = await trainTask(spec, rows, {
    name: 'churn',
    model: 'model.userpulse.churn_model',
  });
  for (const note of notes) log(note);
  if (holdout !== undefined) {
    // Whoever has long been silent is easily told: the figure that matters is the one among users who were still active.
    const silence = takeValues(rows.numbers(SILENCE), holdout.rows);
    const outcome = takeValues(rows.numbers('churned'), holdout.rows);
    const active = Uint32Array.from(silence.keys()).filter((i) => (silence[i] ?? 0) < horizon);
    const actual = takeValues(outcome, active);
    if (actual.includes(0) && actual.includes(1)) {
      const { positives, auc } = binaryMetrics(actual, takeValues(holdout.probability, active));
      const baseline = binaryMetrics(actual, takeValues(silence, active)).auc;
      log(
        `held out, users active in the last ${horizon} days (${active.length}, ${positives} churned): AUC ${auc.toFixed(3)} (recency alone ${baseline.toFixed(3)})`,
      );
    }
  }
  const { data } = artifact;
  return {
    columns: {
      name: [artifact.name],
      trained_rows: [data.rows],
      trained_from: [data.window?.from ?? null],
      trained_to: [data.window?.to ?? null],
      fingerprint: [data.fingerprint],
      artifact: [formatArtifact(artifact)],
    },
    types: {
      name: 'varchar',
      trained_rows: 'bigint',
      trained_from: 'date',
      trained_to: 'date',
      fingerprint: 'varchar',
      artifact: 'varchar',
    },
  };
}
