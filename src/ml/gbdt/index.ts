import {
  type BinaryClassifier,
  type BinaryModel,
  BOOSTING_DEFAULTS,
  type BoostingOptions,
  checkTraining,
} from '../classifier.js';
import { type Matrix, mlError } from '../matrix.js';
import { binRows, fitCuts } from './bins.js';
import { TreeGrower } from './grow.js';
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
      return ensembleModel(trainEnsemble(data, labels, options), data.rows);
    },
  };
}

/**
 * Trains boosted trees and returns them as plain data.
 * @throws UpsqlError as `checkTraining` does.
 */
export function trainEnsemble(data: Matrix, labels: Float64Array, options: BoostingOptions = {}): TreeEnsemble {
  const settings = { ...BOOSTING_DEFAULTS, ...options };
  const share = checkTraining(data, labels);
  const cuts = fitCuts(data);
  const grower = new TreeGrower({ rows: data.rows, cuts, binned: binRows(data, cuts), options: settings });
  const base = Math.log(share / (1 - share));
  const margins = new Float64Array(data.rows).fill(base);
  const derivatives = new Float64Array(2 * data.rows);
  const trees: Tree[] = [];
  for (let round = 0; round < settings.trees; round++) {
    for (let i = 0; i < data.rows; i++) {
      const p = 1 / (1 + Math.exp(-(margins[i] as number)));
      derivatives[2 * i] = p - (labels[i] as number);
      derivatives[2 * i + 1] = Math.max(p * (1 - p), 1e-16);
    }
    trees.push(grower.grow(derivatives, margins));
  }
  return { kind: 'gbdt', version: 1, features: data.names, base, trees };
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
