import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { blobs, CLUSTERINGS, TRAININGS, trainingRows } from '../../../bench/ml/rows.mjs';
import { assignClusters, gbdt, kMeans, rocAuc, seededRandom } from '../../../src/ml/index.js';

/** What xgboost 3.2 and scikit-learn 1.9 make of the same rows and settings; `node bench/ml/figures.mjs` writes it. */
const figures = JSON.parse(readFileSync(new URL('./python-figures.json', import.meta.url), 'utf8')) as Record<
  'auc' | 'inertia',
  Record<string, number>
>;

describe('beside Python', () => {
  it.each(TRAININGS)('boosted trees rank as xgboost does: $id', async (training) => {
    const { train, test } = trainingRows(training, seededRandom);
    const model = await gbdt({ trees: 100, depth: 4, learningRate: 0.1 }).train(train.data, train.labels);
    const theirs = figures.auc[training.id] ?? 0;
    expect(theirs).toBeGreaterThan(0.75);
    expect(Math.abs(rocAuc(test.labels, model.predict(test.data)) - theirs)).toBeLessThan(0.005);
  });

  it.each(CLUSTERINGS)(
    'k-means fitted on a sample is within 1% of scikit-learn on all rows: $id',
    async (clustering) => {
      const { id, rows, seed, apart, k } = clustering;
      const data = blobs(rows, seededRandom(seed), apart);
      const fitted = await kMeans({ k, seed: 1 }).fit(data);
      expect(fitted.fittedRows).toBeLessThan(rows);
      const inertia = assignClusters(fitted, data).distance.reduce((sum, d) => sum + d * d, 0);
      const theirs = figures.inertia[id] ?? 0;
      expect(theirs).toBeGreaterThan(0);
      expect(inertia / theirs).toBeLessThan(1.01);
    },
  );
});
