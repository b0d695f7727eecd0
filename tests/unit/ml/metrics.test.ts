import { describe, expect, it } from 'vitest';
import { averagePrecision, binaryMetrics, brierScore, logLoss, rocAuc, seededRandom } from '../../../src/ml/index.js';
import { expectMlError } from './expect-ml-error.js';

describe('metrics', () => {
  it('AUC counts the pairs in the right order, and ties half', () => {
    expect(rocAuc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])).toBeCloseTo(0.75, 12);
    expect(rocAuc([0, 1], [0.5, 0.5])).toBe(0.5);
    expect(rocAuc([1, 0], [0.9, 0.1])).toBe(1);
    expect(rocAuc([1, 0], [0.1, 0.9])).toBe(0);
    // Pairs (positive, negative): .8>.8 tie, .8>.3, .5<.8, .5>.3: (0.5 + 1 + 0 + 1) / 4
    expect(rocAuc([1, 0, 1, 0], [0.8, 0.8, 0.5, 0.3])).toBeCloseTo(2.5 / 4, 12);
  });

  it('AUC equals a count over all pairs on random data with ties', () => {
    const random = seededRandom(5);
    const labels = Array.from({ length: 300 }, () => (random() < 0.3 ? 1 : 0));
    const scores = labels.map((label) => Math.round((random() + 0.3 * label) * 20) / 20);
    let right = 0;
    let pairs = 0;
    labels.forEach((a, i) => {
      labels.forEach((b, j) => {
        if (a !== 1 || b !== 0) return;
        pairs++;
        const [si = 0, sj = 0] = [scores[i], scores[j]];
        right += si > sj ? 1 : si === sj ? 0.5 : 0;
      });
    });
    expect(rocAuc(labels, scores)).toBeCloseTo(right / pairs, 12);
  });

  it('average precision sums precision over the recall gained', () => {
    // scikit-learn's documented example: 0.83...
    expect(averagePrecision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])).toBeCloseTo(0.8333333333, 9);
    // All scores equal: one threshold, precision is the share of positives.
    expect(averagePrecision([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5])).toBe(0.5);
  });

  it('log loss and Brier score by hand', () => {
    expect(logLoss([1, 0], [0.8, 0.4])).toBeCloseTo(-(Math.log(0.8) + Math.log(0.6)) / 2, 12);
    expect(brierScore([1, 0], [0.8, 0.4])).toBeCloseTo((0.04 + 0.16) / 2, 12);
    expect(logLoss([1, 0], [0, 0.5])).toBeCloseTo((-Math.log(1e-15) - Math.log(0.5)) / 2, 6);
  });

  it('binaryMetrics gives all of them', () => {
    expect(binaryMetrics(Float64Array.of(0, 0, 1, 1), Float64Array.of(0.1, 0.4, 0.35, 0.8))).toEqual({
      rows: 4,
      positives: 2,
      auc: 0.75,
      prAuc: averagePrecision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]),
      logLoss: logLoss([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]),
      brier: brierScore([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]),
    });
  });

  it('refuses what has no answer', async () => {
    await expectMlError(() => rocAuc([], []), 'ml-no-rows', /no rows/);
    await expectMlError(() => rocAuc([1, 1], [0.1, 0.2]), 'ml-one-class', /every one of the 2 labels is 1/);
    await expectMlError(() => rocAuc([0, 0], [0.1, 0.2]), 'ml-one-class', /is 0/);
    await expectMlError(() => logLoss([0, 2], [0.1, 0.2]), 'ml-label', /row 2 is 2/);
    await expectMlError(() => brierScore([0, Number.NaN], [0.1, 0.2]), 'ml-label', /row 2 is NaN/);
    await expectMlError(() => rocAuc([0, 1], [0.1, Number.NaN]), 'ml-missing-value', /row 2/);
    await expectMlError(() => averagePrecision([0, 1], [0.1]), 'ml-lengths-differ', /2 labels for 1 scores/);
  });
});
