import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { judgePython } from '../../scripts/judge/install.mjs';
import { compileBin, startUpsql } from '../unit/cli/compiled-bin.js';
import { testPython, titledPython } from './python-interpreter.js';
import { makeProject, statusesOf, type TestProject } from './test-project.js';

// Each model starts a Python, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const hasArrow = testPython !== undefined && spawnSync(testPython, ['-c', 'import pyarrow']).status === 0;

function profiles(more = '', python = testPython ?? ''): string {
  return `shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb, threads: 2, python: ${JSON.stringify(python)}${more}}\n`;
}

/** A Python model of these lines. */
const model = (...lines: string[]): string =>
  `def model(dbt, session):\n${lines.map((line) => `    ${line}\n`).join('')}`;

const SOURCE = `select range as id, 'n' || range as name, sum(range + 9007199254740993) over () as huge,
  cast(range as decimal(10,2)) as price, interval (range) month as span, {'a': range, 'b': [9007199254740993::hugeint, null], 'HUGEINT': 1::uhugeint} as nested,
  '10:00:00+02'::timetz as zoned, '101'::bit as bits,
  cast('a' as enum('a','b')) as letter, date '2024-01-01' + range::int as day, null as nothing
from range(3)`;

const FILES: Readonly<Record<string, string>> = {
  'models/src.sql': SOURCE,
  'models/relation.py': model(
    'rel = dbt.ref("src")',
    'threads = session.execute("select current_setting(\'threads\')").fetchall()[0][0]',
    'print("rows", len(rel.fetchall()), "threads", threads)',
    'return rel',
  ),
  'models/query.py': model(
    'df = dbt.ref("src")',
    'return session.sql("select id, price * 2 as twice from df where id > 0 order by id desc")',
  ),
  'models/grown.py': model(
    'dbt.config(materialized="incremental", unique_key="id", tags=["py"])',
    'step, who = dbt.config.get("step", 1), dbt.config.meta_get("who", "nobody")',
    'new = dbt.ref("src")',
    'if not dbt.is_incremental:',
    '    new = new.filter("id < 2")',
    'else:',
    '    top = session.sql(f"select max(id) from {dbt.this}").fetchall()[0][0]',
    '    new = new.filter(f"id >= {top}")',
    'return new.project(f"id, name, {step} as step, \'{who}\' as who, {dbt.is_incremental} as later")',
  ),
  'models/versioned_v1.sql': 'select 1 as one',
  'models/versioned_v2.sql': 'select 2 as one',
  'models/hooked.py': model(
    `dbt.config(pre_hook=["create or replace temp table mine as select 5 as five", "create schema if not exists aux", "create or replace table aux.other as select 7 as seven"])`,
    'five = session.execute("select five from mine").fetchall()[0][0]',
    'seven = session.sql("select * from aux.other").fetchall()[0][0]',
    'old, new = dbt.ref("versioned", v=1).fetchall()[0][0], dbt.ref("shop", "versioned").fetchall()[0][0]',
    'count = session.table("src").aggregate("count(*)").fetchall()[0][0] + session.sql("with q as (select * from main.src) select count(*) from q").fetchall()[0][0]',
    'return session.sql(f"select {five} as five, {seven} as seven, {old} as old, {new} as new, {count} as n, \'{dbt.this.identifier}\' as own")',
  ),
  'models/file.py': `from helper import doubled\n\n\n${model('return doubled(session, dbt.source("files", "numbers"))')}`,
  'models/external.py': model(
    'dbt.config(materialized="external", location="out.csv")',
    'return dbt.ref("src").project("id")',
  ),
  'models/after.sql': "{{ config(materialized='table') }} select count(*) as n from {{ ref('grown') }}",
  'models/all.yml': `
sources:
  - name: files
    meta: {external_location: "data/{name}.csv"}
    tables: [{name: numbers}]
models:
  - name: grown
    config: {step: 7, meta: {who: me}}
    columns: [{name: id, data_tests: [unique]}]
  - name: versioned
    latest_version: 2
    versions: [{v: 1}, {v: 2}]
  - name: hooked
    config: {post_hook: "insert into {{ this }} select 0, 0, 0, 0, 0, 'hook'"}
  - name: relation
    description: what it is
    config: {persist_docs: {relation: true}}
`,
  'data/numbers.csv': 'x\n1\n2\n',
  'lib/helper.py': 'def doubled(session, df):\n    return df.project("x * 2 as y")\n',
  ...(hasArrow
    ? {
        'models/arrow.py': `import pyarrow as pa\n\n\n${model('return pa.table({"a": [1, None], "s": ["x", "y"], "l": [[1], [2, 3]]})')}`,
        'models/reader.py': `import pyarrow as pa\n\n\n${model('t = pa.table({"a": list(range(1000))})', 'return pa.RecordBatchReader.from_batches(t.schema, t.to_batches(max_chunksize=7))')}`,
      }
    : {}),
};

describe.skipIf(testPython === undefined)(titledPython('Python models on DuckDB'), () => {
  let project: TestProject;

  beforeAll(() => {
    compileBin();
    project = makeProject({
      ...FILES,
      'profiles.yml': profiles(', module_paths: [lib], config_options: {threads: 1}'),
    });
    const ran = project.upsql('build');
    expect(ran.code, ran.text).toBe(0);
    expect(ran.text).toContain('relation: rows 3 threads 1');
  });

  it('keep every type of what they read', async () => {
    const types = async (name: string) =>
      (await project.rows(`describe ${name}`)).map(([column, type]) => [column, type]);
    const expected = (await types('src')).map(([name, type]) => [name, type === '"NULL"' ? 'INTEGER' : type]);
    expect(await types('relation')).toEqual(expected);
    expect(expected.map(([, type]) => type)).toContain('HUGEINT');
    expect(await project.rows('select * from relation')).toEqual(await project.rows('select * from src'));
    expect(await project.rows("select comment from duckdb_tables() where table_name = 'relation'")).toEqual([
      ['what it is'],
    ]);
  });

  it('run SQL over their own variables, over tables of the project, hooks and sources in files', async () => {
    expect(await project.rows('select * from query')).toEqual([
      [2, '4.00'],
      [1, '2.00'],
    ]);
    expect(await project.rows('select * from hooked order by five desc')).toEqual([
      [5, 7, 1, 2, 6, 'hooked'],
      [0, 0, 0, 0, 0, 'hook'],
    ]);
    expect(await project.rows('select y from file order by y')).toEqual([[2], [4]]);
    expect(project.read('out.csv').trim().split('\n').slice(-3)).toEqual(['0', '1', '2']);
  });

  it.skipIf(!hasArrow)('may return tables and readers of Arrow', async () => {
    expect(await project.rows('select * from arrow')).toEqual([
      [1, 'x', [1]],
      [null, 'y', [2, 3]],
    ]);
    expect(await project.rows('select count(*), sum(a)::int from reader')).toEqual([[1000, 499500]]);
  });

  it('have compiled code that tells relations and configs', () => {
    const { macros } = project.artifact('manifest.json');
    expect(macros['macro.dbt.materialization_table_default'].supported_languages).toEqual(['sql', 'python']);
    const code = project.read('target/compiled/shop/models/grown.py');
    expect(code.startsWith(FILES['models/grown.py']?.trim() ?? '?')).toBe(true);
    const values = [
      ...code.matchAll(
        /^ *(refs|sources|config_dict|meta_dict|database|schema|identifier|self\.is_incremental) = (.*)$/gm,
      ),
    ];
    expect(values.map(([, name, value]) => `${name} ${value}`)).toEqual([
      String.raw`refs {"src": "\"shop\".\"main\".\"src\""}`,
      'sources {}',
      "config_dict {'step': 7}",
      "meta_dict {'who': 'me'}",
      'database "shop"',
      'schema "main"',
      'identifier "grown"',
      'self.is_incremental False',
    ]);
  });

  it('add to their table when they are incremental, and start anew when asked to', async () => {
    const first = [
      [0, 'n0', 7, 'me', false],
      [1, 'n1', 7, 'me', false],
    ];
    expect(await project.rows('select * from grown order by id')).toEqual(first);
    const again = project.upsql('build', '-s', 'grown', 'after');
    expect(again.code, again.text).toBe(0);
    expect(await project.rows('select * from grown order by id')).toEqual([
      first[0],
      [1, 'n1', 7, 'me', true],
      [2, 'n2', 7, 'me', true],
    ]);
    expect(await project.rows('select n from after')).toEqual([[3]]);
    // As in dbt, --empty cuts no input of a Python model.
    expect(project.upsql('run', '-s', 'grown', '--full-refresh', '--empty').code).toBe(0);
    expect(await project.rows('select * from grown order by id')).toEqual(first);
    expect(project.artifact('run_results.json').results[0].adapter_response).toEqual({
      _message: 'OK',
      rows_affected: 2,
    });
  });
});

const judge = judgePython();

describe.skipIf(judge === undefined)(
  `The same Python models with dbt${judge === undefined ? ' [skipped: no dbt]' : ''}`,
  () => {
    it('give the same tables', async () => {
      compileBin();
      const files = Object.fromEntries(Object.entries(FILES).filter(([, text]) => !text.includes('pyarrow')));
      const ours = makeProject({ ...files, 'profiles.yml': profiles(', module_paths: [lib]', judge) });
      const theirs = makeProject({ ...files, 'profiles.yml': profiles(', module_paths: [lib]', judge) });
      for (const command of [['build'], ['run', '-s', 'grown']]) {
        const ran = ours.upsql(...command);
        expect(ran.code, ran.text).toBe(0);
        const args = ['-m', 'dbt.cli.main', ...command, '--profiles-dir', '.', '--no-send-anonymous-usage-stats'];
        const dbt = spawnSync(judge ?? '', args, { cwd: theirs.dir, encoding: 'utf8' });
        expect(dbt.status, dbt.stdout + dbt.stderr).toBe(0);
      }
      // What dbt leaves behind, and a view of a file whose path starts at the project.
      const others = /dbt_tmp|^external$/;
      const tables = (await theirs.rows('show tables'))
        .map(([name]) => String(name))
        .filter((name) => !others.test(name));
      expect(tables.length).toBeGreaterThan(7);
      for (const name of tables) {
        expect(await ours.rows(`describe ${name}`), name).toEqual(await theirs.rows(`describe ${name}`));
        const rows = `select * from ${name} order by all`;
        expect(await ours.rows(rows), name).toEqual(await theirs.rows(rows));
      }
    });
  },
);

describe.skipIf(testPython === undefined)(titledPython('A Python model that fails'), () => {
  beforeAll(compileBin);

  it('is told at the line of its own file, with the calls that led there', () => {
    const project = makeProject({
      'profiles.yml': profiles(', module_paths: [lib]'),
      'lib/helper.py': 'def broken(row):\n    return row["nope"]\n',
      'models/raises.py': `\n\nimport helper\n\n\n${model('x = helper.broken({})', 'return x')}`,
      'models/imports.py': `import no_such_module_here\n\n\n${model('return 1')}`,
      'models/returns.py': model('return "text"'),
      'models/syntax.py': model('print "x"', 'return 1'),
      'models/names.py': model('name = "else" + "where"', 'return getattr(dbt, "ref")(name)'),
      'models/view.py': model('dbt.config(materialized="view")', 'return session.sql("select 1 as a")'),
      'models/exits.py': `import sys\n\n\n${model('sys.exit(0)', 'return 1')}`,
      'models/inner.sql': "{{ config(materialized='ephemeral') }} select 1 as a",
      'models/ephemeral.py': model('return dbt.ref("inner")'),
      'models/dies.py': `import os\n\n\n${model('print("last words")', 'os.kill(os.getpid(), 9)', 'return 1')}`,
      'models/good.py': model('return session.sql("select 1 as a")'),
    });
    const ran = project.upsql('run');
    expect(ran.code, ran.text).toBe(1);
    expect(statusesOf(project)).toMatchObject({ good: 'success', dies: 'error', exits: 'error', ephemeral: 'error' });
    for (const expected of [
      /'raises': KeyError: 'nope'\n +--> lib\/helper\.py:2:1[\s\S]*?in model \(models\/raises\.py:7:1\)/,
      /'imports': ModuleNotFoundError: No module named 'no_such_module_here'\n +--> models\/imports\.py:1:1[\s\S]*?-m pip install no_such_module_here/,
      /'returns': its result can't be made a table[\s\S]*?hint: Return a DuckDB relation, a DataFrame/,
      /'syntax': this is no Python: [^\n]+\n +--> models\/syntax\.py:2:5/,
      /'names': KeyError: 'elsewhere'\n +--> models\/names\.py:3:1[\s\S]*?hint: dbt\.ref\(\) gives what the model names by a literal/,
      /'view' can't build python models/,
      /'exits': SystemExit: 0\n +--> models\/exits\.py:5:1/,
      /'ephemeral' reads 'inner', which is ephemeral/,
      /'dies': its process ended \(SIGKILL\) before the model did\. Its last lines: last words/,
    ])
      expect(ran.text).toMatch(expected);
    const { results } = project.artifact('run_results.json') as { results: { unique_id: string; message: string }[] };
    expect(results.find((one) => one.unique_id.endsWith('.raises'))?.message).toMatch(/^Runtime Error in model raises/);
  });

  it('leaves the table as it was', async () => {
    const project = makeProject({
      'profiles.yml': profiles(),
      'models/a.py': `import os\n\n\n${model('if os.path.exists("die"):', '    os.kill(os.getpid(), 9)', 'return session.sql("select 1 as a")')}`,
    });
    expect(project.upsql('run').code).toBe(0);
    project.write('die', '');
    expect(project.upsql('run').code).toBe(1);
    expect(await project.rows('select * from a')).toEqual([[1]]);
    expect(await project.rows('select table_name from duckdb_tables()')).toEqual([['a']]);
  });

  it('says what is missing where there is no Python, or none with duckdb', () => {
    const files = { 'models/a.py': model('return session.sql("select 1 as a")') };
    const absent = makeProject({ ...files, 'profiles.yml': profiles('', 'no-such-python') }).upsql('run');
    expect(absent.code).toBe(1);
    expect(absent.text).toMatch(
      /error\[python-missing\].*'no-such-python' \('python' of the profile\) did not start: .*ENOENT[\s\S]*?hint: Install Python 3\.8/,
    );
    const bare = makeProject({ ...files, 'profiles.yml': profiles('', './bare-python') });
    // Without the packages of its environment.
    bare.write('bare-python', `#!/bin/sh\nexec '${testPython}' -S "$@"\n`);
    chmodSync(join(bare.dir, 'bare-python'), 0o755);
    const ran = bare.upsql('run');
    expect(ran.code).toBe(1);
    expect(ran.text).toMatch(/error\[python-missing\].*has no package duckdb[\s\S]*?hint: .*-m pip install duckdb/);
  });
});

describe.skipIf(testPython === undefined)(titledPython('The process of a Python model'), () => {
  beforeAll(compileBin);

  /** A model that tells its process and then waits. */
  const waiting = `import os, time\n\n\n${model(
    'with open("pid.part", "w") as file:',
    '    file.write(str(os.getpid()))',
    'os.rename("pid.part", "pid")',
    'time.sleep(3600)',
    'return session.sql("select 1 as a")',
  )}`;

  /** Starts a run of the waiting model and gives the ids of both processes. */
  async function started(): Promise<{
    run: ReturnType<typeof startUpsql>;
    project: TestProject;
    pid: number;
    temporary: string;
  }> {
    const project = makeProject({ 'profiles.yml': profiles(), 'models/slow.py': waiting });
    const temporary = join(project.dir, 'tmp');
    mkdirSync(temporary);
    const run = startUpsql(project.dir, ['run'], { HOME: project.dir, TMPDIR: temporary });
    run.stdout.resume();
    run.stderr.resume();
    await vi.waitUntil(() => existsSync(join(project.dir, 'pid')), { timeout: 240_000, interval: 50 });
    return { run, project, pid: Number(project.read('pid')), temporary };
  }

  const ended = (run: ReturnType<typeof startUpsql>): Promise<number | null> =>
    run.exitCode === null && run.signalCode === null
      ? new Promise((resolve) => run.once('close', resolve))
      : Promise.resolve(run.exitCode);

  it('ends with Ctrl-C, and its files with it', async () => {
    const { run, pid, temporary } = await started();
    expect(readdirSync(temporary)).toEqual([expect.stringMatching(/^upsql-python-/)]);
    run.kill('SIGINT');
    expect(await ended(run)).toBe(2);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('ends by itself when upsql is killed, and takes its files away', async () => {
    const { run, project, temporary } = await started();
    run.kill('SIGKILL');
    await ended(run);
    await vi.waitUntil(() => readdirSync(temporary).length === 0, { timeout: 240_000, interval: 50 });
    writeFileSync(join(project.dir, 'models/slow.py'), model('return session.sql("select 2 as a")'));
    const again = project.upsql('run');
    expect(again.code, again.text).toBe(0);
    expect(await project.rows('select a from slow')).toEqual([[2]]);
  });

  it('is ended by --fail-fast', async () => {
    const project = makeProject({
      'profiles.yml': profiles(),
      'models/slow.py': waiting,
      'models/wrong.py': `import os, time\n\n\n${model('while not os.path.exists("pid"):', '    time.sleep(0.05)', 'raise ValueError("no")', 'return 1')}`,
    });
    const ran = project.upsql('run', '--fail-fast');
    expect(ran.code, ran.text).toBe(1);
    expect(() => process.kill(Number(project.read('pid')), 0)).toThrow('ESRCH');
  });
});
