import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/ml/index.js';
import { predictCluster, predictProbability } from '../../../src/ml/predict.js';
import { predictSql } from '../../../src/ml/sql/index.js';
import { DUCKDB, duckdb, randomClassifier, randomClusters, randomRows } from './random-models.js';

/** The doubles right below and above. */
function neighbours(x: number): number[] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigInt64(0);
  return [bits - 1n, bits + 1n].map((next) => {
    view.setBigInt64(0, next);
    return view.getFloat64(0);
  });
}

describe('trees as SQL', () => {
  it.each(['case', 'table'] as const)('as %s give every row the probability of the process', async (form) => {
    const db = await duckdb();
    const random = seededRandom(form === 'case' ? 7 : 8);
    for (let round = 0; round < (form === 'case' ? 15 : 3); round++) {
      const width = 1 + Math.floor(random() * 6);
      const model = randomClassifier(
        random,
        width,
        1 + Math.floor(random() * (form === 'case' ? 80 : 15)),
        1 + Math.floor(random() * 5),
      );
      const thresholds = model.ensemble.trees.flatMap((tree) => tree.threshold);
      const near = thresholds.flatMap((x) => [x, ...neighbours(x)]).filter(Number.isFinite);
      const { data, sql } = randomRows(random, model.features, 300, near);
      await db.run(sql);
      const predict = predictSql(model, 't', DUCKDB, { form });
      for (const statement of predict.setup) await db.run(statement);
      expect(predict.setup.length > 0).toBe(form === 'table');
      const scored = await db.rows(`select id, churn_probability, predicted_churn from (${predict.sql}) order by id`);
      const expected = predictProbability(model, data);
      expect(scored.length).toBe(300);
      for (const [i, [id, probability, predicted]] of scored.entries()) {
        expect(id).toBe(i);
        expect(Math.abs((probability as number) - (expected[i] as number))).toBeLessThan(1e-6);
        if (Math.abs((expected[i] as number) - 0.5) > 1e-9) expect(predicted).toBe((expected[i] as number) >= 0.5);
      }
    }
  });

  it('passes on the columns of the input, or those asked for, and takes a query as its input', async () => {
    const db = await duckdb();
    const random = seededRandom(3);
    const model = randomClassifier(random, 2, 3, 2);
    await db.run(randomRows(random, model.features, 5).sql);
    expect(await db.names(predictSql(model, 't', DUCKDB).sql)).toEqual([
      'id',
      'f 0',
      'f 1',
      'churn_probability',
      'predicted_churn',
    ]);
    const some = predictSql(model, 'select * from t where id > 2;', DUCKDB, {
      keep: ['id'],
      rename: { churn_probability: 'p' },
    });
    expect(await db.names(some.sql)).toEqual(['id', 'p', 'predicted_churn']);
    expect((await db.rows(some.sql)).length).toBe(2);
  });

  it('turns to a table of nodes when the text would pass the limit of a Snowflake statement', () => {
    const model = randomClassifier(seededRandom(5), 12, 1500, 5);
    const snowflake = { type: 'snowflake', quote: (name: string) => `"${name.toUpperCase()}"` };
    const predict = predictSql(model, '"DB"."S"."T"', snowflake, { schema: '"DB"."S"' });
    expect(predict.table).toMatch(/^"DB"\."S"\.ml_nodes_churn_1_[0-9a-f]{12}$/);
    for (const statement of [predict.sql, ...predict.setup]) expect(statement.length).toBeLessThan(1_000_000);
    // Everything that is a number in Snowflake is a FLOAT from text, exactly; NaN is missing.
    expect(predictSql(randomClassifier(seededRandom(5), 2, 2, 2), 'T', snowflake).sql).toMatch(
      /nullif\(cast\("F 0" as float\), 'NaN'::float\)/,
    );
  });

  it('give 0 and 1 where the log-odds are beyond what an exponential can take', async () => {
    const db = await duckdb();
    const random = seededRandom(13);
    const { ensemble, ...model } = randomClassifier(random, 1, 2, 2);
    const { data, sql } = randomRows(random, model.features, 3);
    await db.run(sql);
    for (const [base, p] of [
      [900, 1],
      [-900, 0],
    ] as const) {
      const sure = { ...model, ensemble: { ...ensemble, base } };
      const scored = await db.rows(
        `select churn_probability, predicted_churn from (${predictSql(sure, 't', DUCKDB).sql})`,
      );
      expect(scored).toEqual([...predictProbability(sure, data)].map(() => [p, p === 1]));
      expect([...predictProbability(sure, data)]).toEqual([p, p, p]);
    }
  });

  it('sums more than a thousand trees without nesting too deep', async () => {
    const db = await duckdb();
    const random = seededRandom(11);
    const model = randomClassifier(random, 3, 1100, 1);
    const { data, sql } = randomRows(random, model.features, 20);
    await db.run(sql);
    const [first] = await db.rows(
      `select churn_probability from (${predictSql(model, 't', DUCKDB, { form: 'case' }).sql})`,
    );
    expect(first?.[0]).toBeCloseTo(predictProbability(model, data)[0] as number, 9);
  });
});

describe('clusters as SQL', () => {
  it('give every row the cluster, name and distance of the process', async () => {
    const db = await duckdb();
    const random = seededRandom(21);
    for (let round = 0; round < 25; round++) {
      const model = randomClusters(random, 1 + Math.floor(random() * 6), 2 + Math.floor(random() * 5));
      const { data, sql } = randomRows(random, model.features, 200);
      await db.run(sql);
      const scored = await db.rows(
        `select cluster, segment, distance from (${predictSql(model, 't', DUCKDB).sql}) order by id`,
      );
      const { cluster, distance } = predictCluster(model, data);
      for (const [i, [number, name, d]] of scored.entries()) {
        expect(number).toBe(cluster[i]);
        expect(name).toBe(`It's ${cluster[i]}`);
        const far = distance[i] as number;
        if (Number.isFinite(far)) expect(Math.abs((d as number) - far) / (1 + far)).toBeLessThan(1e-9);
        else expect(d).toBe(far);
      }
    }
  });
});
