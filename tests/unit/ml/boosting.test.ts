import { describe, expect, it, vi } from 'vitest';
import {
  ensembleModel,
  gbdt,
  logLoss,
  type Matrix,
  matrixOf,
  readXGBoostModel,
  rocAuc,
  seededRandom,
  type TreeEnsemble,
  trainEnsemble,
  trainEnsembleInThreads,
  xgboost,
} from '../../../src/ml/index.js';
import { doubleThreshold } from '../../../src/ml/xgboost-model.js';
import { expectMlError } from './expect-ml-error.js';

/** Rows whose label depends on an interaction, a threshold and a curve, with noise; the other columns are noise alone. */
function sample(rows: number, seed: number, holes = 0): { data: Matrix; labels: Float64Array } {
  const random = seededRandom(seed);
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const columns = Object.fromEntries(
    names.map((name, j) => [
      name,
      Float64Array.from({ length: rows }, () => (j === 3 ? Math.floor(random() * 30) : random() * 2 - 1)),
    ]),
  );
  const at = (name: string, i: number): number => columns[name]?.[i] ?? 0;
  const labels = Float64Array.from({ length: rows }, (_, i) => {
    const z = 4 * at('a', i) * at('b', i) + (at('d', i) > 12 ? 1.2 : -1) + Math.sin(4 * at('c', i));
    return random() < 1 / (1 + Math.exp(-z)) ? 1 : 0;
  });
  for (const name of ['a', 'd']) {
    const column = columns[name] ?? new Float64Array();
    for (let i = 0; i < rows; i++) if (random() < holes) column[i] = Number.NaN;
  }
  return { data: matrixOf(columns, names), labels };
}

describe('gbdt', () => {
  it('makes the leaf values and the gain of the formula', () => {
    // 6 rows, base log-odds 0 (3 of 6 are 1): g = ±0.5, h = 0.25. The best cut lies between 3 and 4.
    const data = matrixOf({ x: Float64Array.of(1, 2, 3, 4, 5, 6) }, ['x']);
    const labels = Float64Array.of(0, 0, 1, 1, 1, 0);
    const { base, trees } = trainEnsemble(data, Float64Array.of(0, 0, 0, 1, 1, 1), {
      trees: 1,
      depth: 1,
      learningRate: 0.3,
      lambda: 1,
      minChildWeight: 0,
    });
    expect(base).toBe(0);
    const [tree] = trees;
    expect(tree?.feature).toEqual([0, -1, -1]);
    expect(tree?.threshold[0]).toBe(3.5);
    // Left: G = 1.5, H = 0.75, value = -1.5 / 1.75 * 0.3; gain = (1.5² / 1.75 + 1.5² / 1.75 - 0) / 2.
    expect(tree?.value[1]).toBeCloseTo((-1.5 / 1.75) * 0.3, 12);
    expect(tree?.value[2]).toBeCloseTo((1.5 / 1.75) * 0.3, 12);
    expect(tree?.gain[0]).toBeCloseTo(1.5 ** 2 / 1.75, 12);
    // A leaf needs more than 0.25 * 3 = 0.75 on each side: no split is left, and the base stands.
    const bare = trainEnsemble(data, labels, { trees: 1, depth: 1, minChildWeight: 0.76 });
    expect(bare.trees[0]?.feature).toEqual([-1]);
  });

  it('is as good as XGBoost on the same rows and settings', async () => {
    const train = sample(12_000, 1);
    const test = sample(12_000, 2);
    const settings = { trees: 60, depth: 4, learningRate: 0.1 };
    const ours = (await gbdt(settings).train(train.data, train.labels)).predict(test.data);
    const theirs = (await xgboost(settings).train(train.data, train.labels)).predict(test.data);
    const auc = rocAuc(test.labels, ours);
    expect(auc).toBeGreaterThan(0.8);
    expect(Math.abs(auc - rocAuc(test.labels, theirs))).toBeLessThan(0.01);
    expect(logLoss(test.labels, ours)).toBeLessThan(logLoss(test.labels, theirs) + 0.005);
  });

  it('fits better with every tree, so that trees and training see the same bins', () => {
    const { data, labels } = sample(1500, 4, 0.1);
    const full = trainEnsemble(data, labels, { trees: 30, learningRate: 0.3 });
    const losses = [1, 5, 10, 30].map((count) => {
      const part: TreeEnsemble = { ...full, trees: full.trees.slice(0, count) };
      return logLoss(labels, ensembleModel(part, data.rows).predict(data));
    });
    for (const [step, loss] of losses.entries()) if (step > 0) expect(loss).toBeLessThan(losses[step - 1] ?? 0);
  });

  it('learns where missing values go', async () => {
    // x says nothing where it is known; where it is missing, the label is 1.
    const random = seededRandom(2);
    const x = Float64Array.from({ length: 600 }, (_, i) => (i % 3 === 0 ? Number.NaN : random()));
    const labels = Float64Array.from(x, (value) => (Number.isNaN(value) ? 1 : 0));
    const model = await gbdt({ trees: 20, learningRate: 0.5 }).train(matrixOf({ x }, ['x']), labels);
    const [missing = 0, known = 1] = model.predict(matrixOf({ x: Float64Array.of(Number.NaN, 0.5) }, ['x']));
    expect(missing).toBeGreaterThan(0.95);
    expect(known).toBeLessThan(0.05);

    const holed = sample(4000, 6, 0.3);
    const test = sample(4000, 7, 0.3);
    const probabilities = (await gbdt().train(holed.data, holed.labels)).predict(test.data);
    expect(probabilities.every((p) => p > 0 && p < 1)).toBe(true);
    expect(rocAuc(test.labels, probabilities)).toBeGreaterThan(0.7);
  });

  it('repeats exactly, survives JSON, and finds columns by name', async () => {
    const { data, labels } = sample(800, 3);
    const ensemble = trainEnsemble(data, labels, { trees: 10 });
    expect(trainEnsemble(data, labels, { trees: 10 })).toEqual(ensemble);
    const again = ensembleModel(JSON.parse(JSON.stringify(ensemble)), data.rows);
    const turned: Matrix = { rows: data.rows, names: [...data.names].reverse(), columns: [...data.columns].reverse() };
    expect(again.predict(turned)).toEqual(ensembleModel(ensemble, data.rows).predict(data));
  });

  it('says which features carried it', async () => {
    const { data, labels } = sample(4000, 1);
    const { importance = {} } = await gbdt().train(data, labels);
    expect(Object.values(importance).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
    for (const used of ['a', 'b', 'c', 'd']) {
      for (const noise of ['e', 'f']) expect(importance[used]).toBeGreaterThan(importance[noise] ?? 1);
    }
  });

  it('copes with more different values than bins, heavy values and huge ones', async () => {
    const random = seededRandom(11);
    const x = Float64Array.from({ length: 5000 }, () => (random() < 0.6 ? 0 : random() * 1e300));
    const labels = Float64Array.from(x, (value) => (value > 5e299 ? 1 : 0));
    const probabilities = (await gbdt({ trees: 30, learningRate: 0.5 }).train(matrixOf({ x }, ['x']), labels)).predict(
      matrixOf({ x }, ['x']),
    );
    expect(rocAuc(labels, probabilities)).toBeGreaterThan(0.999);
  });
});

describe.each([
  ['gbdt', gbdt({ trees: 5 })],
  ['xgboost', xgboost({ trees: 5 })],
])('%s with bad input', (_, trainer) => {
  const x = Float64Array.of(1, 2, 3, 4);
  const data = matrixOf({ x }, ['x']);

  it('refuses labels it cannot learn from', async () => {
    await expectMlError(
      () => trainer.train(data, Float64Array.of(1, 1, 1, 1)),
      'ml-one-class',
      /every one of the 4 labels is 1/,
    );
    await expectMlError(() => trainer.train(data, Float64Array.of(0, 1, Number.NaN, 1)), 'ml-label', /row 3 is NaN/);
    await expectMlError(() => trainer.train(data, Float64Array.of(0, 1)), 'ml-lengths-differ', /2 labels for 4 rows/);
  });

  it('refuses to learn from columns that never vary', async () => {
    const flat = matrixOf({ x: new Float64Array(4).fill(7) }, ['x']);
    await expectMlError(
      () => trainer.train(flat, Float64Array.of(0, 1, 0, 1)),
      'ml-constant-column',
      /every feature column/,
    );
  });

  it('refuses to predict without one of its features', async () => {
    const model = await trainer.train(data, Float64Array.of(0, 0, 1, 1));
    await expectMlError(() => model.predict(matrixOf({ y: x }, ['y'])), 'ml-missing-column', /'x' is missing/);
  });
});

it('xgboost trains on a sample of a large table and scores all rows', async () => {
  const { data, labels } = sample(1000, 1);
  const model = await xgboost({ trees: 5, sampleRows: 400 }).train(data, labels);
  expect(model.trainedRows).toBe(400);
  expect(model.predict(data).length).toBe(1000);
  expect(process.listenerCount('uncaughtException')).toBeLessThan(5);
});

describe('a model of ml-xgboost', () => {
  const random = seededRandom(3);
  const values = (make: () => number) => Float64Array.from({ length: 2000 }, make);
  const columns = {
    plain: values(() => random() * 4 - 2),
    whole: values(() => Math.round(random() * 6) - 3),
    holes: values(() => (random() < 0.2 ? Number.NaN : random() * 1e6)),
  };
  const data = matrixOf(columns, ['plain', 'whole', 'holes']);
  const labels = columns.plain.map((x, i) => {
    const z = x + (columns.whole[i] === -1 ? 2 : 0) + (Number.isNaN(columns.holes[i]) ? 1 : -0.5);
    return random() < 1 / (1 + Math.exp(-z)) ? 1 : 0;
  });

  it('is read into trees that predict the same, with missing values, -1 and its 32-bit thresholds', async () => {
    const model = await xgboost({ trees: 40 }).train(data, labels);
    expect(model.ensemble.trees.length).toBe(40);
    expect(model.ensemble.trees[0]?.feature.length).toBeGreaterThan(10);
    const theirs = model.predict(data);
    const ours = ensembleModel(model.ensemble, data.rows).predict(data);
    for (const [i, p] of theirs.entries()) expect(Math.abs(p - (ours[i] as number))).toBeLessThan(1e-6);
    const auc = rocAuc(labels, ours);
    expect(auc).toBeGreaterThan(0.75);
    expect(rocAuc(labels, (await gbdt({ trees: 40 }).train(data, labels)).predict(data))).toBeCloseTo(auc, 1);
  });

  it('has thresholds that divide doubles as 32-bit floats are divided', () => {
    for (const x of [1, 0.1, -0.1, -1, 1e-30, 12345.678, 0, 3]) {
      const float = Math.fround(x);
      const least = doubleThreshold(float);
      expect(Math.fround(least)).toBeGreaterThanOrEqual(float);
      const step = Math.abs(least) * 2 ** -52 || Number.MIN_VALUE;
      expect(Math.fround(least - step)).toBeLessThan(float);
    }
  });

  it('is refused when it is cut off or no such model', async () => {
    await expectMlError(async () => readXGBoostModel(new Uint8Array(50), ['a']), 'ml-xgboost-format', /cut off/);
    await expectMlError(async () => readXGBoostModel(new Uint8Array(500), ['a']), 'ml-xgboost-format', /can't be read/);
  });
});

describe('training in threads', () => {
  it('gives the very trees of one thread, whatever their number', async () => {
    const { data, labels } = sample(70_000, 5, 0.1);
    const options = { trees: 6, depth: 5 };
    const alone = trainEnsemble(data, labels, options);
    for (const threads of [1, 2, 3]) {
      expect(await trainEnsembleInThreads(data, labels, options, threads)).toEqual(alone);
    }
  });

  it('gives the very trees without WebAssembly, and with more bins than 16 bits number', () => {
    const { data, labels } = sample(40_000, 8, 0.1);
    const wide = sample(2_000, 9, 0.1);
    const names = Array.from({ length: 300 }, (_, j) => `w${j}`);
    const many = names.map((_, j) => (wide.data.columns[j % 6] as Float64Array).map((x) => Math.sin(x * (j + 1))));
    const options = { trees: 4, depth: 5 };
    const train = () => [
      trainEnsemble(data, labels, options),
      trainEnsemble({ rows: wide.data.rows, names, columns: many }, wide.labels, { trees: 1, depth: 2 }),
    ];
    const fast = train();
    vi.stubGlobal('WebAssembly', undefined);
    try {
      expect(train()).toEqual(fast);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('lets this thread go on meanwhile', async () => {
    const { data, labels } = sample(60_000, 6);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await trainEnsembleInThreads(data, labels, { trees: 30 }, 2);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });
});
