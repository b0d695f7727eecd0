import { ARTIFACT_FORMAT, type ClassifierArtifact, fingerprint } from '../artifact/index.js';
import type { BoostingOptions } from '../classifier.js';
import { ensembleModel, gbdt, type Tree } from '../gbdt/index.js';
import { bootstrapMetrics, calibrationCurve, confusionAt, liftAt, referenceBins } from '../judge/index.js';
import { type Matrix, matrixOf, takeRows, takeValues } from '../matrix.js';
import { rocAuc } from '../metrics.js';
import { zeroForMissing } from '../predict.js';
import { xgboost } from '../xgboost.js';
import { refuseLeaks } from './leak.js';
import { libraryVersion } from './library-version.js';
import type { ClassifierSpec } from './spec.js';
import { splitRows } from './split.js';
import type { TaskColumns } from './table.js';
import type { Trained, TrainOptions } from './train.js';

/** The features of a spec as a matrix, missing values by its rule. @throws UpsqlError as `matrixOf` does. */
export function featureMatrix(
  spec: Pick<ClassifierSpec, 'features'> & { missing?: string },
  columns: TaskColumns,
): Matrix {
  const data = matrixOf(Object.fromEntries(spec.features.map((name) => [name, columns.numbers(name)])), spec.features);
  return spec.missing === 'zero' ? { ...data, columns: data.columns.map(zeroForMissing) } : data;
}

/** Trains on the earlier rows, judges on the held out ones, then trains on all of them with the same settings. */
export async function trainClassifier(
  spec: ClassifierSpec,
  columns: TaskColumns,
  options: TrainOptions,
): Promise<Trained> {
  const data = featureMatrix(spec, columns);
  const labels = columns.numbers(spec.label);
  const { train, holdout, by } = splitRows(spec, columns, labels);
  refuseLeaks(spec, columns, data, labels, train);
  const boosting: Required<BoostingOptions> = {
    trees: spec.trees,
    depth: spec.depth,
    learningRate: spec.learning_rate,
    lambda: spec.lambda,
    minChildWeight: spec.min_child_weight,
  };
  const trainer = spec.trainer === 'gbdt' ? gbdt(boosting) : xgboost({ ...boosting, seed: spec.seed });
  const learn = (rows: Uint32Array) => trainer.train(takeRows(data, rows), takeValues(labels, rows));
  // The trees judge, as they will when they score, whatever library grew them.
  const trial = ensembleModel((await learn(train)).ensemble, train.length);
  const actual = takeValues(labels, holdout);
  const probability = trial.predict(takeRows(data, holdout));
  const metrics = bootstrapMetrics(actual, probability, { seed: spec.seed });
  const confusion = confusionAt(actual, probability, spec.threshold);
  const lift = liftAt(actual, probability, 0.1);
  const positives = confusion.truePositives + confusion.falseNegatives;
  const exact = (value: number) => ({ value, low: value, high: value });

  const known = Uint32Array.from([...train, ...holdout]).sort();
  const { ensemble, trainedRows, importance = {} } = await learn(known);
  const learnt = takeRows(data, known);
  const cutoffs = spec.cutoff === undefined ? [] : columns.texts(spec.cutoff);
  const seen = [...new Set([...known].map((row) => cutoffs[row] ?? ''))].filter((text) => text !== '').sort();
  const [from] = seen;
  const artifact: ClassifierArtifact = {
    format: ARTIFACT_FORMAT,
    name: spec.name ?? options.name,
    version: 1,
    task: 'classifier',
    library: { name: 'upsql', version: options.libraryVersion ?? libraryVersion() },
    data: {
      model: options.model,
      rows: known.length,
      fingerprint: fingerprint(learnt, takeValues(labels, known)),
      window: from === undefined ? null : { from, to: seen.at(-1) ?? from },
    },
    features: spec.features,
    label: spec.label,
    missing: spec.missing,
    threshold: spec.threshold,
    seed: spec.seed,
    options: spec.trainer === 'gbdt' ? { ...boosting } : { ...boosting, trainer: spec.trainer, sample: trainedRows },
    metrics: {
      on: 'holdout',
      rows: holdout.length,
      positives,
      values: {
        ...metrics,
        precision: exact(confusion.precision),
        recall: exact(confusion.recall),
        f1: exact(confusion.f1),
        lift_10: exact(lift),
        ...(spec.baseline === undefined
          ? {}
          : { baseline_auc: exact(baselineAuc(actual, data, spec.baseline, holdout)) }),
      },
    },
    calibration: [...calibrationCurve(actual, probability)],
    importance: { ...importance },
    reference: [...referenceBins(learnt)].map((bins) => ({ ...bins })),
    ensemble: { ...ensemble, features: [...ensemble.features], trees: ensemble.trees.map(plainTree) },
  };
  const { auc } = metrics;
  return {
    artifact,
    holdout: { rows: holdout, probability },
    notes: [
      ...(trainedRows < known.length
        ? [`${trainer.name} learns from a sample of ${trainedRows} of ${known.length} rows`]
        : []),
      `${train.length} rows to train, ${holdout.length} held out (${positives} of them 1), split by ${by}`,
      `held out: AUC ${auc.value.toFixed(3)} (95% ${auc.low.toFixed(3)} to ${auc.high.toFixed(3)}), PR-AUC ${metrics.prAuc.value.toFixed(3)}, ` +
        `log loss ${metrics.logLoss.value.toFixed(3)}, Brier ${metrics.brier.value.toFixed(3)}, ECE ${metrics.ece.value.toFixed(3)}, lift of the top tenth ${lift.toFixed(2)}`,
    ],
  };
}

/** The AUC of a feature by itself, in whichever direction it ranks better. */
function baselineAuc(actual: Float64Array, data: Matrix, feature: string, rows: Uint32Array): number {
  const column = data.columns[data.names.indexOf(feature)];
  if (column === undefined) return 0.5;
  const auc = rocAuc(
    actual,
    takeValues(column, rows).map((value) => (Number.isNaN(value) ? -Infinity : value)),
  );
  return Math.max(auc, 1 - auc);
}

type ArtifactTree = ClassifierArtifact['ensemble']['trees'][number];

function plainTree(tree: Tree): ArtifactTree {
  const { feature, threshold, missingLeft, left, right, value, gain, cover } = tree;
  return {
    feature: [...feature],
    threshold: [...threshold],
    missingLeft: [...missingLeft],
    left: [...left],
    right: [...right],
    value: [...value],
    gain: [...gain],
    ...(cover === undefined ? {} : { cover: [...cover] }),
  };
}
