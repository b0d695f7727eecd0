import { matrixOf, mlError, orderBy, parseArtifact, predictProbability, takeRows, takeValues, xgboost } from 'upsql/ml';
import type { ModelContext, ModelResult } from 'upsql/model';

export const config = {
  materialized: 'table',
  refs: ['churn_features', 'churn_model'],
  tags: ['ml'],
};

interface Tables {
  churn_features: Record<string, number> & { split: string; user_id: string; cutoff_date: string };
  churn_model: { artifact: string };
}

export default async function model({ columns, vars, log }: ModelContext<Tables>): Promise<ModelResult> {
  const looks = await columns('churn_features');
  const [text = ''] = (await columns('churn_model')).columns.artifact;
  const artifact = parseArtifact(text, 'churn_model');
  if (artifact.task !== 'classifier') throw mlError('ml-config', 'churn_model is no classifier');
  const data = matrixOf(looks.columns, artifact.features);
  const split: readonly string[] = looks.columns.split;
  const users: readonly string[] = looks.columns.user_id;
  const order = orderBy(split, users);
  const today = order.filter((row) => split[row] === 'score');
  const scored = takeRows(data, today);

  const trainer = vars('churn_trainer', 'gbdt');
  let probability: Float64Array;
  if (trainer === 'gbdt') probability = predictProbability(artifact, scored);
  else if (trainer === 'xgboost') {
    const known = order.filter((row) => split[row] !== 'score');
    const outcome = takeValues(matrixOf(looks.columns, ['churned']).columns[0] ?? new Float64Array(), known);
    const other = await xgboost({ seed: vars('ml_seed', 42) }).train(takeRows(data, known), outcome);
    probability = other.predict(scored);
    log(`xgboost trained on ${other.trainedRows} of ${known.length} outcomes`);
  } else throw mlError('ml-unknown-trainer', `the var churn_trainer is '${trainer}'`, 'It can be gbdt or xgboost.');

  const threshold = vars('churn_threshold', 0.5);
  const cutoffs: readonly string[] = looks.columns.cutoff_date;
  log(`${today.length} users scored by ${trainer}`);
  return {
    columns: {
      user_id: Array.from(today, (row) => users[row] ?? ''),
      cutoff_date: Array.from(today, (row) => cutoffs[row] ?? ''),
      churn_probability: probability,
      predicted_churn: Array.from(probability, (p) => p >= threshold),
    },
    types: { user_id: 'varchar', cutoff_date: 'date', churn_probability: 'double', predicted_churn: 'boolean' },
  };
}
