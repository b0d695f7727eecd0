import { DuckDBInstance } from '@duckdb/node-api';
import type { ClassifierArtifact, KMeansArtifact } from '../../../src/ml/artifact/index.js';
import type { Matrix, Random } from '../../../src/ml/index.js';
import type { SqlDialect } from '../../../src/ml/sql/index.js';

export const DUCKDB: SqlDialect = { type: 'duckdb', quote: (name) => `"${name.replaceAll('"', '""')}"` };

/** Values that go wrong first: none, not a number, infinite, tiny, huge, and right at a threshold. */
const ODD = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 5e-324, 1.7976931348623157e308];

export interface RandomRows {
  readonly data: Matrix;
  /** `create table t` with the same rows; NaN is null in every other odd row. */
  readonly sql: string;
}

type Tree = ClassifierArtifact['ensemble']['trees'][number];

/** A tree with inner nodes of any shape, thresholds to the last bit of a double. */
export function randomTree(random: Random, width: number, depth: number): Tree {
  const tree: Tree = { feature: [], threshold: [], missingLeft: [], left: [], right: [], value: [], gain: [] };
  const grow = (level: number): number => {
    const node = tree.feature.length;
    const inner = level < depth && (level === 0 || random() < 0.8);
    tree.feature.push(inner ? Math.floor(random() * width) : -1);
    tree.threshold.push(inner ? threshold(random) : 0);
    tree.missingLeft.push(inner && random() < 0.5);
    tree.left.push(-1);
    tree.right.push(-1);
    tree.value.push(inner ? 0 : random() - 0.5);
    tree.gain.push(inner ? random() : 0);
    if (inner) {
      tree.left[node] = grow(level + 1);
      tree.right[node] = grow(level + 1);
    }
    return node;
  };
  grow(0);
  return tree;
}

function threshold(random: Random): number {
  const x = random() * 20 - 10;
  return [x, Math.fround(x), Math.round(x), x * 1e-12, x * 1e12][Math.floor(random() * 5)] ?? x;
}

export function randomClassifier(random: Random, width: number, trees: number, depth: number): ClassifierArtifact {
  const features = Array.from({ length: width }, (_, j) => `f ${j}`);
  return {
    format: 1,
    name: 'churn',
    version: 1,
    task: 'classifier',
    library: { name: 'upsql', version: '0' },
    data: { model: 'model.p.m', rows: 1, fingerprint: 'sha256:0', window: null },
    features,
    label: 'y',
    missing: random() < 0.7 ? 'learned' : 'zero',
    threshold: 0.5,
    seed: 1,
    options: {},
    metrics: null,
    calibration: [],
    importance: {},
    reference: [],
    ensemble: {
      kind: 'gbdt',
      version: 1,
      features,
      base: random() - 0.5,
      trees: Array.from({ length: trees }, () => randomTree(random, width, depth)),
    },
  };
}

export function randomClusters(random: Random, width: number, k: number): KMeansArtifact {
  const {
    task,
    label,
    threshold: _,
    calibration,
    importance,
    ensemble,
    ...common
  } = randomClassifier(random, width, 1, 1);
  return {
    ...common,
    task: 'kmeans',
    missing: 'zero',
    scaling: common.features.map((name) => ({
      name,
      log: random() < 0.5,
      mean: random() * 4 - 2,
      deviation: random() * 3 + 0.1,
    })),
    clustering: {
      features: common.features,
      centres: Array.from({ length: k }, () => common.features.map(() => random() * 4 - 2)),
      inertia: 0,
      fittedRows: 1,
    },
    segments: Array.from({ length: k }, (_, c) => `It's ${c}`),
    profiles: [],
  };
}

/** Rows for a model: many values of the thresholds themselves, their neighbours, and odd ones. */
export function randomRows(
  random: Random,
  features: readonly string[],
  rows: number,
  near: readonly number[] = [],
): RandomRows {
  const columns = features.map(() =>
    Float64Array.from({ length: rows }, () => {
      const dice = random();
      if (dice < 0.15) return ODD[Math.floor(random() * ODD.length)] ?? 0;
      if (dice < 0.5 && near.length > 0) return near[Math.floor(random() * near.length)] ?? 0;
      return random() * 24 - 12;
    }),
  );
  const cell = (value: number, i: number): string => {
    if (Number.isNaN(value)) return i % 2 === 0 ? 'null' : "'nan'::double";
    if (!Number.isFinite(value)) return value > 0 ? "'inf'::double" : "'-inf'::double";
    return `'${Object.is(value, -0) ? '-0' : value}'::double`;
  };
  const values = Array.from(
    { length: rows },
    (_, i) => `(${i}, ${columns.map((column) => cell(column[i] as number, i)).join(', ')})`,
  );
  const names = features.map((name) => DUCKDB.quote(name));
  return {
    data: { rows, names: features, columns },
    sql: `create or replace table t as select * from (values\n${values.join(',\n')}\n) as v (id, ${names.join(', ')})`,
  };
}

export async function duckdb() {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  return {
    run: (sql: string) => connection.run(sql),
    rows: async (sql: string) => (await connection.runAndReadAll(sql)).getRows(),
    names: async (sql: string) => (await connection.runAndReadAll(sql)).columnNames(),
  };
}
