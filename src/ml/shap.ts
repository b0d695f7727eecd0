import type { ClassifierArtifact } from './artifact/index.js';
import type { Tree } from './gbdt/tree.js';
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
 * Path-dependent TreeSHAP: exact Shapley values of every feature for every row (Lundberg, Erion and Lee, Consistent Individualized Feature
 * Attribution for Tree Ensembles, 2018; Lundberg et al., Nature Machine Intelligence 2, 2020). What a tree gives without a feature is
 * weighed by the training rows on either side (`cover`). What a leaf adds depends only on which features on its way lead to it, so that
 * rows share it (Yang, Fast TreeSHAP, 2021, version 2).
 * @throws UpsqlError `ml-no-cover` for trees that do not know it.
 */
export function shapValues(artifact: ClassifierArtifact, data: Matrix): ShapValues {
  const { features, ensemble } = artifact;
  const { columns, rows } = featuresOf(artifact, data);
  const values = features.map(() => new Float64Array(rows));
  let expected = ensemble.base;
  for (const tree of ensemble.trees) {
    const leaves = leavesOf(tree);
    for (const { value, zero } of leaves) expected += value * product(zero);
    addShares(tree, leaves, columns, rows, values);
  }
  return { expected, features, values };
}

/** A leaf and the way there. */
interface Leaf {
  readonly value: number;
  /** Different features that decide on the way. */
  readonly features: readonly number[];
  /** For each of them the share of training rows that it lets through, as far as the others do. */
  readonly zero: readonly number[];
  /** The nodes on the way: whether it goes right there, and the place of the node's feature in `features`. */
  readonly steps: readonly { readonly node: number; readonly right: number; readonly place: number }[];
}

function leavesOf(tree: Tree): Leaf[] {
  const { cover } = tree;
  if (cover === undefined)
    throw mlError('ml-no-cover', 'the trees do not know how many rows were in each node', 'Train the model again.');
  const leaves: Leaf[] = [];
  const walk = (node: number, way: Omit<Leaf, 'value'>): void => {
    const feature = tree.feature[node] as number;
    if (feature < 0) {
      leaves.push({ ...way, value: tree.value[node] as number });
      return;
    }
    const children = [tree.left[node] as number, tree.right[node] as number];
    const [left = 0, right = 0] = children.map((child) => cover[child] as number);
    const place = way.features.includes(feature) ? way.features.indexOf(feature) : way.features.length;
    const features = place === way.features.length ? [...way.features, feature] : way.features;
    for (const [side, child] of children.entries()) {
      const share = left + right > 0 ? (side === 0 ? left : right) / (left + right) : 0.5;
      const zero = [...way.zero];
      zero[place] = (zero[place] ?? 1) * share;
      walk(child, { features, zero, steps: [...way.steps, { node, right: side, place }] });
    }
  };
  walk(0, { features: [], zero: [], steps: [] });
  return leaves;
}

const product = (numbers: readonly number[]): number => numbers.reduce((all, x) => all * x, 1);

/** With more features on a leaf's way, what it adds is worked out anew for each row. */
const MOST_KEPT = 8;

/** Adds what each feature owes to a tree to `values`. */
function addShares(
  tree: Tree,
  leaves: readonly Leaf[],
  columns: readonly Float64Array[],
  rows: number,
  values: readonly Float64Array[],
): void {
  const inner = tree.feature.flatMap((feature, node) => (feature < 0 ? [] : [node]));
  const nodeFeature = Int32Array.from(tree.feature);
  const threshold = Float64Array.from(tree.threshold);
  const missingRight = Uint8Array.from(tree.missingLeft, (left) => (left ? 0 : 1));
  const goes = new Uint8Array(tree.feature.length);
  const ways = leaves.map((leaf) => ({
    size: leaf.features.length,
    features: Int32Array.from(leaf.features),
    nodes: Int32Array.from(leaf.steps, ({ node }) => node),
    rights: Uint8Array.from(leaf.steps, ({ right }) => right),
    bits: Int32Array.from(leaf.steps, ({ place }) => 1 << place),
    kept: leaf.features.length > MOST_KEPT ? undefined : new Float64Array(leaf.features.length << leaf.features.length),
    isKept: new Uint8Array(leaf.features.length > MOST_KEPT ? 0 : 1 << leaf.features.length),
    leaf,
  }));
  const sums = new Float64Array(columns.length);
  const own = [...new Set(inner.map((node) => tree.feature[node] as number))];
  for (let i = 0; i < rows; i++) {
    for (const node of inner) {
      const x = (columns[nodeFeature[node] as number] as Float64Array)[i] as number;
      goes[node] = x < (threshold[node] as number) ? 0 : Number.isNaN(x) ? (missingRight[node] as number) : 1;
    }
    sums.fill(0);
    for (const { size, features, nodes, rights, bits, kept, isKept, leaf } of ways) {
      let closed = 0;
      for (let step = 0; step < nodes.length; step++)
        if (goes[nodes[step] as number] !== rights[step]) closed |= bits[step] as number;
      const at = kept === undefined ? 0 : closed * size;
      if (kept !== undefined && isKept[closed] === 0) {
        kept.set(leafShares(leaf, closed), at);
        isKept[closed] = 1;
      }
      const shares = kept ?? leafShares(leaf, closed);
      for (let k = 0; k < size; k++) {
        const feature = features[k] as number;
        sums[feature] = (sums[feature] as number) + (shares[at + k] as number);
      }
    }
    for (const feature of own) {
      const column = values[feature] as Float64Array;
      column[i] = (column[i] as number) + (sums[feature] as number);
    }
  }
}

/**
 * What each feature on a leaf's way adds for a row, by the definition: the leaf's value times the share of orders of the features in which
 * the way is open once this one is known, less where it was before. Features of which the bit in `closed` is set lead elsewhere.
 */
function leafShares({ value, features, zero }: Leaf, closed: number): Float64Array {
  const size = features.length;
  const shares = new Float64Array(size);
  const weights = new Float64Array(size);
  for (let j = 0; j < size; j++) {
    // Of the others, by how many of them are known: the sum over such subsets of the shares that get through.
    weights.fill(0);
    weights[0] = 1;
    for (let k = 0, known = 0; k < size; k++) {
      if (k === j) continue;
      const [unknown, open] = [zero[k] as number, (closed >> k) & 1 ? 0 : 1];
      known++;
      for (let s = known; s >= 0; s--)
        weights[s] = unknown * (weights[s] as number) + (s > 0 ? open * (weights[s - 1] as number) : 0);
    }
    // Orders in which s of the others come first, as a share of all: s! (size - s - 1)! / size!
    let order = 1 / size;
    let sum = 0;
    for (let s = 0; s < size; s++) {
      sum += order * (weights[s] as number);
      order *= (s + 1) / (size - s - 1);
    }
    shares[j] = value * sum * (((closed >> j) & 1 ? 0 : 1) - (zero[j] as number));
  }
  return shares;
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
  const contribution = (feature: number, row: number): number => (values[feature] as Float64Array)[row] as number;
  return Array.from({ length: rows }, (_, row) => {
    const best: number[] = [];
    for (let j = 0; j < features.length; j++) {
      const now = contribution(j, row);
      if (!(now > 0)) continue;
      let place = best.length;
      while (place > 0 && now > contribution(best[place - 1] as number, row)) place--;
      if (place >= count) continue;
      best.splice(place, 0, j);
      if (best.length > count) best.pop();
    }
    return best.map((j) => ({
      feature: features[j] as string,
      value: (columns[j] as Float64Array)[row] as number,
      contribution: contribution(j, row),
    }));
  });
}
