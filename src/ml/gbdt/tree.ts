/**
 * A decision tree as parallel lists, one entry a node, the root first. An inner node sends a row to `left` when its value is
 * below `threshold` (or missing and `missingLeft`), else to `right`; a leaf has feature -1 and a `value` in log-odds.
 */
export interface Tree {
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly missingLeft: readonly boolean[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly value: readonly number[];
  /** What the node's split gained in the training objective; 0 for a leaf. */
  readonly gain: readonly number[];
  /** The node's share in the training: the sum of second derivatives of its rows. SHAP values need it. */
  readonly cover?: readonly number[] | undefined;
}

/** Boosted trees as plain data: a row's log-odds are `base` and the value of the leaf it reaches in each tree. */
export interface TreeEnsemble {
  readonly kind: 'gbdt';
  readonly version: 1;
  readonly features: readonly string[];
  readonly base: number;
  readonly trees: readonly Tree[];
}

/** Makes a tree node by node; a node is a leaf until it is split. */
export class TreeBuilder {
  readonly #feature: number[] = [];
  readonly #threshold: number[] = [];
  readonly #missingLeft: boolean[] = [];
  readonly #left: number[] = [];
  readonly #right: number[] = [];
  readonly #value: number[] = [];
  readonly #gain: number[] = [];
  readonly #cover: number[] = [];

  add(cover: number): number {
    this.#feature.push(-1);
    this.#threshold.push(0);
    this.#missingLeft.push(false);
    this.#left.push(-1);
    this.#right.push(-1);
    this.#value.push(0);
    this.#gain.push(0);
    this.#cover.push(cover);
    return this.#feature.length - 1;
  }

  split(
    node: number,
    feature: number,
    threshold: number,
    missingLeft: boolean,
    left: number,
    right: number,
    gain: number,
  ): void {
    this.#feature[node] = feature;
    this.#threshold[node] = threshold;
    this.#missingLeft[node] = missingLeft;
    this.#left[node] = left;
    this.#right[node] = right;
    this.#gain[node] = gain;
  }

  leaf(node: number, value: number): void {
    this.#value[node] = value;
  }

  done(): Tree {
    return {
      feature: this.#feature,
      threshold: this.#threshold,
      missingLeft: this.#missingLeft,
      left: this.#left,
      right: this.#right,
      value: this.#value,
      gain: this.#gain,
      cover: this.#cover,
    };
  }
}

/** Adds the tree's leaf values to the log-odds of every row. `columns` are in the order of the ensemble's features. */
export function addTree(tree: Tree, columns: readonly Float64Array[], margins: Float64Array): void {
  const feature = Int32Array.from(tree.feature);
  const threshold = Float64Array.from(tree.threshold);
  const missingLeft = Uint8Array.from(tree.missingLeft, Number);
  const left = Int32Array.from(tree.left);
  const right = Int32Array.from(tree.right);
  const value = Float64Array.from(tree.value);
  for (let i = 0; i < margins.length; i++) {
    let node = 0;
    for (let f = feature[0] as number; f >= 0; f = feature[node] as number) {
      const x = (columns[f] as Float64Array)[i] as number;
      const goLeft = x < (threshold[node] as number) || (Number.isNaN(x) && missingLeft[node] === 1);
      node = (goLeft ? left[node] : right[node]) as number;
    }
    margins[i] = (margins[i] as number) + (value[node] as number);
  }
}

/** Each feature's share of the gain of all splits, 0 to 1. */
export function gainShares(ensemble: TreeEnsemble): Record<string, number> {
  const gains = new Float64Array(ensemble.features.length);
  for (const tree of ensemble.trees) {
    for (const [node, feature] of tree.feature.entries()) {
      if (feature >= 0) gains[feature] = (gains[feature] as number) + (tree.gain[node] as number);
    }
  }
  const total = gains.reduce((a, b) => a + b, 0) || 1;
  return Object.fromEntries(ensemble.features.map((name, j) => [name, (gains[j] as number) / total]));
}

/** Length of the longest way from a root to a leaf. */
export function depthOf({ trees }: TreeEnsemble): number {
  let deepest = 0;
  for (const tree of trees) {
    const depth = new Int32Array(tree.feature.length);
    for (const [node, index] of tree.feature.entries()) {
      if (index < 0) continue;
      for (const child of [tree.left[node], tree.right[node]]) {
        depth[child ?? 0] = (depth[node] ?? 0) + 1;
        deepest = Math.max(deepest, (depth[node] ?? 0) + 1);
      }
    }
  }
  return deepest;
}
