import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noStandIn, type StandIn, startStandIn, titled } from '../stand-ins/snowflake/stand-in.js';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { type SnowflakeProject, snowflakeProject } from './snowflake-project.js';
import { statusesOf } from './test-project.js';

const model = (...lines: string[]): string =>
  `def model(dbt, session):\n${lines.map((line) => `    ${line}\n`).join('')}`;

const FILES: Readonly<Record<string, string>> = {
  'models/src.sql': "{{ config(materialized='table') }} select 1 as id, 'a' as name union all select 2, 'b'",
  'models/plain.py': model('return dbt.ref("src").filter("id > 1")'),
  'models/asks.py': model(
    `dbt.config(packages=["numpy==1.26.4", "holidays"], python_version="3.11", imports=["@stage/a.py"], transient=False,
        external_access_integrations=["api_access"], secrets={"key": "vault.keys.api"}, use_anonymous_sproc=False)`,
    'n = dbt.ref("src").count()',
    'return session.sql(f"select {n} as n")',
  ),
  'models/grown.py': model(
    'dbt.config(materialized="incremental", unique_key="id")',
    'step = dbt.config.get("step", 10)',
    'df = dbt.ref("src")',
    'if dbt.is_incremental:',
    '    top = session.sql(f"select max(id) from {dbt.this}").collect()[0][0]',
    `    return session.sql(f"select 2 as id, 'later' as name, {step} as step union all select {top} + 1, 'new', {step}")`,
    'df = df.select("id", "name", f"{step} as step")',
    'return df',
  ),
  'models/turned.sql': 'select 1 as id',
  'models/grown.yml': 'models:\n  - name: grown\n    config: {step: 7}\n',
};

describe.skipIf(noStandIn !== undefined)(titled('Python models on Snowflake'), () => {
  let standIn: StandIn;
  let project: SnowflakeProject;

  beforeAll(async () => {
    compileBin();
    standIn = await startStandIn();
    project = snowflakeProject(standIn, FILES);
    expect(project.upsql('run', '-s', 'turned').code).toBe(0);
    rmSync(join(project.dir, 'models/turned.sql'));
    project.write('models/turned.py', model('return session.create_dataframe([[1, "x"]], ["id", "name"])'));
  });
  afterAll(() => standIn?.stop());

  it('are procedures of one call, or named ones that are dropped again', async () => {
    const { ran, byNode } = await project.sent('run');
    expect(ran.code, ran.text).toBe(0);
    expect(await standIn.query('select * from analytics.dbt.plain')).toEqual([['2', 'b']]);
    expect(await standIn.query('select n from analytics.dbt.asks')).toEqual([['2']]);
    expect(await standIn.query('select * from analytics.dbt.turned')).toEqual([['1', 'x']]);

    const clauses = (sql: string | undefined) => sql?.replace(/\$\$.*\$\$/, '$$$$');
    const plain = byNode.get('plain') ?? [];
    expect(plain.map(clauses)).toEqual([
      "with plain__dbt_sp as procedure () returns string language python runtime_version = '3.10' packages = ('snowflake-snowpark-python') handler = 'main' execute as caller as $$ call plain__dbt_sp()",
    ]);
    expect(plain[0]).toMatch(/save_as_table\("analytics\.dbt\.plain", table_type="transient"\)/i);
    expect((byNode.get('asks') ?? []).map(clauses)).toEqual([
      "create or replace procedure ANALYTICS.DBT.asks__dbt_sp () returns string language python runtime_version = '3.11' packages = ('numpy==1.26.4', 'holidays', 'snowflake-snowpark-python') imports = ('@stage/a.py') external_access_integrations = (api_access) secrets = ('key' = vault.keys.api) handler = 'main' execute as caller as $$",
      'call ANALYTICS.DBT.asks__dbt_sp()',
      'drop procedure if exists ANALYTICS.DBT.asks__dbt_sp()',
    ]);
    expect(byNode.get('asks')?.[0]).toMatch(/table_type=""/);
    expect(project.artifact('run_results.json').results.map((one: { status: string }) => one.status)).toEqual(
      Object.keys(FILES)
        .filter((file) => !file.endsWith('.yml'))
        .map(() => 'success'),
    );
  });

  it('merge a temporary table when they are incremental', async () => {
    expect(await standIn.query('select * from analytics.dbt.grown order by id')).toEqual([
      ['1', 'a', '7'],
      ['2', 'b', '7'],
    ]);
    const { ran, byNode } = await project.sent('run', '-s', 'grown');
    expect(ran.code, ran.text).toBe(0);
    expect(await standIn.query('select * from analytics.dbt.grown order by id')).toEqual([
      ['1', 'a', '7'],
      ['2', 'later', '7'],
      ['3', 'new', '7'],
    ]);
    const sent = byNode.get('grown') ?? [];
    expect(sent.some((sql) => /save_as_table\("[^"]*grown__dbt_tmp", table_type="temporary"\)/i.test(sql))).toBe(true);
    expect(sent.filter((sql) => /^merge into/i.test(sql))).toHaveLength(1);
    expect(await standIn.query("select table_name from duckdb_tables() where table_name ilike '%tmp%'")).toEqual([]);
  });

  it('tell what fails in them, and refuse configs of another shape before anything is sent', async () => {
    const broken = snowflakeProject(standIn, {
      'models/raises.py': model('raise ValueError("no good")', 'return 1'),
      'models/named.py': model('dbt.config(use_anonymous_sproc=False)', 'raise KeyError("gone")', 'return 1'),
      'models/listed.py': model('dbt.config(packages={"a": 1})', 'return session.sql("select 1 as a")'),
      'models/dollars.py': model('text = "$$"', 'return session.sql("select 1 as a")'),
      'models/frozen.py': model('dbt.config(table_format="iceberg")', 'return session.sql("select 1 as a")'),
    });
    const { ran, byNode } = await broken.sent('run');
    expect(ran.code).toBe(1);
    expect(statusesOf(broken)).toEqual({
      raises: 'error',
      named: 'error',
      listed: 'error',
      dollars: 'error',
      frozen: 'error',
    });
    expect(ran.text).toMatch(/ValueError: no good[\s\S]*?--> models\/raises\.py:2:1/);
    expect(ran.text).toMatch(/Python model 'listed': the config 'packages' has to be a list of texts/);
    expect(ran.text).toMatch(/Python model 'dollars': its code holds '\$\$'/);
    expect(ran.text).toMatch(/can't be an Iceberg table/);
    expect(byNode.get('named')?.at(-1)).toMatch(/^drop procedure if exists/);
    expect(['listed', 'dollars', 'frozen'].map((name) => byNode.get(name))).toEqual([undefined, undefined, undefined]);
  });
});
