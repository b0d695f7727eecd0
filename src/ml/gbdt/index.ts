import {
  type BinaryClassifier,
  type BinaryModel,
  BOOSTING_DEFAULTS,
  type BoostingOptions,
  checkTraining,
} from '../classifier.js';
import { type Matrix, mlError } from '../matrix.js';
import { binRows, fitCuts } from './bins.js';
import { boost, type Training } from './boost.js';
import { sharedWork } from './crew.js';
import { orderRoom } from './grow.js';
import { boostInThreads, THREAD_ROWS, threadsFor } from './threads.js';
import { addTree, gainShares, type Tree, type TreeEnsemble } from './tree.js';

export type { Tree, TreeEnsemble } from './tree.js';

/**
 * Gradient boosted trees over feature histograms with logistic loss, for any number of rows that memory holds. Deterministic: nothing is
 * drawn at random. NaN is a missing value, and each split learns where such rows go.
 */
export function gbdt(options: BoostingOptions = {}): BinaryClassifier {
  return {
    name: 'gbdt',
    async train(data, labels) {
      return ensembleModel(await trainEnsembleInThreads(data, labels, options), data.rows);
    },
  };
}

/**
 * Trains boosted trees in this thread and returns them as plain data.
 * @throws UpsqlError as `checkTraining` does.
 */
export function trainEnsemble(data: Matrix, labels: Float64Array, options: BoostingOptions = {}): TreeEnsemble {
  const training = prepare(data, labels, options, 1);
  return ensembleOf(data, training, boost(training));
}

/**
 * The same trees, trained in `threads` threads beside this one. Small data is trained at once.
 * @throws UpsqlError as `checkTraining` does.
 */
export async function trainEnsembleInThreads(
  data: Matrix,
  labels: Float64Array,
  options: BoostingOptions = {},
  threads: number = threadsFor(data.rows),
): Promise<TreeEnsemble> {
  if (threads <= 1 && data.rows < THREAD_ROWS) return trainEnsemble(data, labels, options);
  const training = prepare(data, labels, options, threads);
  return ensembleOf(data, training, await boostInThreads(training));
}

function prepare(data: Matrix, labels: Float64Array, options: BoostingOptions, members: number): Training {
  const settings = { ...BOOSTING_DEFAULTS, ...options };
  const share = checkTraining(data, labels);
  const cuts = fitCuts(data);
  const memory = (bytes: number): ArrayBufferLike => new SharedArrayBuffer(bytes);
  const shared = new Float64Array(memory(labels.byteLength));
  shared.set(labels);
  const ground = {
    rows: data.rows,
    width: data.columns.length,
    binned: binRows(data, cuts, memory),
    labels: shared,
    base: Math.log(share / (1 - share)),
  };
  return { ground, cuts, settings, work: sharedWork(ground, orderRoom(settings, data.rows), memory), members };
}

function ensembleOf(data: Matrix, { ground }: Training, trees: readonly Tree[]): TreeEnsemble {
  return { kind: 'gbdt', version: 1, features: data.names, base: ground.base, trees };
}

/** A model that predicts with the trees, whether trained now or read from JSON. */
export function ensembleModel(ensemble: TreeEnsemble, trainedRows: number): BinaryModel {
  return {
    features: ensemble.features,
    trainedRows,
    importance: gainShares(ensemble),
    predict(data) {
      const columns = ensemble.features.map((name) => {
        const column = data.columns[data.names.indexOf(name)];
        if (column === undefined)
          throw mlError('ml-missing-column', `column '${name}' is missing, but the model was trained with it`);
        return column;
      });
      const margins = new Float64Array(data.rows).fill(ensemble.base);
      for (const tree of ensemble.trees) addTree(tree, columns, margins);
      return margins.map((margin) => 1 / (1 + Math.exp(-margin)));
    },
  };
}
