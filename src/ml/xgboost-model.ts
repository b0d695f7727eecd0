import type { Tree, TreeEnsemble } from './gbdt/tree.js';
import { mlError } from './matrix.js';

/** Bytes of the file's fixed parts: XGBoost 0.6's LearnerModelParam, GBTreeModelParam, TreeParam, and a tree's node and its statistics. */
const LEARNER = 136;
const FOREST = 160;
const TREE = 148;
const NODE = 20;
const STATISTICS = 16;

/**
 * The trees of a model as XGBoost 0.6 and 0.7 save it (what ml-xgboost's toJSON gives), little-endian. XGBoost compares values as
 * 32-bit floats; the thresholds are turned into those of doubles that divide the same way.
 * @throws UpsqlError `ml-xgboost-format` when the bytes are not such a model of logistic regression trees.
 */
export function readXGBoostModel(bytes: Uint8Array, features: readonly string[]): TreeEnsemble {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return read(view, features);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw unreadable('it is cut off');
  }
}

function read(view: DataView, features: readonly string[]): TreeEnsemble {
  // A booster that a session saved begins with a word of its own.
  let at = view.getUint32(0, true) === 0x666e6962 ? 4 : 0;
  // Adding 0 makes -0 a plain one.
  const score = view.getFloat32(at, true) + 0;
  at += LEARNER;
  const text = (): string => {
    const length = Number(view.getBigUint64(at, true));
    at += 8;
    if (length > 64) throw unreadable('it has no objective where one is expected');
    const value = Array.from({ length }, (_, i) => String.fromCharCode(view.getUint8(at + i))).join('');
    at += length;
    return value;
  };
  const objective = text();
  const booster = text();
  if (objective !== 'binary:logistic' || booster !== 'gbtree') throw unreadable(`it is of ${objective} and ${booster}`);
  const count = view.getInt32(at, true);
  at += FOREST;
  const trees = Array.from({ length: count }, () => {
    const nodes = view.getInt32(at + 4, true);
    const tree = readTree(view, at + TREE, nodes, features.length);
    at += TREE + nodes * (NODE + STATISTICS);
    return tree;
  });
  return { kind: 'gbdt', version: 1, features, base: score, trees };
}

/** Nodes are numbered anew so that children come after their parents and none is unused. */
function readTree(view: DataView, start: number, nodes: number, width: number): Tree {
  const lists = {
    feature: [],
    threshold: [],
    missingLeft: [],
    left: [],
    right: [],
    value: [],
    gain: [],
    cover: [],
  } as {
    [Key in Exclude<keyof Tree, 'missingLeft'>]-?: number[];
  } & { missingLeft: boolean[] };
  const add = (old: number, depth: number): number => {
    if (old < 0 || old >= nodes || depth > nodes) throw unreadable('a node leads nowhere');
    const at = start + old * NODE;
    const statistics = start + nodes * NODE + old * STATISTICS;
    const [left, right] = [view.getInt32(at + 4, true), view.getInt32(at + 8, true)];
    const [index, info] = [view.getUint32(at + 12, true), view.getFloat32(at + 16, true)];
    const inner = left >= 0;
    const feature = index & 0x7fffffff;
    if (inner && feature >= width) throw unreadable('a tree asks for a feature that was not trained on');
    const node = lists.feature.push(inner ? feature : -1) - 1;
    lists.threshold.push(inner ? doubleThreshold(info) : 0);
    lists.missingLeft.push(inner && index >>> 31 === 1);
    lists.left.push(-1);
    lists.right.push(-1);
    lists.value.push(inner ? 0 : info);
    lists.gain.push(inner ? view.getFloat32(statistics, true) : 0);
    lists.cover.push(view.getFloat32(statistics + 4, true));
    if (inner) {
      lists.left[node] = add(left, depth + 1);
      lists.right[node] = add(right, depth + 1);
    }
    return node;
  };
  add(0, 0);
  return lists;
}

/**
 * The least double whose nearest 32-bit float is not below `threshold`: halfway to the float before, which itself goes to the one with the
 * even last bit.
 */
export function doubleThreshold(threshold: number): number {
  const view = new DataView(new ArrayBuffer(8));
  const floatBits = (value: number): number => {
    view.setFloat32(0, value);
    const bits = view.getInt32(0);
    return bits < 0 ? -0x80000000 - bits : bits;
  };
  const ofBits = (bits: number): number => {
    view.setInt32(0, bits < 0 ? -0x80000000 - bits : bits);
    return view.getFloat32(0);
  };
  const before = ofBits(floatBits(threshold) - 1);
  const middle = before / 2 + threshold / 2;
  if (Math.fround(middle) >= threshold) return middle;
  view.setFloat64(0, middle);
  const bits = view.getBigInt64(0);
  view.setBigInt64(0, middle > 0 ? bits + 1n : bits - 1n);
  return view.getFloat64(0);
}

function unreadable(why: string) {
  return mlError('ml-xgboost-format', `the model of ml-xgboost can't be read: ${why}`, 'Train with gbdt instead.');
}
