import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { validator } from '../unit/artifacts/schemas.js';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { makeProject, type TestProject } from './test-project.js';

beforeAll(compileBin);

const files = {
  'models/s.yml': `sources:
  - name: lake
    schema: main
    config:
      loaded_at_field: loaded
      freshness: {warn_after: {count: 1, period: day}, error_after: {count: 10, period: day}}
    tables:
      - name: fresh
      - name: warm
      - name: stale
      - name: nothing
      - name: missing
      - {name: unwatched, identifier: fresh, config: {freshness: null}}
      - {name: filtered, config: {freshness: {filter: "id = 1"}}}
      - name: asked
        identifier: warm
        config: {loaded_at_query: "select max(loaded) from {{ this }} where id > {{ var('least', 0) }}", loaded_at_field: null}
      - {name: text, config: {loaded_at_field: "loaded::varchar"}}
  - name: plain
    schema: main
    tables:
      - {name: no_field, identifier: fresh, config: {freshness: {warn_after: {count: 1, period: day}}}}
      - {name: no_config, identifier: fresh}
`,
  'models/from_fresh.sql': "select * from {{ source('lake', 'fresh') }}",
  'models/from_warm.sql': "select * from {{ source('lake', 'warm') }}",
  'macros/load.sql': `{% macro load(table, days) %}
  {% do run_query("create or replace table " ~ table ~ " as select 1 as id, now()::timestamp - interval " ~ days ~ " day as loaded"
    ~ " union all select 0, now()::timestamp - interval 200 day") %}
{% endmacro %}
{% macro load_all() %}
  {% for table, days in [['fresh', 0], ['warm', 3], ['stale', 100], ['filtered', 50], ['text', 0]] %}{% do load(table, days) %}{% endfor %}
  {% do run_query('insert into filtered select 2, now()::timestamp') %}
  {% do run_query('create or replace table nothing (id int, loaded timestamp)') %}
{% endmacro %}`,
};

interface Entry {
  readonly unique_id: string;
  readonly status: string;
  readonly [field: string]: unknown;
}

function loaded(more: Record<string, string> = {}): TestProject {
  const project = makeProject({ ...files, ...more });
  expect(project.upsql('run-operation', 'load_all').code).toBe(0);
  return project;
}

const entries = (project: TestProject, file = 'sources.json'): Entry[] => project.artifact(file).results;
const statuses = (project: TestProject): Record<string, string> =>
  Object.fromEntries(entries(project).map((entry) => [entry.unique_id.split('.').slice(2).join('.'), entry.status]));

describe('source freshness', () => {
  it('judges every source that has thresholds, and ends with 1 when one is stale or could not be asked', () => {
    const project = loaded();
    const ran = project.upsql('source', 'freshness');
    expect(ran.code).toBe(1);
    expect(statuses(project)).toEqual({
      'lake.fresh': 'pass',
      'lake.warm': 'warn',
      'lake.stale': 'error',
      'lake.nothing': 'error',
      'lake.filtered': 'error',
      'lake.asked': 'warn',
      'lake.missing': 'runtime error',
      'lake.text': 'runtime error',
      'plain.no_field': 'runtime error',
    });
    expect(ran.text).toMatch(/ERROR STALE freshness of lake\.stale \.+ \[ERROR STALE in \d/);
    expect(ran.text).toMatch(/PASS freshness of lake\.fresh \.+ \[PASS in/);
    expect(ran.text).toContain('The newest row of lake.stale is 100 days old');
    expect(ran.text).toContain('lake.nothing has no rows; error_after is 10 days');
    expect(ran.text).toMatch(
      /max_loaded_at of the source lake\.text is no timestamp.*\n(.*\n)*?.*loaded::varchar::timestamp/,
    );
    expect(ran.text).toMatch(/plain\.no_field does not say when its rows were loaded\s+--> models\/s\.yml:\d+:1/);
  });

  it('writes sources.json as dbt does', () => {
    const project = loaded();
    project.upsql('source', 'freshness', '-s', 'source:lake.warm', 'source:lake.nothing', 'source:lake.missing');
    const isValid = validator('sources');
    expect(isValid(project.artifact('sources.json')), JSON.stringify(isValid.errors)).toBe(true);
    const { metadata, elapsed_time } = project.artifact('sources.json');
    expect(metadata.dbt_schema_version).toBe('https://schemas.getdbt.com/dbt/sources/v3.json');
    expect(elapsed_time).toBeGreaterThan(0);
    const [missing, nothing, warm] = entries(project).sort((a, b) => (a.unique_id < b.unique_id ? -1 : 1));
    expect(missing).toEqual({
      unique_id: 'source.shop.lake.missing',
      status: 'runtime error',
      error: expect.stringContaining('Table with name missing does not exist'),
    });
    expect(nothing?.max_loaded_at).toBe('0001-01-01T00:00:00+00:00');
    expect(Object.keys(warm ?? {})).toEqual([
      'unique_id',
      'max_loaded_at',
      'snapshotted_at',
      'max_loaded_at_time_ago_in_s',
      'status',
      'criteria',
      'adapter_response',
      'timing',
      'thread_id',
      'execution_time',
    ]);
    expect(warm?.criteria).toEqual({
      warn_after: { count: 1, period: 'day' },
      error_after: { count: 10, period: 'day' },
      filter: null,
    });
    expect(warm?.snapshotted_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00$/);
    const age = (Date.parse(String(warm?.snapshotted_at)) - Date.parse(String(warm?.max_loaded_at))) / 1000;
    expect(Math.abs(age - Number(warm?.max_loaded_at_time_ago_in_s))).toBeLessThan(0.01);
    expect(age / 86_400).toBeCloseTo(3, 1);
  });

  it('ends with 0 after warnings, has an alias, and writes where it is told to', () => {
    const project = loaded();
    const ran = project.upsql('source', 'snapshot-freshness', '-s', 'source:lake.warm', '-o', 'out/ages.json');
    expect(ran.code).toBe(0);
    expect(JSON.parse(readFileSync(join(project.dir, 'out/ages.json'), 'utf8')).results).toHaveLength(1);
    expect(project.exists('target/sources.json')).toBe(false);
    expect(project.exists('target/run_results.json')).toBe(true); // of run-operation, which is left as it was
    expect(project.artifact('run_results.json').args.which).toBe('run-operation');
  });

  it('runs the hooks of the project unless a flag says no', () => {
    const yaml = 'name: shop\nversion: "1.0"\nprofile: shop\non-run-start: ["create table hooked as select 1 as n"]\n';
    const project = loaded({ 'dbt_project.yml': `${yaml}flags: {source_freshness_run_project_hooks: false}\n` });
    expect(project.upsql('source', 'freshness', '-s', 'source:lake.fresh').text).not.toContain('hook:');
    project.write('dbt_project.yml', yaml);
    expect(project.upsql('source', 'freshness', '-s', 'source:lake.fresh').text).toContain('hook: shop.on-run-start.0');
  });

  it('source_status:fresher selects what is downstream of sources with newer rows than in the state', () => {
    const project = loaded();
    project.upsql('source', 'freshness');
    const before = project.read('target/sources.json');
    project.write('state/sources.json', before);
    project.write('state/manifest.json', project.read('target/manifest.json'));
    project.upsql('run-operation', 'load', '--args', '{table: warm, days: 1}');
    project.upsql('source', 'freshness');
    const listed = project.upsql(
      'ls',
      '-q',
      '-s',
      'source_status:fresher+',
      '--state',
      'state',
      '--resource-type',
      'model',
    );
    expect(listed.stdout.trim().split('\n')).toEqual(['shop.from_warm']);
    const missing = project.upsql('ls', '-s', 'source_status:fresher+', '--state', 'nowhere');
    expect(missing.code).toBe(2);
  });
});
