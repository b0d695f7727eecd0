import { matrixOf, mlError, parseArtifact, populationStability, takeRows } from 'upsql/ml';
import type { ModelContext, ModelResult } from 'upsql/model';

export const config = {
  materialized: 'table',
  refs: ['churn_features', 'churn_model'],
  tags: ['ml'],
};

interface Tables {
  churn_features: Record<string, number> & { split: string };
  churn_model: { artifact: string };
}

interface Figure {
  readonly kind: 'metric' | 'importance' | 'calibration' | 'drift';
  readonly name: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly outcomes: number | null;
}

/** From this population stability index on the users of today are not those that the model learnt from. */
const DRIFT_LIMIT = 0.2;

/** What grows with the calendar always drifts from a training window that lies back; its index stays in the table. */
const GROWS_WITH_TIME: ReadonlySet<string> = new Set(['tenure_days']);

/** The 95% interval of a share seen in `n` outcomes (E. B. Wilson, 1927). */
function wilson(share: number, n: number): { readonly low: number; readonly high: number } {
  const z = 1.959964;
  const middle = (share + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

export default async function model({ columns, log }: ModelContext<Tables>): Promise<ModelResult> {
  const looks = await columns('churn_features');
  const [text = ''] = (await columns('churn_model')).columns.artifact;
  const artifact = parseArtifact(text, 'churn_model');
  if (artifact.task !== 'classifier') throw mlError('ml-config', 'churn_model is no classifier');
  const split: readonly string[] = looks.columns.split;
  const today = Uint32Array.from(split.keys()).filter((row) => split[row] === 'score');
  const drift = populationStability(artifact.reference, takeRows(matrixOf(looks.columns, artifact.features), today));
  for (const [feature, psi] of drift)
    if (psi >= DRIFT_LIMIT && !GROWS_WITH_TIME.has(feature))
      log(`warning: ${feature} is spread otherwise than in training (PSI ${psi.toFixed(2)})`);
  const plain = (kind: Figure['kind'], name: string, value: number): Figure => ({
    kind,
    name,
    value,
    low: null,
    high: null,
    outcomes: null,
  });
  const figures: Figure[] = [
    ...Object.entries(artifact.metrics?.values ?? {}).map(([name, figure]) => ({
      kind: 'metric' as const,
      name,
      ...figure,
      outcomes: null,
    })),
    ...Object.entries(artifact.importance).map(([name, value]) => plain('importance', name, value)),
    // The name is the bin's mean probability, the value the share that did churn.
    ...artifact.calibration.map(({ rows, predicted, observed }) => ({
      ...plain('calibration', predicted.toFixed(6), observed),
      ...wilson(observed, rows),
      outcomes: rows,
    })),
    ...[...drift].map(([name, value]) => plain('drift', name, value)),
  ];
  return {
    columns: {
      kind: figures.map((figure) => figure.kind),
      name: figures.map((figure) => figure.name),
      value: figures.map((figure) => figure.value),
      low: figures.map((figure) => figure.low),
      high: figures.map((figure) => figure.high),
      outcomes: figures.map((figure) => figure.outcomes),
    },
    types: { kind: 'varchar', name: 'varchar', value: 'double', low: 'double', high: 'double', outcomes: 'bigint' },
  };
}
