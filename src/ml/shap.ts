import type { ClassifierArtifact } from './artifact/index.js';
import type { Tree, TreeEnsemble } from './gbdt/tree.js';
import { type Matrix, mlError } from './matrix.js';
import { featuresOf } from './predict.js';

/** One step of the way from the root: which feature decided, and the shares of ways that follow it without and with knowing it. */
interface Step {
  feature: number;
  zero: number;
  one: number;
  /** Sum of the weights of subsets of each size, as the algorithm's `w`. */
  weight: number;
}

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
  for (const tree of trees) expected += meanOf(tree, 0);
  for (let i = 0; i < rows; i++) {
    for (const [j, column] of columns.entries()) row[j] = column[i] as number;
    sums.fill(0);
    for (const tree of trees) explain(tree, row, sums);
    for (const [j, value] of values.entries()) value[i] = sums[j] as number;
  }
  return { expected, features, values };
}

interface Prepared {
  readonly tree: Tree;
  readonly cover: readonly number[];
  /** Room for the steps of a walk: level d's own copy of them begins at d (d + 1) / 2. */
  readonly steps: readonly Step[];
}

function prepared(tree: Tree): Prepared {
  if (tree.cover === undefined)
    throw mlError('ml-no-cover', 'the trees do not know how many rows were in each node', 'Train the model again.');
  const depth = depthFrom(tree, 0) + 2;
  const steps = Array.from({ length: (depth * (depth + 1)) / 2 + depth }, () => ({
    feature: -1,
    zero: 1,
    one: 1,
    weight: 1,
  }));
  return { tree, cover: tree.cover, steps };
}

function depthFrom(tree: Tree, node: number): number {
  if ((tree.feature[node] ?? -1) < 0) return 0;
  return 1 + Math.max(depthFrom(tree, tree.left[node] ?? 0), depthFrom(tree, tree.right[node] ?? 0));
}

function meanOf({ tree, cover }: Prepared, node: number): number {
  if ((tree.feature[node] ?? -1) < 0) return tree.value[node] ?? 0;
  const share = leftShare(tree, cover, node);
  const left = meanOf({ tree, cover, steps: [] }, tree.left[node] ?? 0);
  return share * left + (1 - share) * meanOf({ tree, cover, steps: [] }, tree.right[node] ?? 0);
}

function leftShare(tree: Tree, cover: readonly number[], node: number): number {
  const left = cover[tree.left[node] ?? 0] ?? 0;
  const right = cover[tree.right[node] ?? 0] ?? 0;
  return left + right > 0 ? left / (left + right) : 0.5;
}

function explain({ tree, cover, steps }: Prepared, row: Float64Array, sums: Float64Array): void {
  const walk = (node: number, base: number, length: number, zero: number, one: number, by: number): void => {
    const own = base + length;
    for (let k = 0; k < length; k++) Object.assign(steps[own + k] as Step, steps[base + k]);
    extend(steps, own, length, zero, one, by);
    const feature = tree.feature[node] ?? -1;
    if (feature < 0) {
      const value = tree.value[node] ?? 0;
      for (let k = 1; k <= length; k++) {
        const step = steps[own + k] as Step;
        const weight = unwoundSum(steps, own, length, k);
        sums[step.feature] = (sums[step.feature] as number) + weight * (step.one - step.zero) * value;
      }
      return;
    }
    const x = row[feature] as number;
    const threshold = tree.threshold[node] as number;
    const goLeft = x < threshold || (Number.isNaN(x) && tree.missingLeft[node] === true);
    const [hot, cold] = goLeft
      ? [tree.left[node] ?? 0, tree.right[node] ?? 0]
      : [tree.right[node] ?? 0, tree.left[node] ?? 0];
    const share = leftShare(tree, cover, node);
    const [hotShare, coldShare] = goLeft ? [share, 1 - share] : [1 - share, share];
    let [inZero, inOne, size] = [1, 1, length];
    for (let k = 1; k <= length; k++) {
      const step = steps[own + k] as Step;
      if (step.feature !== feature) continue;
      [inZero, inOne] = [step.zero, step.one];
      unwind(steps, own, length, k);
      size--;
      break;
    }
    walk(hot, own, size + 1, inZero * hotShare, inOne, feature);
    walk(cold, own, size + 1, inZero * coldShare, 0, feature);
  };
  walk(0, 0, 0, 1, 1, -1);
}

/** Adds a step at `length` and updates the weights of subsets. */
function extend(
  steps: readonly Step[],
  base: number,
  length: number,
  zero: number,
  one: number,
  feature: number,
): void {
  Object.assign(steps[base + length] as Step, { feature, zero, one, weight: length === 0 ? 1 : 0 });
  for (let k = length - 1; k >= 0; k--) {
    const step = steps[base + k] as Step;
    const next = steps[base + k + 1] as Step;
    next.weight += (one * step.weight * (k + 1)) / (length + 1);
    step.weight = (zero * step.weight * (length - k)) / (length + 1);
  }
}

/** Takes step `index` out again. */
function unwind(steps: readonly Step[], base: number, length: number, index: number): void {
  const { one, zero } = steps[base + index] as Step;
  let next = (steps[base + length] as Step).weight;
  for (let k = length - 1; k >= 0; k--) {
    const step = steps[base + k] as Step;
    if (one !== 0) {
      const before = step.weight;
      step.weight = (next * (length + 1)) / ((k + 1) * one);
      next = before - (step.weight * zero * (length - k)) / (length + 1);
    } else step.weight = (step.weight * (length + 1)) / (zero * (length - k));
  }
  for (let k = index; k < length; k++) {
    const { feature, zero: z, one: o } = steps[base + k + 1] as Step;
    Object.assign(steps[base + k] as Step, { feature, zero: z, one: o });
  }
}

/** The sum of the weights as they would be without step `index`. */
function unwoundSum(steps: readonly Step[], base: number, length: number, index: number): number {
  const { one, zero } = steps[base + index] as Step;
  let next = (steps[base + length] as Step).weight;
  let total = 0;
  for (let k = length - 1; k >= 0; k--) {
    const { weight } = steps[base + k] as Step;
    if (one !== 0) {
      const part = (next * (length + 1)) / ((k + 1) * one);
      total += part;
      next = weight - (part * zero * (length - k)) / (length + 1);
    } else if (zero !== 0) total += (weight * (length + 1)) / (zero * (length - k));
  }
  return total;
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
