import { describe, expect, it } from 'vitest';
import { binaryMetrics, seededRandom } from '../../../src/ml/index.js';
import {
  bootstrapMetrics,
  calibrationCurve,
  calibrationError,
  confusionAt,
  liftAt,
  populationStability,
  referenceBins,
  silhouette,
} from '../../../src/ml/judge/index.js';
import { driftSql } from '../../../src/ml/sql/index.js';
import { DUCKDB, duckdb, randomClassifier, randomRows } from './random-models.js';

/** Probabilities that are right: the outcome is drawn from them. */
function honest(rows: number, seed: number): { labels: Float64Array; probabilities: Float64Array } {
  const random = seededRandom(seed);
  const probabilities = Float64Array.from({ length: rows }, () => Math.round(random() * 500) / 500);
  return { probabilities, labels: probabilities.map((p) => (random() < p ? 1 : 0)) };
}

describe('bootstrap', () => {
  it('gives the exact figure inside an interval that repeats for a seed', () => {
    const { labels, probabilities } = honest(2000, 1);
    const judged = bootstrapMetrics(labels, probabilities, { seed: 3 });
    const { auc, prAuc, logLoss, brier } = binaryMetrics(labels, probabilities);
    for (const [name, value] of Object.entries({ auc, prAuc, logLoss, brier })) {
      const interval = judged[name as 'auc'];
      expect(interval.value).toBe(value);
      expect(interval.low).toBeLessThan(value);
      expect(interval.high).toBeGreaterThan(value);
    }
    expect(bootstrapMetrics(labels, probabilities, { seed: 3 })).toEqual(judged);
    expect(bootstrapMetrics(labels, probabilities, { seed: 4 })).not.toEqual(judged);
  });

  it('covers what the same process gives elsewhere about as often as it says, and narrows with more rows', () => {
    const { labels, probabilities } = honest(1500, 9);
    const { auc } = bootstrapMetrics(labels, probabilities);
    const others = Array.from({ length: 60 }, (_, i) => {
      const other = honest(1500, 100 + i);
      return binaryMetrics(other.labels, other.probabilities).auc;
    });
    const spread = Math.max(...others) - Math.min(...others);
    expect(auc.high - auc.low).toBeGreaterThan(spread * 0.5);
    expect(auc.high - auc.low).toBeLessThan(spread * 1.5);
    const large = honest(24_000, 9);
    const narrow = bootstrapMetrics(large.labels, large.probabilities, { resamples: 60 }).auc;
    expect(narrow.high - narrow.low).toBeLessThan((auc.high - auc.low) / 2.5);
  });
});

describe('calibration', () => {
  it('is near zero for honest probabilities and large for boastful ones', () => {
    const { labels, probabilities } = honest(20_000, 2);
    expect(calibrationError(labels, probabilities)).toBeLessThan(0.02);
    const boastful = probabilities.map((p) => (p > 0.5 ? 0.99 : 0.01));
    expect(calibrationError(labels, boastful)).toBeGreaterThan(0.2);
    const curve = calibrationCurve([0, 1, 1, 1], [0.1, 0.3, 0.6, 1], 2);
    expect(curve).toEqual([
      { rows: 2, predicted: 0.2, observed: 0.5 },
      { rows: 2, predicted: 0.8, observed: 1 },
    ]);
  });
});

describe('confusion and lift', () => {
  it('count by hand', () => {
    const labels = [1, 1, 0, 0, 1, 0];
    const probabilities = [0.9, 0.4, 0.6, 0.1, 0.6, 0.5];
    expect(confusionAt(labels, probabilities, 0.6)).toEqual({
      threshold: 0.6,
      truePositives: 2,
      falsePositives: 1,
      trueNegatives: 2,
      falseNegatives: 1,
      precision: 2 / 3,
      recall: 2 / 3,
      f1: 2 / 3,
    });
    expect(confusionAt(labels, probabilities, 1)).toMatchObject({ precision: 0, recall: 0, f1: 0 });
    // The first third: one sure positive, and one of the tied pair, half of which are positive.
    expect(liftAt(labels, probabilities, 1 / 3)).toBeCloseTo(1.5 / 2 / 0.5, 12);
    expect(liftAt(labels, probabilities, 1)).toBe(1);
  });
});

describe('drift', () => {
  it('is nothing for the same rows, grows with a shift, and SQL agrees', async () => {
    const random = seededRandom(5);
    const { data } = randomRows(random, ['f 0', 'f 1'], 600);
    const reference = referenceBins(data);
    for (const psi of populationStability(reference, data).values()) expect(psi).toBe(0);
    const moved = { ...data, columns: data.columns.map((column, j) => (j === 0 ? column.map((x) => x + 6) : column)) };
    expect(populationStability(reference, moved).get('f 0')).toBeGreaterThan(0.3);
    expect(populationStability(reference, moved).get('f 1')).toBe(0);
    const db = await duckdb();
    const now = randomRows(random, ['f 0', 'f 1'], 400);
    await db.run(now.sql);
    const model = { ...randomClassifier(random, 2, 1, 1), missing: 'learned' as const, reference: [...reference] };
    const expected = populationStability(reference, now.data);
    for (const [feature, psi, drifted] of await db.rows(driftSql(model, 't', DUCKDB))) {
      expect(psi).toBeCloseTo(expected.get(String(feature)) ?? -1, 9);
      expect(drifted).toBe((expected.get(String(feature)) ?? 0) >= 0.2);
    }
  });
});

describe('silhouette', () => {
  it('is that of the definition, and best for the clusters that are there', () => {
    const data = { rows: 4, names: ['x'], columns: [Float64Array.of(0, 1, 10, 11)] };
    // For x = 0: inside 1, outside (10 + 11) / 2.
    const side = (inside: number, outside: number) => (outside - inside) / outside;
    const exact = (side(1, 10.5) + side(1, 9.5)) / 2;
    expect(silhouette(data, Int32Array.of(0, 0, 1, 1), 2)).toBeCloseTo(exact, 12);
    expect(silhouette(data, Int32Array.of(0, 1, 0, 1), 2)).toBeLessThan(0);
  });
});
