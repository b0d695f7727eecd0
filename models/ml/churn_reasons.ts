import { matrixOf, mlError, orderBy, parseArtifact, takeRows, topReasons } from 'upsql/ml';
import type { ModelContext, ModelResult } from 'upsql/model';

export const config = {
  materialized: 'table',
  refs: ['churn_features', 'churn_model'],
  tags: ['ml'],
};

interface Tables {
  churn_features: Record<string, number> & { split: string; user_id: string };
  churn_model: { artifact: string };
}

export default async function model({ columns, vars }: ModelContext<Tables>): Promise<ModelResult> {
  const looks = await columns('churn_features');
  const [text = ''] = (await columns('churn_model')).columns.artifact;
  const artifact = parseArtifact(text, 'churn_model');
  if (artifact.task !== 'classifier') throw mlError('ml-config', 'churn_model is no classifier');
  const split: readonly string[] = looks.columns.split;
  const users: readonly string[] = looks.columns.user_id;
  const today = orderBy(users).filter((row) => split[row] === 'score');
  const reasons = topReasons(
    artifact,
    takeRows(matrixOf(looks.columns, artifact.features), today),
    vars('churn_reason_count', 3),
  );
  const rows = reasons.flatMap((list, i) =>
    list.map((reason, rank) => ({ user_id: users[today[i] ?? 0] ?? '', rank: rank + 1, ...reason })),
  );
  return {
    columns: {
      user_id: rows.map((row) => row.user_id),
      rank: rows.map((row) => row.rank),
      feature: rows.map((row) => row.feature),
      value: rows.map((row) => row.value),
      contribution: rows.map((row) => row.contribution),
    },
    types: { user_id: 'varchar', rank: 'integer', feature: 'varchar', value: 'double', contribution: 'double' },
  };
}
