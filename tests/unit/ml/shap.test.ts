import { describe, expect, it } from 'vitest';
import type { ClassifierArtifact } from '../../../src/ml/artifact/index.js';
import { seededRandom, trainEnsemble } from '../../../src/ml/index.js';
import { predictProbability } from '../../../src/ml/predict.js';
import { shapValues, topReasons } from '../../../src/ml/shap.js';
import { randomClassifier, randomRows } from './random-models.js';

type Tree = ClassifierArtifact['ensemble']['trees'][number];

/** A tree's expected value when only the features in `known` are known, by the definition. */
function expectedValue(tree: Tree, row: readonly number[], known: ReadonlySet<number>, node = 0): number {
  const feature = tree.feature[node] as number;
  if (feature < 0) return tree.value[node] as number;
  const [left, right] = [tree.left[node] as number, tree.right[node] as number];
  const x = row[feature] as number;
  if (known.has(feature)) {
    const goLeft = x < (tree.threshold[node] as number) || (Number.isNaN(x) && tree.missingLeft[node] === true);
    return expectedValue(tree, row, known, goLeft ? left : right);
  }
  const [l, r] = [tree.cover?.[left] as number, tree.cover?.[right] as number];
  return (l * expectedValue(tree, row, known, left) + r * expectedValue(tree, row, known, right)) / (l + r);
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/** Shapley values over all subsets of the features. */
function shapley(trees: readonly Tree[], row: readonly number[]): number[] {
  const n = row.length;
  return row.map((_, j) => {
    let sum = 0;
    for (let mask = 0; mask < 1 << n; mask++) {
      if ((mask >> j) & 1) continue;
      const known = new Set([...row.keys()].filter((k) => (mask >> k) & 1));
      const weight = (factorial(known.size) * factorial(n - known.size - 1)) / factorial(n);
      for (const tree of trees)
        sum += weight * (expectedValue(tree, row, new Set([...known, j])) - expectedValue(tree, row, known));
    }
    return sum;
  });
}

/** Covers as a training leaves them: a node's is the sum of its children's. */
function withCover(tree: Tree, random: () => number): Tree {
  const cover = tree.feature.map(() => 0);
  for (let node = tree.feature.length - 1; node >= 0; node--) {
    const inner = (tree.feature[node] as number) >= 0;
    cover[node] = inner
      ? (cover[tree.left[node] as number] as number) + (cover[tree.right[node] as number] as number)
      : 1 + random() * 20;
  }
  return { ...tree, cover };
}

describe('TreeSHAP', () => {
  it('gives the Shapley values of the definition, also where a feature decides twice on a way', () => {
    const random = seededRandom(17);
    for (let round = 0; round < 8; round++) {
      const width = 1 + Math.floor(random() * 4);
      const bare = { ...randomClassifier(random, width, 3, 5), missing: 'learned' as const };
      const trees = bare.ensemble.trees.map((tree) => withCover(tree, random));
      const model = { ...bare, ensemble: { ...bare.ensemble, trees } };
      const { data } = randomRows(random, model.features, 12);
      const { values } = shapValues(model, data);
      for (let i = 0; i < data.rows; i++) {
        const exact = shapley(
          trees,
          data.columns.map((column) => column[i] as number),
        );
        for (const [j, value] of exact.entries()) expect(values[j]?.[i]).toBeCloseTo(value, 9);
      }
    }
  });

  it('gives them on ways on which more features decide than it keeps shares of', () => {
    const random = seededRandom(23);
    const width = 10;
    const bare = { ...randomClassifier(random, width, 1, 1), missing: 'learned' as const };
    // Every node's right child is the next node, and each asks for another feature.
    const nodes = [...Array(2 * width + 1).keys()];
    const chain: Tree = {
      feature: nodes.map((node) => (node % 2 === 0 && node < 2 * width ? node / 2 : -1)),
      threshold: nodes.map(() => random() * 10 - 5),
      missingLeft: nodes.map(() => random() < 0.5),
      left: nodes.map((node) => node + 1),
      right: nodes.map((node) => node + 2),
      value: nodes.map(() => random() - 0.5),
      gain: nodes.map(() => 1),
    };
    const trees = [withCover(chain, random)];
    const model = { ...bare, ensemble: { ...bare.ensemble, trees } };
    const { data } = randomRows(random, model.features, 6);
    const { values } = shapValues(model, data);
    for (let i = 0; i < data.rows; i++) {
      const exact = shapley(
        trees,
        data.columns.map((column) => column[i] as number),
      );
      for (const [j, value] of exact.entries()) expect(values[j]?.[i]).toBeCloseTo(value, 12);
    }
  });

  it('adds up to the log-odds, and names what raises them', () => {
    const random = seededRandom(4);
    const columns = [0, 1, 2].map(() => Float64Array.from({ length: 3000 }, () => random() * 2 - 1));
    const data = { rows: 3000, names: ['a', 'b', 'c'], columns };
    const labels = Float64Array.from({ length: 3000 }, (_, i) =>
      (columns[1]?.[i] ?? 0) + 0.3 * random() > 0.2 ? 1 : 0,
    );
    const trained = trainEnsemble(data, labels, { trees: 15 });
    const model = {
      ...randomClassifier(random, 3, 1, 1),
      missing: 'learned' as const,
      features: ['a', 'b', 'c'],
      ensemble: trained as ClassifierArtifact['ensemble'],
    };
    const { expected, values } = shapValues(model, data);
    const probability = predictProbability(model, data);
    for (let i = 0; i < 200; i++) {
      const sum = values.reduce((total, column) => total + (column[i] as number), expected);
      const p = probability[i] as number;
      expect(sum).toBeCloseTo(Math.log(p / (1 - p)), 8);
    }
    const reasons = topReasons(model, data);
    for (const [i, list] of reasons.entries()) if ((columns[1]?.[i] ?? 0) > 0.5) expect(list[0]?.feature).toBe('b');
  });

  it('needs to know how the training rows were spread', () => {
    const model = randomClassifier(seededRandom(1), 2, 2, 2);
    expect(() => shapValues(model, randomRows(seededRandom(2), model.features, 2).data)).toThrow(/how many rows/);
  });
});
