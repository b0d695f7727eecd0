import type { BoostingOptions } from '../classifier.js';
import type { Binned, Cuts } from './bins.js';
import { type Tree, TreeBuilder } from './tree.js';

/** What growing needs besides the gradients: fixed for a training. */
export interface Ground {
  readonly rows: number;
  readonly cuts: readonly Cuts[];
  readonly binned: Binned;
  readonly options: Required<BoostingOptions>;
}

/** Sums of first and second derivatives by histogram place: `[2 * place]` and `[2 * place + 1]`. */
type Histogram = Float64Array;

interface Split {
  readonly gain: number;
  readonly feature: number;
  /** Bins up to this one go left; missing values as `missingLeft` says. */
  readonly bin: number;
  readonly missingLeft: boolean;
  readonly leftG: number;
  readonly leftH: number;
}

/** A node whose rows are `order[start..end)`. */
interface Open {
  readonly node: number;
  readonly start: number;
  readonly end: number;
  readonly g: number;
  readonly h: number;
  readonly histogram: Histogram;
}

/**
 * Grows one tree by level from gradient histograms and adds its leaf values to `margins`. Gain, leaf value and default
 * direction follow Chen and Guestrin, XGBoost: A Scalable Tree Boosting System (2016), equations 5 and 7 and algorithm 3.
 * A level costs one pass over the rows of the smaller child of each split; the larger child's histogram is the rest.
 */
export class TreeGrower {
  readonly #ground: Ground;
  readonly #order: Uint32Array;
  readonly #right: Uint32Array;
  readonly #spare: Histogram[] = [];

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#order = new Uint32Array(ground.rows);
    this.#right = new Uint32Array(ground.rows);
  }

  /** `derivatives` holds each row's first and second derivative of the loss, one after the other. */
  grow(derivatives: Float64Array, margins: Float64Array): Tree {
    const { rows, options } = this.#ground;
    const tree = new TreeBuilder();
    for (let i = 0; i < rows; i++) this.#order[i] = i;
    const histogram = this.#sum(derivatives, 0, rows);
    const total = this.#total(histogram);
    let level: Open[] = [{ node: tree.add(total.h), start: 0, end: rows, ...total, histogram }];
    for (let depth = 0; level.length > 0; depth++) {
      const next: Open[] = [];
      for (const open of level) {
        const split = depth < options.depth ? this.#bestSplit(open) : undefined;
        if (split === undefined) this.#close(open, tree, margins);
        else next.push(...this.#divide(open, split, tree, derivatives, margins, depth + 1 === options.depth));
      }
      level = next;
    }
    return tree.done();
  }

  #divide(
    open: Open,
    split: Split,
    tree: TreeBuilder,
    derivatives: Float64Array,
    margins: Float64Array,
    last: boolean,
  ): Open[] {
    const left = tree.add(split.leftH);
    const right = tree.add(open.h - split.leftH);
    const cuts = this.#ground.cuts[split.feature] ?? new Float64Array();
    // The last bin has no cut above it: there, the split is between values and missing ones.
    tree.split(
      open.node,
      split.feature,
      cuts[split.bin] ?? Number.MAX_VALUE,
      split.missingLeft,
      left,
      right,
      split.gain,
    );
    const middle = this.#partition(open, split);
    const [lg, lh, rg, rh] = [split.leftG, split.leftH, open.g - split.leftG, open.h - split.leftH];
    if (last) {
      const none = open.histogram;
      this.#close({ node: left, start: open.start, end: middle, g: lg, h: lh, histogram: none }, tree, margins, false);
      this.#close({ node: right, start: middle, end: open.end, g: rg, h: rh, histogram: none }, tree, margins);
      return [];
    }
    const leftIsSmall = middle - open.start <= open.end - middle;
    const small = leftIsSmall ? this.#sum(derivatives, open.start, middle) : this.#sum(derivatives, middle, open.end);
    const large = open.histogram;
    for (let place = 0; place < large.length; place++)
      large[place] = (large[place] as number) - (small[place] as number);
    return [
      { node: left, start: open.start, end: middle, g: lg, h: lh, histogram: leftIsSmall ? small : large },
      { node: right, start: middle, end: open.end, g: rg, h: rh, histogram: leftIsSmall ? large : small },
    ];
  }

  #close(open: Open, tree: TreeBuilder, margins: Float64Array, release = true): void {
    const { lambda, learningRate } = this.#ground.options;
    const value = (-open.g / (open.h + lambda)) * learningRate;
    tree.leaf(open.node, value);
    for (let at = open.start; at < open.end; at++) {
      const row = this.#order[at] as number;
      margins[row] = (margins[row] as number) + value;
    }
    if (release) this.#spare.push(open.histogram);
  }

  #sum(derivatives: Float64Array, start: number, end: number): Histogram {
    const { binned, cuts, rows } = this.#ground;
    const { cells } = binned;
    const width = cuts.length;
    const histogram = this.#spare.pop()?.fill(0) ?? new Float64Array(2 * binned.places);
    const order = this.#order;
    const all = end - start === rows;
    for (let at = start; at < end; at++) {
      const row = all ? at : (order[at] as number);
      const g = derivatives[2 * row] as number;
      const h = derivatives[2 * row + 1] as number;
      for (let cell = row * width, stop = cell + width; cell < stop; cell++) {
        const place = (cells[cell] as number) << 1;
        histogram[place] = (histogram[place] as number) + g;
        histogram[place + 1] = (histogram[place + 1] as number) + h;
      }
    }
    return histogram;
  }

  /** The sums of all rows of a histogram: those of any one feature. */
  #total(histogram: Histogram): { g: number; h: number } {
    let g = 0;
    let h = 0;
    for (let place = 0; place < (this.#ground.binned.offsets[1] as number); place++) {
      g += histogram[2 * place] as number;
      h += histogram[2 * place + 1] as number;
    }
    return { g, h };
  }

  #bestSplit({ g, h, histogram }: Open): Split | undefined {
    const { lambda, minChildWeight } = this.#ground.options;
    const { offsets } = this.#ground.binned;
    const before = (g * g) / (h + lambda);
    // Below this, a gain is the rounding of sums.
    let best = 1e-6;
    let found: Split | undefined;
    const consider = (feature: number, bin: number, missingLeft: boolean, leftG: number, leftH: number): void => {
      const rightG = g - leftG;
      const rightH = h - leftH;
      if (leftH < minChildWeight || rightH < minChildWeight) return;
      const gain = ((leftG * leftG) / (leftH + lambda) + (rightG * rightG) / (rightH + lambda) - before) / 2;
      if (gain > best) {
        best = gain;
        found = { gain, feature, bin, missingLeft, leftG, leftH };
      }
    };
    for (let feature = 0; feature + 1 < offsets.length; feature++) {
      const first = offsets[feature] as number;
      const bins = (offsets[feature + 1] as number) - first - 1;
      const missingG = histogram[2 * first] as number;
      const missingH = histogram[2 * first + 1] as number;
      const anyMissing = missingH > 1e-9;
      let leftG = 0;
      let leftH = 0;
      for (let bin = 0; bin < bins; bin++) {
        const place = 2 * (first + 1 + bin);
        leftG += histogram[place] as number;
        leftH += histogram[place + 1] as number;
        if (bin + 1 < bins) {
          // With nothing missing to learn from, a missing value will go where most rows go.
          consider(feature, bin, !anyMissing && leftH > h - leftH, leftG, leftH);
          if (anyMissing) consider(feature, bin, true, leftG + missingG, leftH + missingH);
        } else if (anyMissing) consider(feature, bin, false, leftG, leftH);
      }
    }
    return found;
  }

  /** Moves the rows that go left to the front, both sides in their old order; returns where the right side starts. */
  #partition({ start, end }: Open, { feature, bin, missingLeft }: Split): number {
    const { binned, cuts } = this.#ground;
    const width = cuts.length;
    const missing = binned.offsets[feature] as number;
    const last = missing + 1 + bin;
    const order = this.#order;
    let left = start;
    let right = 0;
    for (let at = start; at < end; at++) {
      const row = order[at] as number;
      const cell = binned.cells[row * width + feature] as number;
      if (cell === missing ? missingLeft : cell <= last) order[left++] = row;
      else this.#right[right++] = row;
    }
    order.set(this.#right.subarray(0, right), left);
    return left;
  }
}
