/** What dbt's adapter test suite found, each as a small project. */
import { beforeAll, describe, expect, it } from 'vitest';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { makeProject } from './test-project.js';

beforeAll(compileBin);

describe('contracts', () => {
  it('tells each column that differs, and how', () => {
    const project = makeProject({
      'models/a.sql': "{{ config(materialized='table') }} select 1 as id, 'x' as other, 2.5 as amount",
      'models/a.yml': `models:
  - name: a
    config: {contract: {enforced: true}}
    columns: [{name: id, data_type: integer}, {name: name, data_type: text}, {name: amount, data_type: date}]
`,
    });
    const ran = project.upsql('run');
    expect(ran.code).toBe(1);
    expect(ran.text).toMatch(/\| amount +\| DECIMAL\(2,1\) +\| DATE +\| data type mismatch +\|/);
    expect(ran.text).toMatch(/\| name +\| +\| VARCHAR +\| missing in definition \|/);
    expect(ran.text).toMatch(/\| other +\| VARCHAR +\| +\| missing in contract +\|/);
    expect(ran.text).not.toMatch(/\| id /);
  });
});

describe('ephemeral models that fail', () => {
  it('are told with what reads them, and are no result of their own', () => {
    const project = makeProject({
      'models/base.sql':
        "{{ config(materialized='ephemeral') }}{% if execute %}{{ exceptions.raise_compiler_error('broken') }}{% endif %}select 1 as id",
      'models/reader.sql': "select * from {{ ref('base') }}",
    });
    const ran = project.upsql('run');
    expect(ran.code).toBe(1);
    expect(ran.text).toContain('broken');
    const { results } = project.artifact('run_results.json');
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({ unique_id: 'model.shop.reader', status: 'skipped' });
    expect(results[0].message).toMatch(/Compilation Error in model base/);
  });
});

describe('seeds', () => {
  it('get their types and no rows with --empty', async () => {
    const project = makeProject({ 'seeds/s.csv': 'id,day\n1,2024-01-01\n2,2024-01-02\n' });
    expect(project.upsql('seed', '--empty').code).toBe(0);
    expect(await project.rows('select count(*)::int from s')).toEqual([[0]]);
    expect(await project.rows("select data_type from information_schema.columns where table_name = 's'")).toEqual([
      ['INTEGER'],
      ['DATE'],
    ]);
    expect(project.upsql('seed').code).toBe(0);
    expect(await project.rows('select count(*)::int from s')).toEqual([[2]]);
  });
});

describe('show', () => {
  it('puts the sql_header in front, as a part of the statement or a statement of its own', () => {
    const project = makeProject({
      'models/a.sql': '{% call set_sql_header(config) %}with v as (select 7 as n){% endcall %}select n from v',
      'models/b.sql':
        '{% call set_sql_header(config) %}create or replace temp macro twice(x) as x * 2;{% endcall %}select twice(4) as n',
    });
    const rows = (name: string) => JSON.parse(project.upsql('show', '-s', name, '--output', 'json').stdout).show;
    expect(rows('a')).toEqual([{ n: 7 }]);
    expect(rows('b')).toEqual([{ n: 8 }]);
  });
});

describe('results of show', () => {
  it('go to run_results.json with the query that was sent', () => {
    const project = makeProject({ 'models/a.sql': 'select range as n from range(10)' });
    const shown = (...args: string[]) => {
      const ran = project.upsql('show', ...args, '--output', 'json');
      expect(ran.code).toBe(0);
      const [result] = project.artifact('run_results.json').results;
      return { rows: JSON.parse(ran.stdout).show.length, id: result.unique_id, code: result.compiled_code };
    };
    expect(shown('-s', 'a', '--limit', '3')).toEqual({
      rows: 3,
      id: 'model.shop.a',
      code: 'select range as n from range(10)\nlimit 3',
    });
    const inline = "select 1 as n from {{ ref('a') }}";
    project.upsql('run');
    expect(shown('--inline', inline)).toMatchObject({ rows: 5, id: 'sql_operation.shop.inline_query' });
    expect(shown('--inline', inline, '--limit', '-1').code).not.toContain('limit');
    expect(shown('--inline', 'select 1 as n limit 1', '--limit', '-1').code).toBe('select 1 as n limit 1');
    expect(shown('--inline', 'show tables', '--limit', '-1').code).toBe('show tables');
  });

  it.each(['select 1 as n limit 1', 'select 1 as n limit 1;', 'show tables'])(
    'fail as in dbt where the query takes no limit: %s',
    (query) => {
      const ran = makeProject({}).upsql('show', '--inline', query);
      expect(ran.text).toContain('error[database-error]: Parser Error: syntax error at or near "limit"');
      expect(ran.text).toContain('--limit -1 leaves it as it is');
      expect(ran.code).toBe(2);
    },
  );
});

describe('--project-dir', () => {
  it('has to be a folder, for debug too', () => {
    for (const command of ['debug', 'ls']) {
      const ran = makeProject({}).upsql(command, '--project-dir', 'nopass');
      expect(ran.code).toBe(2);
      expect(ran.text).toMatch(/error\[usage\]: --project-dir: there is no folder .*nopass/);
    }
  });
});

describe('configs', () => {
  it('refuse one hook under its two names', () => {
    const project = makeProject({
      'models/a.sql': "{{ config({'pre_hook': 'select 1', 'pre-hook': 'select 2'}) }} select 1 as id",
    });
    const ran = project.upsql('run');
    expect(ran.code).toBe(2);
    expect(ran.text).toContain("config() sets 'pre_hook' and 'pre-hook'");
    expect(ran.text).toContain('models/a.sql:1');
  });

  it('take dates of Python, and have them in ISO form', () => {
    const project = makeProject({
      'models/a.sql':
        '{{ config(begin=modules.datetime.datetime(2024, 1, 2, 3, 4, 5), day=modules.datetime.date(2024, 1, 2)) }} select 1 as id',
    });
    expect(project.upsql('parse').code).toBe(0);
    const { config } = project.artifact('manifest.json').nodes['model.shop.a'];
    expect(config.begin).toBe('2024-01-02T03:04:05');
    expect(config.day).toBe('2024-01-02');
  });

  it('give seeds no hook that refers to a node', () => {
    const project = makeProject({
      'dbt_project.yml':
        'name: shop\nversion: "1.0"\nprofile: shop\nseeds:\n  post-hook: "select * from {{ ref(\'a\') }}"\n',
      'models/a.sql': 'select 1 as id',
      'seeds/s.csv': 'id\n1\n',
    });
    const ran = project.upsql('parse');
    expect(ran.code).toBe(2);
    expect(ran.text).toMatch(/error\[seed-dependency\]: Seeds cannot depend on other nodes.*'s' refers to 'a'/);
  });
});

describe('the word null in a seed', () => {
  it('is no value where the engine loads the rows', async () => {
    const project = makeProject({
      'dbt_project.yml': 'name: shop\nversion: "1.0"\nprofile: shop\nseeds: {+fast: false}\n',
      'seeds/s.csv': 'id,n,t\n1,null,NULL\n2,3,x\n',
    });
    expect(project.upsql('seed').code).toBe(0);
    expect(await project.rows('select id, n, t from s order by id')).toEqual([
      [1, null, null],
      [2, 3, 'x'],
    ]);
  });
});

describe('docs generate', () => {
  it('leaves the manifest alone with --no-compile', () => {
    const project = makeProject({ 'models/a.sql': 'select 1 as id' });
    expect(project.upsql('run').code).toBe(0);
    const before = project.artifact('manifest.json').metadata.invocation_id;
    expect(project.upsql('docs', 'generate', '--no-compile').code).toBe(0);
    expect(project.artifact('manifest.json').metadata.invocation_id).toBe(before);
    expect(project.upsql('docs', 'generate').code).toBe(0);
    expect(project.artifact('manifest.json').metadata.invocation_id).not.toBe(before);
  });
});

describe('numbers that JavaScript holds otherwise', () => {
  it('are recorded with what was built, and are no change when they stay the same', () => {
    const project = makeProject({
      'models/a.sql': 'select 12345678901234567890 as id',
      'models/b.sql':
        "{{ config(meta={'n': 12345678901234567890, 'f': 1.0}, huge=12345678901234567890) }} select id from {{ ref('a') }}",
      'models/u.yml': `unit_tests:
  - name: t
    model: b
    given: [{input: ref('a'), rows: [{id: 12345678901234567890}, {id: 1.0}]}]
    expect: {rows: [{id: 12345678901234567890}, {id: 1}]}
`,
    });
    for (const command of ['run', 'build']) {
      const ran = project.upsql(command);
      expect(ran.code, ran.text).toBe(0);
    }
    expect(project.upsql('plan').text).toContain('0 to build, 2 to reuse');
  });
});
