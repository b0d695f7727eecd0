import { beforeAll, describe, expect, it } from 'vitest';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { makeProject, statusesOf } from './test-project.js';

beforeAll(compileBin);

const files = {
  'seeds/raw.csv': 'id,name\n1,a\n2,b\n3,c\n',
  'models/stg.sql': "{{ config(tags=['daily']) }}\nselect id, name from {{ ref('raw') }} order by id desc",
  'models/eph.sql': "{{ config(materialized='ephemeral') }}\nselect * from {{ ref('stg') }}",
  'models/mart.sql': "{{ config(materialized='table') }}\nselect name from {{ ref('eph') }}",
  'models/s.yml': `models:
  - name: stg
    columns: [{name: name, data_tests: [{accepted_values: {arguments: {values: [a, b]}}}]}]
sources:
  - name: lake
    schema: main
    tables: [{name: raw_files}]
exposures:
  - {name: board, type: dashboard, owner: {email: a@b.c}, depends_on: [ref('mart')]}
`,
  'analyses/look.sql': "select count(*) as n from {{ ref('mart') }}",
  'macros/ops.sql': `{% macro make(table, n=1) %}
  {% do run_query('create or replace table ' ~ table ~ ' as select ' ~ n ~ ' as n') %}
  {{ return(n + 1) }}
{% endmacro %}
{% macro fails() %}{% do run_query('select nope') %}{% endmacro %}`,
};

describe('compile', () => {
  it('writes the SQL of everything and changes nothing in the warehouse', async () => {
    const project = makeProject(files);
    expect(project.upsql('compile').code).toBe(0);
    expect(statusesOf(project)).toMatchObject({ stg: 'success', mart: 'success', look: 'success' });
    expect(statusesOf(project)).not.toHaveProperty('eph');
    expect(project.read('target/compiled/shop/analyses/look.sql')).toBe(
      'select count(*) as n from "shop"."main"."mart"',
    );
    expect(await project.rows('select count(*)::int from information_schema.tables')).toEqual([[0]]);
    expect(project.upsql('compile', '-s', '+mart').code).toBe(0);
    expect(statusesOf(project)).toMatchObject({ stg: 'success', eph: 'success', mart: 'success' });
  });

  it('goes on after a model that does not compile, and ends with 2', () => {
    const project = makeProject({ ...files, 'models/bad.sql': "select {{ no_such_macro('x') }}" });
    const ran = project.upsql('compile');
    expect(ran.code).toBe(2);
    expect(ran.text).toMatch(/models\/bad\.sql:1:\d+/);
    expect(statusesOf(project)).toMatchObject({ bad: 'error', mart: 'success' });
  });
});

describe('seed, snapshot and test', () => {
  it('seed loads what changed, keeps the types, and --full-refresh takes new columns', async () => {
    const project = makeProject(files);
    expect(project.upsql('seed').code).toBe(0);
    project.write('seeds/raw.csv', 'id,name\n9,z\n');
    expect(project.upsql('seed').code).toBe(0);
    expect(await project.rows('select id::int, name from raw')).toEqual([[9, 'z']]);
    project.write('seeds/raw.csv', 'id,name,more\n9,z,1\n');
    expect(project.upsql('seed', '--full-refresh').code).toBe(0);
    expect(await project.rows('select name, more::int from raw')).toEqual([['z', 1]]);
  });

  it('snapshot keeps the history of rows that change', async () => {
    const project = makeProject({
      'seeds/plan.csv': 'id,plan\n1,free\n2,pro\n',
      'snapshots/plans.sql': `{% snapshot plans %}
{{ config(unique_key='id', strategy='check', check_cols=['plan']) }}
select * from {{ ref('plan') }}
{% endsnapshot %}`,
    });
    expect(project.upsql('build').code).toBe(0);
    project.write('seeds/plan.csv', 'id,plan\n1,pro\n2,pro\n');
    expect(project.upsql('build').code).toBe(0);
    const history = 'select id::int, plan, dbt_valid_to is null from plans order by id, dbt_valid_from';
    expect(await project.rows(history)).toEqual([
      [1, 'free', false],
      [1, 'pro', true],
      [2, 'pro', true],
    ]);
    expect(project.upsql('snapshot').code).toBe(0);
    expect(statusesOf(project)).toEqual({ plans: 'success' });
  });

  it('test runs tests only, and keeps failing rows with store_failures', async () => {
    const project = makeProject(files);
    project.upsql('run-operation', 'make', '--args', '{table: unused}');
    expect(project.upsql('build', '--exclude', 'test_type:data').code).toBe(0);
    const ran = project.upsql('test', '--store-failures');
    expect(ran.code).toBe(1);
    expect(statusesOf(project)).toEqual({ accepted_values_stg_name__a__b: 'fail' });
    const relation = '"shop"."main_dbt_test__audit"."accepted_values_stg_name__a__b"';
    expect(project.artifact('run_results.json').results[0].relation_name).toBe(relation);
    expect(ran.text).toContain(`select * from ${relation}`);
    expect(await project.rows('select value_field from main_dbt_test__audit.accepted_values_stg_name__a__b')).toEqual([
      ['c'],
    ]);
  });
});

describe('ls', () => {
  const project = makeProject(files);
  const lines = (...args: string[]): string[] =>
    project
      .upsql('ls', '--quiet', ...args)
      .stdout.trim()
      .split('\n');

  it('prints selectors, names and paths, sorted by id', () => {
    expect(lines()).toEqual([
      'exposure:shop.board',
      'shop.eph',
      'shop.mart',
      'shop.stg',
      'shop.raw',
      'source:shop.lake.raw_files',
      'shop.accepted_values_stg_name__a__b',
    ]);
    expect(lines('--output', 'name', '--resource-type', 'source')).toEqual(['lake.raw_files']);
    expect(lines('--output', 'path', '-s', 'tag:daily', '--resource-type', 'model')).toEqual(['models/stg.sql']);
    expect(lines('--resource-type', 'analysis')).toEqual(['shop.analysis.look']);
  });

  it('prints JSON with the keys that are asked for', () => {
    const [first] = lines('--output', 'json', '-s', 'mart', '--output-keys', 'name', 'config.materialized', 'nope');
    expect(JSON.parse(first ?? '')).toEqual({ name: 'mart', 'config.materialized': 'table' });
    const all = lines('--output', 'json', '-s', 'raw', '--resource-type', 'seed').map((line) => JSON.parse(line));
    expect(Object.keys(all[0])).toEqual([
      'name',
      'resource_type',
      'package_name',
      'original_file_path',
      'unique_id',
      'alias',
      'config',
      'tags',
      'depends_on',
    ]);
  });

  it('touches no warehouse', () => {
    expect(project.exists('shop.duckdb')).toBe(false);
  });
});

describe('show and run-operation', () => {
  it('previews models, ephemeral ones, seeds and failing rows', () => {
    const project = makeProject(files);
    project.upsql('build');
    const rows = (...args: string[]) =>
      JSON.parse(project.upsql('show', '--quiet', '--output', 'json', ...args).stdout);
    expect(rows('-s', 'stg', '--limit', '2').show).toEqual([
      { id: 3, name: 'c' },
      { id: 2, name: 'b' },
    ]);
    expect(rows('-s', 'eph', '--limit', '-1').show).toHaveLength(3);
    expect(rows('-s', 'raw', '--limit', '1').show).toEqual([{ id: 1, name: 'a' }]);
    expect(rows('-s', 'accepted_values_stg_name__a__b').show).toEqual([{ value_field: 'c', n_records: 1 }]);
    expect(rows('--inline', "select max(id) as top from {{ ref('stg') }}").show).toEqual([{ top: 3 }]);
    expect(project.upsql('show').code).not.toBe(0);
  });

  it('run-operation calls a macro with arguments, and a failing one ends with 1 and its place', async () => {
    const project = makeProject(files);
    expect(project.upsql('run-operation', 'make', '--args', '{table: t, n: 7}').code).toBe(0);
    expect(await project.rows('select n from t')).toEqual([[7]]);
    expect(project.artifact('run_results.json').results[0]).toMatchObject({
      unique_id: 'macro.shop.make',
      status: 'success',
    });
    const ran = project.upsql('run-operation', 'fails');
    expect(ran.code).toBe(1);
    expect(ran.text).toContain('nope');
    expect(ran.text).toContain('macros/ops.sql');
    expect(statusesOf(project)).toEqual({ fails: 'error' });
  });
});
