import type { ClassifierArtifact } from './artifact/index.js';
import { depthOf, type Tree, type TreeEnsemble } from './gbdt/tree.js';
import { type Matrix, mlError } from './matrix.js';
import { featuresOf } from './predict.js';

/** SHAP values of one ensemble: `values[j][i]` is what feature j adds to row i's log-odds over the mean of the training. */
export interface ShapValues {
  /** The log-odds expected without knowing any feature. `expected` and a row's values sum to its log-odds. */
  readonly expected: number;
  readonly features: readonly string[];
  readonly values: readonly Float64Array[];
}

/**
 * Path-dependent TreeSHAP: exact Shapley values of every feature for every row in O(leaves × depth²) a tree (Lundberg, Erion and Lee,
 * Consistent Individualized Feature Attribution for Tree Ensembles, 2018, algorithm 2; Lundberg et al., Nature Machine Intelligence 2,
 * 2020). What a tree gives without a feature is weighed by the training rows on either side (`cover`).
 * @throws UpsqlError `ml-no-cover` for trees that do not know it.
 */
export function shapValues(artifact: ClassifierArtifact, data: Matrix): ShapValues {
  const { features, ensemble } = artifact;
  const { columns, rows } = featuresOf(artifact, data);
  return shapOf(ensemble, features, columns, rows);
}

function shapOf(
  ensemble: TreeEnsemble,
  features: readonly string[],
  columns: readonly Float64Array[],
  rows: number,
): ShapValues {
  const values = features.map(() => new Float64Array(rows));
  let expected = ensemble.base;
  const row = new Float64Array(features.length);
  const sums = new Float64Array(features.length);
  const trees = ensemble.trees.map(prepared);
  for (const tree of trees) expected += meanOf(tree);
  const [first] = trees;
  const walker = first === undefined ? undefined : new Walker(depthOf(ensemble), first, row, sums);
  for (let i = 0; i < rows; i++) {
    for (const [j, column] of columns.entries()) row[j] = column[i] as number;
    sums.fill(0);
    for (const tree of trees) walker?.explain(tree);
    for (const [j, value] of values.entries()) value[i] = sums[j] as number;
  }
  return { expected, features, values };
}

interface Prepared {
  readonly tree: Tree;
  readonly features: Int32Array;
  readonly thresholds: Float64Array;
  /** Of an inner node's weight the share that goes left. */
  readonly leftShares: Float64Array;
}

function prepared(tree: Tree): Prepared {
  const { cover } = tree;
  if (cover === undefined)
    throw mlError('ml-no-cover', 'the trees do not know how many rows were in each node', 'Train the model again.');
  const leftShares = Float64Array.from(tree.feature, (feature, node) => {
    if (feature < 0) return 0;
    const left = cover[tree.left[node] ?? 0] ?? 0;
    const right = cover[tree.right[node] ?? 0] ?? 0;
    return left + right > 0 ? left / (left + right) : 0.5;
  });
  return {
    tree,
    features: Int32Array.from(tree.feature),
    thresholds: Float64Array.from(tree.threshold),
    leftShares,
  };
}

function meanOf({ tree, leftShares }: Prepared): number {
  const mean = (node: number): number => {
    if ((tree.feature[node] ?? -1) < 0) return tree.value[node] ?? 0;
    const share = leftShares[node] as number;
    return share * mean(tree.left[node] ?? 0) + (1 - share) * mean(tree.right[node] ?? 0);
  };
  return mean(0);
}

/**
 * The ways from a root to its leaves. Each level has its own copy of the steps so far: which feature decided, the share of ways that go
 * on without (`zero`) and with (`one`) knowing it, and `weight`, the sum of the weights of subsets of each size.
 */
class Walker {
  readonly #feature: Int32Array;
  readonly #zero: Float64Array;
  readonly #one: Float64Array;
  readonly #weight: Float64Array;
  #prepared: Prepared;
  #row: Float64Array;
  #sums: Float64Array;

  constructor(deepest: number, first: Prepared, row: Float64Array, sums: Float64Array) {
    // Level d begins at most d (d + 1) / 2 steps in and has at most d + 1 of them.
    const room = ((deepest + 2) * (deepest + 3)) / 2 + deepest + 2;
    this.#feature = new Int32Array(room);
    this.#zero = new Float64Array(room);
    this.#one = new Float64Array(room);
    this.#weight = new Float64Array(room);
    this.#prepared = first;
    this.#row = row;
    this.#sums = sums;
  }

  /** Adds a tree's share of each feature to the sums, for the row as it stands. */
  explain(tree: Prepared): void {
    this.#prepared = tree;
    this.#walk(0, 0, 0, 1, 1, -1);
  }

  #walk(node: number, base: number, length: number, zero: number, one: number, by: number): void {
    const own = base + length;
    for (let k = 0; k < length; k++) this.#move(base + k, own + k, true);
    this.#extend(own, length, zero, one, by);
    const { tree, features, thresholds, leftShares } = this.#prepared;
    const feature = features[node] as number;
    if (feature < 0) {
      const value = tree.value[node] as number;
      for (let k = 1; k <= length; k++) {
        const at = own + k;
        const j = this.#feature[at] as number;
        const part = this.#without(own, length, k) * ((this.#one[at] as number) - (this.#zero[at] as number)) * value;
        this.#sums[j] = (this.#sums[j] as number) + part;
      }
      return;
    }
    const x = this.#row[feature] as number;
    const goLeft = x < (thresholds[node] as number) || (Number.isNaN(x) && tree.missingLeft[node] === true);
    const [left, right] = [tree.left[node] as number, tree.right[node] as number];
    const share = leftShares[node] as number;
    let inZero = 1;
    let inOne = 1;
    let size = length;
    for (let k = 1; k <= length; k++) {
      if (this.#feature[own + k] !== feature) continue;
      inZero = this.#zero[own + k] as number;
      inOne = this.#one[own + k] as number;
      this.#unwind(own, length, k);
      size--;
      break;
    }
    this.#walk(left, own, size + 1, inZero * share, goLeft ? inOne : 0, feature);
    this.#walk(right, own, size + 1, inZero * (1 - share), goLeft ? 0 : inOne, feature);
  }

  #move(from: number, to: number, weight: boolean): void {
    this.#feature[to] = this.#feature[from] as number;
    this.#zero[to] = this.#zero[from] as number;
    this.#one[to] = this.#one[from] as number;
    if (weight) this.#weight[to] = this.#weight[from] as number;
  }

  /** Adds a step at `length`. */
  #extend(base: number, length: number, zero: number, one: number, feature: number): void {
    const weight = this.#weight;
    this.#feature[base + length] = feature;
    this.#zero[base + length] = zero;
    this.#one[base + length] = one;
    weight[base + length] = length === 0 ? 1 : 0;
    for (let k = length - 1, at = base + k; k >= 0; k--, at--) {
      const before = weight[at] as number;
      weight[at + 1] = (weight[at + 1] as number) + (one * before * (k + 1)) / (length + 1);
      weight[at] = (zero * before * (length - k)) / (length + 1);
    }
  }

  /** Takes step `index` out again. */
  #unwind(base: number, length: number, index: number): void {
    const weight = this.#weight;
    const one = this.#one[base + index] as number;
    const zero = this.#zero[base + index] as number;
    let next = weight[base + length] as number;
    for (let k = length - 1, at = base + k; k >= 0; k--, at--) {
      const before = weight[at] as number;
      if (one !== 0) {
        const now = (next * (length + 1)) / ((k + 1) * one);
        weight[at] = now;
        next = before - (now * zero * (length - k)) / (length + 1);
      } else weight[at] = (before * (length + 1)) / (zero * (length - k));
    }
    for (let at = base + index; at < base + length; at++) this.#move(at + 1, at, false);
  }

  /** The sum of the weights as they would be without step `index`. */
  #without(base: number, length: number, index: number): number {
    const weight = this.#weight;
    const one = this.#one[base + index] as number;
    const zero = this.#zero[base + index] as number;
    let next = weight[base + length] as number;
    let total = 0;
    for (let k = length - 1, at = base + k; k >= 0; k--, at--) {
      if (one !== 0) {
        const part = (next * (length + 1)) / ((k + 1) * one);
        total += part;
        next = (weight[at] as number) - (part * zero * (length - k)) / (length + 1);
      } else if (zero !== 0) total += ((weight[at] as number) * (length + 1)) / (zero * (length - k));
    }
    return total;
  }
}

export interface Reason {
  readonly feature: string;
  /** The row's value of the feature; NaN when it is missing. */
  readonly value: number;
  /** What it adds to the log-odds. */
  readonly contribution: number;
}

/** For each row the `count` features that raise its log-odds most, the strongest first; fewer when fewer raise it. */
export function topReasons(artifact: ClassifierArtifact, data: Matrix, count = 3): readonly (readonly Reason[])[] {
  const { features, values } = shapValues(artifact, data);
  const { columns, rows } = featuresOf(artifact, data);
  return Array.from({ length: rows }, (_, i) =>
    features
      .map((feature, j) => ({
        feature,
        value: columns[j]?.[i] ?? Number.NaN,
        contribution: values[j]?.[i] ?? 0,
      }))
      .filter(({ contribution }) => contribution > 0)
      .sort((a, b) => b.contribution - a.contribution)
      .slice(0, count),
  );
}
