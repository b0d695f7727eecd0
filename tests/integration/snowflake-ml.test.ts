import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter, Session } from '../../src/adapters/adapter.js';
import { createDuckDbAdapter } from '../../src/adapters/duckdb/index.js';
import { createSnowflakeAdapter } from '../../src/adapters/snowflake/index.js';
import { noStandIn, type StandIn, startStandIn, titled } from '../stand-ins/snowflake/stand-in.js';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { mlProject } from './ml-project.js';
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
});
