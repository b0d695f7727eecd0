import type { BoostingOptions } from '../classifier.js';
import type { Cuts } from './bins.js';
import { CLOSING, DIVISION, LEFT, NEITHER, type Order, orderSize, RIGHT, SLOTS } from './block.js';
import { type Tree, TreeBuilder } from './tree.js';

/** Sums of first and second derivatives by histogram place: `[2 * place]` and `[2 * place + 1]`. */
type Histogram = Float64Array;

/** Has all blocks do an order's work, and gives the sums of their histograms: that of division i, or the root's. */
export interface Crew {
  readonly order: Order;
  work(histograms: number): void;
  /** Adds up slot i over the blocks, in their order, into `sum`. */
  collect(slot: number, sum: Histogram): void;
}

export interface GrowOptions {
  readonly cuts: readonly Cuts[];
  readonly offsets: Uint32Array;
  readonly places: number;
  readonly settings: Required<BoostingOptions>;
}

interface Split {
  readonly gain: number;
  readonly feature: number;
  /** Bins up to this one go left; missing values as `missingLeft` says. */
  readonly bin: number;
  readonly missingLeft: boolean;
  readonly leftG: number;
  readonly leftH: number;
}

interface Open {
  readonly node: number;
  readonly g: number;
  readonly h: number;
  readonly histogram: Histogram | undefined;
}

/** Leaves a tree of this depth has at most, within what an order is kept large enough for. */
export function orderRoom({ depth }: Required<BoostingOptions>, rows: number): number {
  return orderSize(Math.min(2 ** Math.min(depth, 24), rows));
}

/**
 * Grows trees by level from gradient histograms. Gain, leaf value and default direction follow Chen and Guestrin, XGBoost: A Scalable
 * Tree Boosting System (2016), equations 5 and 7 and algorithm 3. A level costs one pass over the rows of the lighter child of each
 * split; the heavier child's histogram is the rest. What is done to rows is done by the crew.
 */
export class TreeGrower {
  readonly #options: GrowOptions;
  readonly #crew: Crew;
  readonly #spare: Histogram[] = [];
  #leaves: { readonly node: number; readonly value: number }[] = [];
  #divisions = 0;

  constructor(options: GrowOptions, crew: Crew) {
    this.#options = options;
    this.#crew = crew;
  }

  /** The next tree, given what the trees so far leave. */
  grow(): Tree {
    const { settings, offsets } = this.#options;
    const tree = new TreeBuilder();
    this.#work(true);
    const histogram = this.#collect(0);
    const total = totalOf(histogram, offsets);
    let level: Open[] = [{ node: tree.add(total.h), ...total, histogram }];
    for (let depth = 0; level.length > 0; depth++) {
      const next: Open[] = [];
      const last = depth + 1 === settings.depth;
      const waiting: { readonly open: Open; readonly split: Split; readonly left: number; readonly right: number }[] =
        [];
      for (const open of level) {
        const split = depth < settings.depth ? this.#bestSplit(open) : undefined;
        if (split === undefined) {
          this.#close(open, tree);
          continue;
        }
        const left = tree.add(split.leftH);
        const right = tree.add(open.h - split.leftH);
        const cuts = this.#options.cuts[split.feature] ?? new Float64Array();
        // The last bin has no cut above it: there, the split is between values and missing ones.
        const threshold = cuts[split.bin] ?? Number.MAX_VALUE;
        tree.split(open.node, split.feature, threshold, split.missingLeft, left, right, split.gain);
        waiting.push({ open, split, left, right });
      }
      for (let start = 0; start < waiting.length; start += SLOTS) {
        const batch = waiting.slice(start, start + SLOTS);
        if (this.#divisions > 0) this.#work(false);
        for (const { open, split, left, right } of batch) {
          const lighter = split.leftH <= open.h - split.leftH ? LEFT : RIGHT;
          this.#divide(open.node, left, right, split, last ? NEITHER : lighter);
        }
        // The last level needs no histograms: it is divided along with what comes next.
        if (!last) this.#work(false);
        for (const [slot, { open, split, left, right }] of batch.entries()) {
          const [rightG, rightH] = [open.g - split.leftG, open.h - split.leftH];
          const large = open.histogram;
          const leftIsSmall = split.leftH <= rightH;
          const small = last || large === undefined ? undefined : this.#collect(slot);
          if (small !== undefined && large !== undefined)
            for (let place = 0; place < large.length; place++)
              large[place] = (large[place] as number) - (small[place] as number);
          const rest = small === undefined ? undefined : large;
          if (small === undefined && large !== undefined) this.#spare.push(large);
          next.push(
            { node: left, g: split.leftG, h: split.leftH, histogram: leftIsSmall ? small : rest },
            { node: right, g: rightG, h: rightH, histogram: leftIsSmall ? rest : small },
          );
        }
      }
      level = next;
    }
    return tree.done();
  }

  #close(open: Open, tree: TreeBuilder): void {
    const { lambda, learningRate } = this.#options.settings;
    const value = (-open.g / (open.h + lambda)) * learningRate;
    tree.leaf(open.node, value);
    this.#leaves.push({ node: open.node, value });
    if (open.histogram !== undefined) this.#spare.push(open.histogram);
  }

  #divide(node: number, left: number, right: number, split: Split, wanted: number): void {
    const at = 3 + this.#divisions++ * DIVISION;
    this.#crew.order.set([node, left, right, split.feature, split.bin, split.missingLeft ? 1 : 0, wanted], at);
  }

  /** Hands over what is waiting: divisions, and before a new tree the leaves of the last one. */
  #work(begins: boolean): void {
    const { order } = this.#crew;
    const closings = begins ? this.#leaves : [];
    order.set([this.#divisions, closings.length, begins ? 1 : 0]);
    let at = 3 + SLOTS * DIVISION;
    for (const { node, value } of closings) {
      order[at] = node;
      order[at + 1] = value;
      at += CLOSING;
    }
    const histograms = begins ? 1 : this.#divisions;
    this.#divisions = 0;
    if (begins) this.#leaves = [];
    this.#crew.work(histograms);
  }

  #collect(slot: number): Histogram {
    const histogram = this.#spare.pop() ?? new Float64Array(2 * this.#options.places);
    this.#crew.collect(slot, histogram);
    return histogram;
  }

  #bestSplit({ g, h, histogram }: Open): Split | undefined {
    if (histogram === undefined) return undefined;
    const { lambda, minChildWeight } = this.#options.settings;
    const { offsets } = this.#options;
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
}

/** The sums of all rows of a histogram: those of any one feature. */
function totalOf(histogram: Histogram, offsets: Uint32Array): { g: number; h: number } {
  let g = 0;
  let h = 0;
  for (let place = 0; place < (offsets[1] as number); place++) {
    g += histogram[2 * place] as number;
    h += histogram[2 * place + 1] as number;
  }
  return { g, h };
}
