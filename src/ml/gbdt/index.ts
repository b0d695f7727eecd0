import {
  type BinaryClassifier,
  type BinaryModel,
  BOOSTING_DEFAULTS,
  type BoostingOptions,
  checkTraining,
} from '../classifier.js';
import { type Matrix, mlError } from '../matrix.js';
import { makeArena, pieceBytes } from './arena.js';
import { BINNING_BYTES, binRows, fitCuts, placesOf } from './bins.js';
import { boost, type Training } from './boost.js';
import { histogramRoom, sharedWork } from './crew.js';
import { orderRoom } from './grow.js';
import { startThreads, THREAD_ROWS, threadsFor } from './threads.js';
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
  checkTraining(data, labels);
  const team = await startThreads(threads);
  try {
    const training = prepare(data, labels, options, threads);
    return ensembleOf(data, training, await team.boost(training));
  } finally {
    await team.close();
  }
}

function prepare(data: Matrix, labels: Float64Array, options: BoostingOptions, members: number): Training {
  const settings = { ...BOOSTING_DEFAULTS, ...options };
  const share = checkTraining(data, labels);
  const cuts = fitCuts(data);
  const { rows } = data;
  const [width, places] = [data.columns.length, placesOf(cuts).at(-1) ?? 0];
  const room = orderRoom(settings, rows);
  const sizes = [2 * rows * width, BINNING_BYTES, 8 * rows, 4 * rows, 4 * rows, 8 * rows, 16 * rows, 8 * room];
  const bytes = [...sizes, 8 * histogramRoom(rows, places)].reduce((sum, size) => sum + pieceBytes(size), PIECES_SPARE);
  const arena = makeArena(bytes);
  const binned = binRows(data, cuts, arena);
  const known = arena.doubles(rows);
  known.set(labels);
  const state = {
    order: arena.words(rows),
    right: arena.words(rows),
    margins: arena.doubles(rows),
    derivatives: arena.doubles(2 * rows),
  };
  const base = Math.log(share / (1 - share));
  const ground = { rows, width, binned, labels: known, state, memory: arena.memory, base };
  return { ground, cuts, settings, work: sharedWork(ground, room, arena), members };
}

/** Bytes for the rounding of pieces that are counted together. */
const PIECES_SPARE = 1024;

function ensembleOf(data: Matrix, { ground }: Training, trees: readonly Tree[]): TreeEnsemble {
  return { kind: 'gbdt', version: 1, features: data.names, base: ground.base, trees };
}

/** A model that predicts with the trees, whether trained now or read from JSON. */
export function ensembleModel(ensemble: TreeEnsemble, trainedRows: number): BinaryModel {
  return {
    features: ensemble.features,
    trainedRows,
    importance: gainShares(ensemble),
    ensemble,
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
