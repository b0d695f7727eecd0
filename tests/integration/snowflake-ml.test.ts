import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter, Session } from '../../src/adapters/adapter.js';
import { createDuckDbAdapter } from '../../src/adapters/duckdb/index.js';
import { createSnowflakeAdapter } from '../../src/adapters/snowflake/index.js';
import { noStandIn, type StandIn, startStandIn, titled } from '../stand-ins/snowflake/stand-in.js';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { MODELS, mlProject } from './ml-project.js';
import { unreadable } from './snowflake-project.js';
import { run } from './userpulse-project.js';

describe.skipIf(noStandIn !== undefined)(titled('scoring on Snowflake'), () => {
  let standIn: StandIn;
  let root = '';
  const open: Adapter[] = [];

  async function enter(adapter: Adapter): Promise<Session> {
    open.push(adapter);
    await adapter.open();
    return adapter.session('test');
  }

  beforeAll(async () => {
    await compileBin();
    standIn = await startStandIn();
    root = mlProject();
    const outputs = {
      dev: { type: 'duckdb', path: 'shop.duckdb' },
      snowflake: { type: 'snowflake', ...standIn.profile() },
    };
    writeFileSync(join(root, 'profiles.yml'), JSON.stringify({ shop: { target: 'dev', outputs } }));
    writeFileSync(
      join(root, 'models/scored.sql'),
      "{{ config(materialized='table') }} select * from ({{ ml_predict('churn', ref('features')) }}) as p",
    );
  });
  afterAll(async () => {
    await Promise.all(open.map((adapter) => adapter.close()));
    await standIn?.stop();
  });

  it('gives the probabilities that DuckDB gives, to 1e-6, by SQL alone', async () => {
    run(root, ['run', '--select', 'features']);
    run(root, ['ml', 'train', 'churn']);
    run(root, ['run', '--select', 'scored']);
    const local = await enter(createDuckDbAdapter({ path: 'shop.duckdb' }, { projectRoot: root }));
    const features = await local.execute('select * from features');
    const columns = features.columns.map(({ name, type }) => ({ name: name.toUpperCase(), type }));
    const query = 'select user_id, cutoff_date, churn_probability from scored order by user_id, cutoff_date';
    const here = (await local.execute(query)).rows;
    await open.pop()?.close();

    const remote = await enter(createSnowflakeAdapter(standIn.profile(), { projectRoot: root }));
    const data = columns.map((_, i) => features.rows.map((row) => row[i] ?? null));
    await remote.load({
      table: { database: 'ANALYTICS', schema: 'DBT', identifier: 'FEATURES' },
      columns,
      data,
      length: features.rows.length,
    });
    await standIn.log(true);
    run(root, ['run', '--select', 'scored', '--target', 'snowflake']);
    const { statements } = await standIn.log(true);
    expect(unreadable(statements)).toEqual([]);
    expect(statements.filter(({ sql }) => /create or replace transient table/.test(sql))).toHaveLength(1);
    const there = (await remote.execute(query.replace('from scored', 'from analytics.dbt.scored'))).rows;
    expect([here.length, there.length]).toEqual([2700, 2700]);
    const far = here.filter((row, i) => {
      const other = there[i] ?? [];
      return row[0] !== other[0] || row[1] !== other[1] || Math.abs(Number(row[2]) - Number(other[2])) > 1e-6;
    });
    expect(far).toEqual([]);
    expect(new Set(here.map((row) => row[2])).size).toBeGreaterThan(100);
  });

  it('trains ml-xgboost on its rows to the model that DuckDB gives, and both have the same scores and reasons', async () => {
    const yaml = MODELS.replace('trees: 20', 'trees: 20\n        trainer: xgboost');
    const reasons = yaml
      .replace('name: churn_scores', 'name: churn_reasons')
      .replace(/ {2}- name: groups[\s\S]*$/, '')
      .replace('trees: 20', 'output: reasons\n        reasons: 2\n        trees: 20')
      .replace('keep: [user_id]', 'keep: [user_id, cutoff_date]');
    const scores = yaml.replace('keep: [user_id]', 'keep: [user_id, cutoff_date]');
    writeFileSync(join(root, 'models/models.yml'), scores);
    writeFileSync(join(root, 'models/reasons.yml'), reasons);
    writeFileSync(join(root, 'models/churn_reasons.sql'), "select * from {{ ref('features') }}");
    expect(run(root, ['ml', 'train', 'churn_scores', '--target', 'snowflake']).stdout).toMatch(/Wrote churn version 2/);
    expect(run(root, ['ml', 'train', 'churn_scores']).stdout).toMatch(/same model: nothing written/);
    run(root, ['ml', 'promote', 'churn', '--model-version', '2']);
    const nodes = ['--select', 'churn_scores', 'churn_reasons'];
    run(root, ['run', ...nodes]);
    run(root, ['run', ...nodes, '--target', 'snowflake']);

    const queries = [
      'select user_id, cutoff_date, churn_probability from churn_scores order by 1, 2',
      'select user_id, cutoff_date, rank, feature, value, contribution from churn_reasons order by 1, 2, 3',
    ];
    const local = await enter(createDuckDbAdapter({ path: 'shop.duckdb' }, { projectRoot: root }));
    const remote = await enter(createSnowflakeAdapter(standIn.profile(), { projectRoot: root }));
    for (const query of queries) {
      const here = (await local.execute(query)).rows;
      const there = (await remote.execute(query.replace('from ', 'from analytics.dbt.'))).rows;
      expect(here.length).toBeGreaterThan(2000);
      expect(there.length).toBe(here.length);
      const near = (a: unknown, b: unknown) =>
        typeof a === 'number' && !Number.isInteger(a) ? Math.abs(a - Number(b)) <= 1e-6 : String(a) === String(b);
      expect(here.filter((row, i) => !row.every((value, k) => near(value, there[i]?.[k])))).toEqual([]);
    }
  });
});
