import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { defineNumbersFunction } from '../../../src/adapters/duckdb/numbers-function.js';
import { seededRandom } from '../../../src/ml/index.js';
import { predictProbability } from '../../../src/ml/predict.js';
import { marginFunction, predictSql } from '../../../src/ml/sql/index.js';
import { compileScorer } from '../../../src/ml/wasm/score.js';
import { DUCKDB, randomClassifier, randomRows } from './random-models.js';

/** The doubles right below and above. */
const neighbours = (x: number): number[] => [x - Math.abs(x) * 2 ** -53, x, x + Math.abs(x) * 2 ** -52];

describe('trees compiled to vector instructions', () => {
  it('give every row the probability of the process, whatever the depth, inside DuckDB and with nulls', async () => {
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
    const random = seededRandom(17);
    for (let round = 0; round < 12; round++) {
      const width = 1 + Math.floor(random() * 8);
      const model = {
        ...randomClassifier(random, width, 1 + Math.floor(random() * 60), 1 + (round % 7)),
        version: round + 1,
      };
      const near = model.ensemble.trees.flatMap((tree) => tree.threshold).flatMap(neighbours);
      const { data, sql } = randomRows(random, model.features, 3000, near);
      await connection.run(sql);
      const definition = marginFunction(model);
      if (definition === undefined) {
        const most = Math.max(...model.features.map((_, j) => thresholds(model.ensemble.trees, j).size));
        expect(most).toBeGreaterThan(254);
        continue;
      }
      // A second definition of the same name must do no harm.
      for (let i = 0; i < 2; i++) defineNumbersFunction(connection, definition);
      const query = predictSql(model, 't', DUCKDB, { margin: definition.name, keep: ['id'] }).sql;
      const result = await connection.runAndReadAll(
        `select id, churn_probability, predicted_churn from (${query}) order by id`,
      );
      const expected = predictProbability(model, data);
      const scored = result.getRows();
      expect(scored.length).toBe(3000);
      for (const [i, [id, probability, predicted]] of scored.entries()) {
        expect(id).toBe(i);
        expect(Math.abs((probability as number) - (expected[i] as number))).toBeLessThan(1e-8);
        if (Math.abs((expected[i] as number) - 0.5) > 1e-8) expect(predicted).toBe((expected[i] as number) >= 0.5);
      }
    }
  });

  it('is left to SQL when a feature has more thresholds than a byte can tell apart', () => {
    const random = seededRandom(5);
    const model = randomClassifier(random, 1, 60, 5);
    expect(thresholds(model.ensemble.trees, 0).size).toBeGreaterThan(254);
    expect(compileScorer(model.ensemble)).toBeUndefined();
    expect(marginFunction(model)).toBeUndefined();
  });

  it('tells DuckDB when the function fails', async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const evaluate = () => {
      throw new Error('no such luck');
    };
    defineNumbersFunction(connection, { name: 'ml_margin_broken', width: 1, evaluate });
    await expect(connection.run('select ml_margin_broken(1)')).rejects.toThrow(/no such luck/);
  });
});

function thresholds(trees: readonly { feature: readonly number[]; threshold: readonly number[] }[], feature: number) {
  return new Set(trees.flatMap((tree) => tree.threshold.filter((_, node) => tree.feature[node] === feature)));
}
