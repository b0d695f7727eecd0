import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadProject, UpsqlError } from '../../src/index.js';
import { compileBin, upsql } from '../unit/cli/compiled-bin.js';
import { makeProject, statusesOf } from './test-project.js';

beforeAll(compileBin);

/** What a run says and how it ends: the message, the place and the hint are all to be in there. */
function expectFailure(files: Readonly<Record<string, string>>, code: number, ...texts: (string | RegExp)[]): void {
  const project = makeProject(files);
  const ran = project.upsql('build');
  for (const text of texts) expect(ran.text).toMatch(text instanceof RegExp ? text : new RegExp(escapeRegExp(text)));
  expect(ran.text).not.toMatch(/internal-error|at .*\.js:\d+/);
  expect(ran.code).toBe(code);
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

describe('project and profile', () => {
  it('no project file: says where it looked and how to begin', () => {
    const empty = mkdtempSync(join(tmpdir(), 'upsql-empty-'));
    const ran = upsql(empty, ['build'], { HOME: empty });
    expect(ran.code).toBe(2);
    expect(ran.stdout + ran.stderr).toMatch(/dbt_project\.yml/);
    expect(ran.stdout + ran.stderr).toContain('upsql init');
  });

  it('unknown profile: names the ones that exist', () => {
    expectFailure({ 'dbt_project.yml': 'name: shop\nprofile: shopp\n' }, 2, "'shopp'", "'shop'");
  });

  it('unknown target: names the ones that exist', () => {
    const project = makeProject({ 'models/a.sql': 'select 1 as id' });
    const ran = project.upsql('build', '--target', 'prdo');
    expect(ran.code).toBe(2);
    expect(ran.text).toContain("'prdo'");
    expect(ran.text).toMatch(/dev/);
  });

  it('no profile at all: the built-in DuckDB target serves', () => {
    const project = makeProject({ 'dbt_project.yml': 'name: shop\n', 'models/a.sql': 'select 1 as id' });
    rmSync(join(project.dir, 'profiles.yml'));
    expect(project.upsql('build').code).toBe(0);
  });
});

describe('YAML', () => {
  it('a syntax error has its line and column', () => {
    expectFailure({ 'models/s.yml': 'models:\n  - name: a\n   columns: [\n' }, 2, /models\/s\.yml:\d+:\d+/, 'yaml');
  });

  it('an unknown key of the project file is pointed at, with the near-miss', () => {
    const project = makeProject({ 'dbt_project.yml': 'name: shop\nprofile: shop\nmodel-pats: [models]\n' });
    const ran = project.upsql('build');
    expect(ran.text).toContain('dbt_project.yml:3:1');
    expect(ran.text).toContain("'model-paths'");
  });

  it('an unknown key of a properties file is pointed at', () => {
    const project = makeProject({
      'models/a.sql': 'select 1 as id',
      'models/s.yml': 'models:\n  - name: a\n    descripton: x\n',
    });
    const ran = project.upsql('build');
    expect(ran.text).toMatch(/models\/s\.yml:3:5/);
    expect(ran.text).toContain("'description'");
  });
});

describe('templates and the graph', () => {
  it('an unclosed block is told where it begins', () => {
    expectFailure({ 'models/a.sql': 'select 1\n{% if true %}\n as id' }, 2, /models\/a\.sql:[23]:\d+/, 'endif');
  });

  it('an unknown ref names the one that was meant', () => {
    const files = { 'models/orders.sql': 'select 1 as id', 'models/b.sql': "select *\nfrom {{ ref('oders') }}" };
    expectFailure(files, 2, 'models/b.sql:2:14', "Did you mean 'orders'?");
  });

  it('an unknown source names the one that was meant', () => {
    const files = {
      'models/s.yml': 'sources: [{name: raw, tables: [{name: events}]}]',
      'models/b.sql': "select * from {{ source('raw', 'event') }}",
    };
    expectFailure(files, 2, /models\/b\.sql:1:\d+/, 'events');
  });

  it('a cycle shows its whole path', () => {
    const files = {
      'models/a.sql': "select * from {{ ref('c') }}",
      'models/b.sql': "select * from {{ ref('a') }}",
      'models/c.sql': "select * from {{ ref('b') }}",
    };
    expectFailure(files, 2, /a -> b -> c -> a|a -> c -> b -> a/, 'models/a.sql');
  });

  it('two models of one name are both named', () => {
    const files = { 'models/x/a.sql': 'select 1 as id', 'models/y/a.sql': 'select 2 as id' };
    expectFailure(files, 2, 'models/x/a.sql', 'models/y/a.sql');
  });

  it('several faults are told in one go', async () => {
    const project = makeProject({
      'models/a.sql': "select * from {{ ref('nope') }}",
      'models/b.sql': '{% if %}',
      'models/c.sql': "select * from {{ source('no', 'where') }}",
    });
    const error = await loadProject({ projectDir: project.dir, profilesDir: project.dir, env: {} }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UpsqlError);
    const files = (error as UpsqlError).diagnostics.map((found) => found.place?.file.split('/').at(-1));
    expect(files).toEqual(expect.arrayContaining(['a.sql', 'b.sql', 'c.sql']));
  });

  it('a selection that matches nothing is a warning with a suggestion', () => {
    const project = makeProject({ 'models/orders.sql': 'select 1 as id' });
    const ran = project.upsql('build', '--select', 'order');
    expect(ran.code).toBe(0);
    expect(ran.text).toContain("'order'");
    expect(ran.text).toContain("Did you mean 'orders'?");
  });
});

describe('running', () => {
  it("a failing statement is shown at the model's own line, and what does not depend on it is built", async () => {
    const project = makeProject({
      'models/ok.sql': 'select 1 as id',
      'models/bad.sql':
        "{{ config(materialized='table') }}\nselect\n  id,\n  amont\nfrom (select 1 as id, 2 as amount) t",
      'models/below.sql': "select * from {{ ref('bad') }}",
    });
    const ran = project.upsql('build');
    expect(ran.code).toBe(1);
    expect(ran.text).toContain('models/bad.sql:4:3');
    expect(ran.text).toContain("Did you mean 'amount'?");
    expect(ran.text).toMatch(/> 4 \| {3}amont/);
    expect(statusesOf(project)).toEqual({ ok: 'success', bad: 'error', below: 'skipped' });
    const { results } = project.artifact('run_results.json');
    const message = results.find((entry: { status: string }) => entry.status === 'error').message;
    expect(message).toMatch(/^Database Error in model bad \(models\/bad\.sql\)\n {2}Binder Error: /);
  });

  it('a seed whose column_types names a column that is not there', () => {
    const files = {
      'seeds/people.csv': 'id,name\n1,a\n',
      'seeds/s.yml': 'seeds:\n  - name: people\n    config: {column_types: {ids: bigint}}\n',
    };
    expectFailure(files, 1, "'ids'", 'people.csv', /'id'|id, name/);
  });

  it('a seed with a row that is too short is told with its line', () => {
    const files = { 'seeds/people.csv': 'id,name\n1,a\n2\n' };
    expectFailure(files, 1, /people\.csv:3/);
  });

  it('a seed that lost a column says how to make its table anew, without a page of options', async () => {
    const project = makeProject({ 'seeds/people.csv': 'id,name\n1,a\n' });
    expect(project.upsql('seed').code).toBe(0);
    project.write('seeds/people.csv', 'id\n2\n');
    const ran = project.upsql('seed');
    expect(ran.code).toBe(1);
    expect(ran.text).toContain('has 1 columns, its table has 2');
    expect(ran.text).toContain('upsql seed --full-refresh --select people');
    expect(ran.text).not.toContain('Delimiter Candidates');
    expect(await project.rows('select * from people')).toEqual([[1, 'a']]);
    expect(project.upsql('seed', '--full-refresh').code).toBe(0);
  });

  it('a value that does not fit its column type is told, and the old seed stays', async () => {
    const yml = 'seeds:\n  - name: people\n    config: {column_types: {id: bigint}}\n';
    const project = makeProject({ 'seeds/people.csv': 'id\n1\n', 'seeds/s.yml': yml });
    expect(project.upsql('seed').code).toBe(0);
    project.write('seeds/people.csv', 'id\none\n');
    const ran = project.upsql('seed');
    expect(ran.code).toBe(1);
    expect(ran.text).toContain('one');
    expect(await project.rows('select id::varchar from people')).toEqual([['1']]);
  });

  it('a target that is read-only fails with what to do', async () => {
    const project = makeProject({ 'models/a.sql': 'select 1 as id' });
    expect(project.upsql('run').code).toBe(0);
    project.write(
      'profiles.yml',
      'shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb, config_options: {access_mode: READ_ONLY}}\n',
    );
    const ran = project.upsql('run');
    expect(ran.code).toBe(1);
    expect(ran.text).toMatch(/read-only/i);
    expect(ran.text).not.toContain('internal-error');
    expect(await project.rows('select id from a')).toEqual([[1]]);
  });

  it('a target folder that cannot be written', () => {
    const project = makeProject({ 'models/a.sql': 'select 1 as id' });
    writeFileSync(join(project.dir, 'target'), 'a file in the way');
    const ran = project.upsql('run');
    expect(ran.code).toBe(2);
    expect(ran.text).toMatch(/Can't write .*target/);
    expect(ran.text).toContain('--target-path');
  });

  it.skipIf(process.getuid?.() === 0)('a folder without the right to write', () => {
    const project = makeProject({ 'models/a.sql': 'select 1 as id' });
    chmodSync(project.dir, 0o500);
    const ran = project.upsql('run');
    chmodSync(project.dir, 0o700);
    expect(ran.code).toBe(2);
    expect(ran.text).toMatch(/permission denied/i);
  });

  it('a database file that is no database', () => {
    const project = makeProject({ 'models/a.sql': 'select 1 as id' });
    writeFileSync(
      join(project.dir, 'shop.duckdb'),
      'not a database at all, but long enough to be read as one'.repeat(500),
    );
    const ran = project.upsql('run');
    expect(ran.code).not.toBe(0);
    expect(ran.text).toContain('shop.duckdb');
    expect(ran.text).not.toContain('internal-error');
  });

  it('an unknown materialization names the near-miss', () => {
    expectFailure({ 'models/a.sql': "{{ config(materialized='tabel') }} select 1 as id" }, 2, "'tabel'", "'table'");
  });

  it('an unknown macro of run-operation names the near-miss', () => {
    const project = makeProject({
      'macros/m.sql': '{% macro grant_all() %}{% do run_query("select 1") %}{% endmacro %}',
    });
    expect(project.upsql('run-operation', 'grant_all').code).toBe(0);
    const ran = project.upsql('run-operation', 'grant_al');
    expect(ran.code).not.toBe(0);
    expect(ran.text).toContain("Did you mean 'grant_all'?");
  });

  it('a model in TypeScript is shown from its table, which has to be there', () => {
    const project = makeProject({
      'models/m.ts': "export const config = { materialized: 'table' };\nexport default () => [{ id: 41 }];\n",
    });
    const before = project.upsql('show', '-s', 'm');
    expect(before.code).toBe(2);
    expect(before.text).toContain('upsql build --select +m');
    expect(project.upsql('build').code).toBe(0);
    const ran = project.upsql('show', '-s', 'm');
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/41/);
  });

  it('an unknown macro names the near-miss, with a caret under its name', () => {
    const files = {
      'macros/m.sql': '{% macro cents(a) %}{{ a }} / 100{% endmacro %}',
      'models/a.sql': 'select 1 as id,\n  {{ cent(2) }} as b',
    };
    expectFailure(files, 1, "'cent' is undefined", 'models/a.sql:2:6', "Did you mean 'cents'?");
  });

  it('a package that is not installed', () => {
    expectFailure({ 'models/a.sql': 'select {{ dbt_utils.star(1) }}' }, 1, "'dbt_utils' is undefined", 'upsql deps');
  });

  it('a docs block that is not there is told where the description stands', () => {
    const yml = 'models:\n  - name: a\n    description: "{{ doc(\'nope\') }}"\n';
    expectFailure({ 'models/a.sql': 'select 1 as id', 'models/s.yml': yml }, 2, "'nope'", 'models/s.yml');
  });

  it('an error in an inline query is shown in the query', () => {
    const project = makeProject({ 'models/a.sql': 'select 1 as id' });
    const missing = project.upsql('compile', '--inline', "select * from {{ ref('b') }}");
    expect(missing.code).not.toBe(0);
    expect(missing.text).toContain("'b'");
    const sql = project.upsql('show', '--inline', 'select nope');
    expect(sql.code).not.toBe(0);
    expect(sql.text).toContain('<inline query>:1:8');
  });
});
