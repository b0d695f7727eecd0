import type { Tree, TreeEnsemble } from '../gbdt/tree.js';
import { binFunction, bisectionSteps, CUTS_BYTES, writeCuts } from './binning.js';
import {
  type Code,
  encodeModule,
  get,
  I32,
  i32,
  memory,
  op,
  repeat,
  set,
  splat8,
  tee,
  V128,
  v128,
  type WasmFunction,
} from './encode.js';
import { instantiate, type Kernel, makeMemory, PAGE } from './runtime.js';

/** Rows scored at a time. */
const BLOCK = 2048;
/** Leaves whose values one byte shuffle can look up. */
const LEAVES = 16;
/** Bytes of a leaf's value in fixed point: the error of a tree is at most 2 ** -33 of the spread of values. */
const PLANES = 4;
/** Pieces of trees a function sums up: 16 bits hold 257 bytes' sum; small ones are compiled sooner. */
const PIECES = 16;
/** Ranks that a signed byte can tell apart, beside that of missing values. */
const MOST_THRESHOLDS = 254;
const MISSING = 127;

/** Scores blocks of rows with vector instructions. */
export interface Scorer {
  /** Rows that `margins` takes at most. */
  readonly block: number;
  /**
   * Log-odds of `rows` rows. `fill(j)` is where feature j's values have to be written first, NaN for missing.
   */
  fill(feature: number): Float64Array;
  margins(rows: number, out: Float64Array): void;
}

/** A part of a tree with few leaves: the index of its leaf as a byte, whether a row gets there, and the values. */
interface Piece {
  readonly tree: Tree;
  readonly root: number;
  /** Nodes above the root, and whether the way goes right there. */
  readonly path: readonly (readonly [node: number, right: boolean])[];
  readonly leaves: readonly number[];
}

/**
 * Compiles trees to WebAssembly: features become bytes by their rank among the model's thresholds, so that comparisons are exact; trees
 * are compared and chosen between for sixteen rows at a time. Undefined where the host has no vector instructions, or for a model with
 * more than 254 thresholds of a feature.
 */
export function compileScorer(ensemble: TreeEnsemble): Scorer | undefined {
  const cuts = thresholdsOf(ensemble);
  if (cuts.some((list) => list.length > MOST_THRESHOLDS)) return undefined;
  const width = ensemble.features.length;
  const values = ensemble.trees.flatMap((tree) => tree.value.filter((_, node) => (tree.feature[node] as number) < 0));
  const low = values.reduce((a, b) => Math.min(a, b), 0);
  const unit = (values.reduce((a, b) => Math.max(a, b), 0) - low) / (2 ** (8 * PLANES) - 1) || 1;

  const steps = cuts.map((list) => bisectionSteps(list.length));
  const place = layout(width);
  const pages = Math.ceil(place.end / PAGE);
  const shared = makeMemory(pages);
  if (shared === undefined) return undefined;
  const ranks = cuts.map((list) => new Map(list.map((cut, rank) => [cut, rank])));
  const pieces = ensemble.trees.flatMap(piecesOf);
  const functions: WasmFunction[] = [...new Set(steps)].map((count) => binFunction(count, 1, 1));
  const groups: string[] = [];
  for (let start = 0; start < pieces.length; start += PIECES) {
    const name = `trees${start}`;
    groups.push(name);
    const quantised = (value: number): number => Math.round((value - low) / unit);
    functions.push(groupFunction(name, pieces.slice(start, start + PIECES), { ranks, quantised, width }));
  }
  const kernels = instantiate(encodeModule(functions, { least: pages, most: pages, shared: false }), shared);
  if (kernels === undefined) return undefined;

  for (const [j, list] of cuts.entries()) writeCuts(shared.buffer, place.cuts(j), list);
  const inputs = cuts.map((_, j) => new Float64Array(shared.buffer, place.values(j), BLOCK));
  const sums = new Uint32Array(shared.buffer, place.sums, PLANES * BLOCK);
  const bin = steps.map((count) => kernels[`bin${count}`] as Kernel);
  const trees = groups.map((name) => kernels[name] as Kernel);
  const start = ensemble.base + ensemble.trees.length * low;
  return {
    block: BLOCK,
    fill: (feature) => inputs[feature] as Float64Array,
    margins(rows, out) {
      for (let j = 0; j < width; j++)
        (bin[j] as Kernel)(place.values(j), place.cuts(j), place.bins(j), rows, -128, MISSING);
      sums.fill(0);
      for (const kernel of trees) kernel(rows);
      for (let i = 0; i < rows; i++) {
        const upper = (sums[3 * BLOCK + i] as number) * 256 + (sums[2 * BLOCK + i] as number);
        const lower = (sums[BLOCK + i] as number) * 256 + (sums[i] as number);
        out[i] = start + unit * (upper * 65_536 + lower);
      }
    },
  };
}

/** Different thresholds by feature, ascending. */
function thresholdsOf({ features, trees }: TreeEnsemble): number[][] {
  const found = features.map(() => new Set<number>());
  for (const tree of trees)
    for (const [node, feature] of tree.feature.entries())
      if (feature >= 0) found[feature]?.add(tree.threshold[node] as number);
  return found.map((set) => [...set].sort((a, b) => a - b));
}

/** Addresses: values of a block, cuts, bins, then the sums by plane. */
function layout(width: number) {
  const cuts = 8 * BLOCK * width;
  const bins = cuts + CUTS_BYTES * width;
  const sums = bins + BLOCK * width;
  return {
    values: (j: number) => 8 * BLOCK * j,
    cuts: (j: number) => cuts + CUTS_BYTES * j,
    bins: (j: number) => bins + BLOCK * j,
    sums,
    end: sums + 4 * BLOCK * PLANES,
  };
}

function piecesOf(tree: Tree): Piece[] {
  const leavesUnder = (node: number): number[] =>
    (tree.feature[node] as number) < 0
      ? [node]
      : [...leavesUnder(tree.left[node] as number), ...leavesUnder(tree.right[node] as number)];
  const cut = (root: number, path: Piece['path']): Piece[] => {
    const leaves = leavesUnder(root);
    if (leaves.length <= LEAVES) return [{ tree, root, path, leaves }];
    return [
      ...cut(tree.left[root] as number, [...path, [root, false]]),
      ...cut(tree.right[root] as number, [...path, [root, true]]),
    ];
  };
  return cut(0, []);
}

interface Model {
  readonly ranks: readonly ReadonlyMap<number, number>[];
  readonly quantised: (value: number) => number;
  readonly width: number;
}

/** Adds the values of some pieces to the sums of rows [0, rows). */
function groupFunction(name: string, pieces: readonly Piece[], { ranks, quantised, width }: Model): WasmFunction {
  const [rows, row, row4, index, reach, part] = [0, 1, 2, 3, 4, 5];
  const sum = (plane: number, high: number): number => 6 + 2 * plane + high;
  const first = 6 + 2 * PLANES;
  const place = layout(width);
  /** Locals with a feature's bins: as they are, where missing values come last, and turned by one, where they come first. */
  const columns = new Map<string, number>();
  const column = (feature: number, turned: boolean): number => {
    const key = `${feature} ${turned}`;
    const known = columns.get(key) ?? first + columns.size;
    columns.set(key, known);
    return known;
  };
  const goesRight = ({ feature, threshold, missingLeft }: Tree, node: number): Code => {
    const [f, turned] = [feature[node] as number, missingLeft[node] === true];
    const rank = ranks[f]?.get(threshold[node] as number) ?? 0;
    return [...get(column(f, turned)), ...splat8(rank - 128 + (turned ? 1 : 0)), ...op('i8x16.gt_s')];
  };
  const indexOf = (piece: Piece, node: number): Code => {
    const { tree, leaves } = piece;
    if ((tree.feature[node] as number) < 0) return splat8(leaves.indexOf(node));
    const [left, right] = [tree.left[node] as number, tree.right[node] as number];
    const test = goesRight(tree, node);
    if ((tree.feature[left] as number) < 0 && (tree.feature[right] as number) < 0) {
      const [l, r] = [leaves.indexOf(left), leaves.indexOf(right)];
      return [...test, ...splat8(l ^ r), ...op('v128.and'), ...splat8(l), ...op('v128.xor')];
    }
    return [...indexOf(piece, right), ...indexOf(piece, left), ...test, ...op('v128.bitselect')];
  };
  const work = pieces.flatMap((piece): number[] => {
    const { tree, root, path, leaves } = piece;
    const code: number[] = [...indexOf(piece, root), ...set(index)];
    if (path.length > 0) {
      code.push(...splat8(255));
      for (const [node, right] of path) code.push(...goesRight(tree, node), ...op(right ? 'v128.and' : 'v128.andnot'));
      code.push(...set(reach));
    }
    const bytes = leaves.map((leaf) => quantised(tree.value[leaf] as number));
    for (let plane = 0; plane < PLANES; plane++) {
      const table = Array.from({ length: 16 }, (_, i) => Math.floor((bytes[i] ?? 0) / 256 ** plane) % 256);
      code.push(...v128(table), ...get(index), ...op('i8x16.swizzle'));
      if (path.length > 0) code.push(...get(reach), ...op('v128.and'));
      code.push(...tee(part), ...op('i16x8.extend_low_i8x16_u'), ...get(sum(plane, 0)), ...op('i16x8.add'));
      code.push(...set(sum(plane, 0)), ...get(part), ...op('i16x8.extend_high_i8x16_u'), ...get(sum(plane, 1)));
      code.push(...op('i16x8.add'), ...set(sum(plane, 1)));
    }
    return code;
  });
  const loads = [...columns].flatMap(([key, local]): number[] => {
    const [feature = '0', turned] = key.split(' ');
    const bins = [...get(row), ...memory('v128.load', place.bins(Number(feature)))];
    return [...bins, ...(turned === 'true' ? [...splat8(1), ...op('i8x16.add')] : []), ...set(local)];
  });
  const planes = [...Array(PLANES).keys()];
  const zeros = planes.flatMap((plane) => [0, 1].flatMap((high) => [...splat8(0), ...set(sum(plane, high))]));
  const stores = planes.flatMap((plane) =>
    [0, 1].flatMap((high) =>
      (['low', 'high'] as const).flatMap((end, k): number[] => {
        const at = place.sums + 4 * BLOCK * plane + 32 * high + 16 * k;
        return [
          ...[...get(row4), ...get(row4), ...memory('v128.load', at)],
          ...[...get(sum(plane, high)), ...op(`i32x4.extend_${end}_i16x8_u`), ...op('i32x4.add')],
          ...memory('v128.store', at),
        ];
      }),
    ),
  );
  const body = repeat(
    [
      ...[...loads, ...zeros, ...work],
      ...[...get(row), ...i32(4), ...op('i32.mul'), ...set(row4), ...stores],
      ...[...get(row), ...i32(16), ...op('i32.add'), ...set(row)],
    ],
    [...get(row), ...get(rows), ...op('i32.lt_u')],
  );
  const vectors = first + columns.size - index;
  return {
    name,
    parameters: [I32],
    locals: [I32, I32, ...new Array<number>(vectors).fill(V128)],
    body,
  };
}
