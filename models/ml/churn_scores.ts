import { matrixOf, mlError, orderBy, parseArtifact, predictProbability, takeRows } from 'upsql/ml';
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

export default async function model({ columns, log }: ModelContext<Tables>): Promise<ModelResult> {
  const looks = await columns('churn_features');
  const [text = ''] = (await columns('churn_model')).columns.artifact;
  const artifact = parseArtifact(text, 'churn_model');
  if (artifact.task !== 'classifier') throw mlError('ml-config', 'churn_model is no classifier');
  const split: readonly string[] = looks.columns.split;
  const users: readonly string[] = looks.columns.user_id;
  const today = orderBy(users).filter((row) => split[row] === 'score');
  const probability = predictProbability(artifact, takeRows(matrixOf(looks.columns, artifact.features), today));

  const cutoffs: readonly string[] = looks.columns.cutoff_date;
  log(`${today.length} users scored`);
  return {
    columns: {
      user_id: Array.from(today, (row) => users[row] ?? ''),
      cutoff_date: Array.from(today, (row) => cutoffs[row] ?? ''),
      churn_probability: probability,
      predicted_churn: Array.from(probability, (p) => p >= artifact.threshold),
    },
    types: { user_id: 'varchar', cutoff_date: 'date', churn_probability: 'double', predicted_churn: 'boolean' },
  };
}
