import type { Session } from '../../adapters/adapter.js';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { Artifact, Interval } from '../../ml/artifact/index.js';
import { matrixOf, rocAuc, takeRows, takeValues } from '../../ml/index.js';
import {
  bootstrapMetrics,
  type CalibrationBin,
  type Confusion,
  calibrationCurve,
  confusionAt,
  liftAt,
  populationStability,
  silhouette,
} from '../../ml/judge/index.js';
import { featuresOf, predictCluster, predictProbability } from '../../ml/predict.js';
import { applyScaling } from '../../ml/scaling.js';
import { splitRows, type TaskColumns } from '../../ml/task/index.js';
import type { Engine } from '../engine.js';
import { oracleScores } from './oracle.js';
import { inputQuery, type MlNode, otherTask, readRows } from './task.js';

/** How a version does on the rows that the warehouse has now. */
export interface Evaluation {
  readonly name: string;
  readonly version: number;
  /**
   * `new`: rows of a cutoff after the training window. `held-out`: there are none yet, so these are the figures of the training, on the
   * rows it held out; to judge the model on rows it has since learnt from would flatter it. `all`: every row, of clusters.
   */
  readonly on: 'new' | 'held-out' | 'all';
  readonly rows: number;
  readonly metrics: Readonly<Record<string, Interval>>;
  readonly confusion?: Confusion;
  readonly calibration?: readonly CalibrationBin[];
  /** Population stability index by feature. */
  readonly drift: Readonly<Record<string, number>>;
}

/** From this index on a feature has drifted. */
export const DRIFT_LIMIT = 0.2;

/**
 * Judges versions of a model on its rows as they are now.
 * @throws UpsqlError for a feature that is gone, or rows without both outcomes.
 */
export async function evaluateModel(
  engine: Engine,
  task: MlNode,
  versions: readonly Artifact[],
  session: Session,
  truth?: string,
): Promise<readonly Evaluation[]> {
  const rows = await readRows(engine, await inputQuery(engine, task.node, session), task.spec, session);
  const evaluations: Evaluation[] = [];
  for (const artifact of versions) evaluations.push(await evaluate(task, artifact, rows, truth));
  return evaluations;
}

async function evaluate(
  { spec, node }: MlNode,
  artifact: Artifact,
  rows: TaskColumns,
  truth: string | undefined,
): Promise<Evaluation> {
  const numbers = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, rows.numbers(name)]));
  const data = featuresOf(artifact, matrixOf(numbers(artifact.features), artifact.features));
  const common = { name: artifact.name, version: artifact.version };
  if (artifact.task === 'kmeans' || spec.type === 'kmeans') {
    if (artifact.task !== 'kmeans') throw otherTask(artifact, node.name);
    const { cluster, distance } = predictCluster(artifact, data);
    const inertia = distance.reduce((sum, d) => sum + d * d, 0);
    const scaled = applyScaling(data, artifact.scaling);
    const exact = (value: number) => ({ value, low: value, high: value });
    const quality = silhouette(scaled, cluster, artifact.clustering.centres.length, artifact.seed);
    return {
      ...common,
      on: 'all',
      rows: data.rows,
      metrics: { inertia: exact(inertia), silhouette: exact(quality) },
      drift: Object.fromEntries(populationStability(artifact.reference, data)),
    };
  }
  const labels = rows.numbers(spec.label);
  const cutoffs = spec.cutoff === undefined ? undefined : rows.texts(spec.cutoff);
  const until = artifact.data.window?.to;
  const fresh = Uint32Array.from({ length: rows.rows }, (_, i) => i).filter(
    (row) => !Number.isNaN(labels[row] as number) && until !== undefined && (cutoffs?.[row] ?? '') > until,
  );
  const isNew = fresh.length > 0;
  const judged = isNew ? fresh : splitRows(spec, rows, labels).holdout;
  const actual = takeValues(labels, judged);
  const probability = predictProbability(artifact, takeRows(data, judged));
  const metrics: Record<string, Interval> = isNew
    ? { ...bootstrapMetrics(actual, probability, { seed: spec.seed }) }
    : { ...artifact.metrics?.values };
  if (isNew) {
    const lift = liftAt(actual, probability, 0.1);
    metrics.lift_10 = { value: lift, low: lift, high: lift };
  }
  if (truth !== undefined) {
    const [user] = spec.key;
    if (user === undefined || spec.cutoff === undefined || spec.horizon === undefined) {
      const hint = "Set 'key' (with the user first), 'cutoff' and 'horizon' in its ml config.";
      throw new UpsqlError(
        problem('ml-truth', `'${node.name}' does not say what to compare the truth with`, { hint }),
        1,
      );
    }
    const oracle = takeValues(
      await oracleScores(truth, rows, { user, cutoff: spec.cutoff, horizon: spec.horizon }),
      judged,
    );
    const known = Uint32Array.from(oracle.keys()).filter((i) => !Number.isNaN(oracle[i] as number));
    const auc = rocAuc(takeValues(actual, known), takeValues(oracle, known));
    metrics.oracle_auc = { value: auc, low: auc, high: auc };
  }
  // Drift is between what was learnt from and what is scored now.
  const unlabelled = Uint32Array.from(labels.keys()).filter((row) => Number.isNaN(labels[row] as number));
  return {
    ...common,
    on: isNew ? 'new' : 'held-out',
    rows: isNew ? judged.length : (artifact.metrics?.rows ?? 0),
    metrics,
    ...(isNew ? { confusion: confusionAt(actual, probability, spec.threshold) } : {}),
    calibration: isNew ? calibrationCurve(actual, probability) : artifact.calibration,
    drift: Object.fromEntries(
      populationStability(artifact.reference, unlabelled.length > 0 ? takeRows(data, unlabelled) : data),
    ),
  };
}
