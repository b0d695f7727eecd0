import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileBin, startUpsql, upsql, upsqlOnTerminal } from '../unit/cli/compiled-bin.js';

beforeAll(compileBin);

/** A project as `upsql init` makes it, in a folder of its own. */
function newProject(): string {
  const cwd = mkdtempSync(join(tmpdir(), 'upsql-project-'));
  upsql(cwd, ['init', 'shop']);
  return join(cwd, 'shop');
}

/** Output without what changes from run to run: clock, durations, padding. */
const steady = (text: string): string =>
  text
    .replaceAll(/^\d\d:\d\d:\d\d {2}/gm, '')
    .replaceAll(/ in \d+\.\d\ds/g, ' in 0.00s')
    .replaceAll(/ \.\.+ /g, ' ... ')
    .replaceAll(/\d+\.\d\d seconds \(\d+\.\d\ds\)/g, '0.00 seconds (0.00s)');

describe('a project made by init', () => {
  let root = '';
  beforeAll(() => {
    root = newProject();
  });

  it('builds at once, without a profile', () => {
    const { code, stdout } = upsql(root, ['build', '--threads', '1']);
    const lines = steady(stdout).split('\n');
    expect(code).toBe(0);
    expect(lines).toContain("Concurrency: 1 thread (target='dev')");
    expect(lines).toContain('1 of 9 START seed file main.raw_orders ... [RUN]');
    expect(lines).toContain('1 of 9 OK loaded seed file main.raw_orders ... [6 rows in 0.00s]');
    expect(lines.filter((line) => / of 9 PASS /.test(line))).toHaveLength(6);
    expect(lines).toContain('Completed successfully');
    expect(lines.at(-2)).toBe('Done. PASS=9 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=9');
  });

  it('leaves the artifacts', () => {
    const results = JSON.parse(readFileSync(join(root, 'target/run_results.json'), 'utf8'));
    expect(results.results).toHaveLength(9);
    expect(results.args).toMatchObject({ which: 'build', threads: 1 });
    const manifest = JSON.parse(readFileSync(join(root, 'target/manifest.json'), 'utf8'));
    expect(Object.keys(manifest.nodes)).toContain('model.shop.daily_revenue');
    expect(existsSync(join(root, 'target/compiled/shop/models/marts/daily_revenue.sql'))).toBe(true);
    expect(readFileSync(join(root, 'logs/upsql.log'), 'utf8')).toContain(
      'OK created sql table model main.daily_revenue',
    );
  });

  it('keeps the log where --log-path says', () => {
    const cwd = mkdtempSync(join(tmpdir(), 'upsql-log-'));
    upsql(cwd, ['ls', '--project-dir', root, '--log-path', 'mine']);
    expect(readFileSync(join(cwd, 'mine/upsql.log'), 'utf8')).toMatch(/\| upsql list =+\n/);
  });

  it('lists nodes on stdout and nothing else', () => {
    expect(upsql(root, ['ls', '--resource-type', 'model', 'seed'])).toMatchObject({
      code: 0,
      stdout: 'shop.marts.daily_revenue\nshop.staging.stg_orders\nshop.raw_orders\n',
    });
    expect(upsql(root, ['ls', '-s', 'daily_revenue', '--resource-type', 'model', '--output', 'path']).stdout).toBe(
      'models/marts/daily_revenue.sql\n',
    );
    const json = upsql(root, [
      'list',
      '-s',
      'stg_orders',
      '--resource-type',
      'model',
      '--output',
      'json',
      '--output-keys',
      'name config.materialized',
    ]);
    expect(JSON.parse(json.stdout)).toEqual({ name: 'stg_orders', 'config.materialized': 'view' });
  });

  it('previews rows as a table and as JSON', () => {
    expect(upsql(root, ['show', '-s', 'daily_revenue', '--limit', '2']).stdout).toBe(`Previewing 'daily_revenue':
| order_date | orders | customers | revenue |
| ---------- | ------ | --------- | ------- |
| 2026-01-05 |      2 |         2 |   37.50 |
| 2026-01-06 |      1 |         1 |   99.90 |
`);
    const json = upsql(root, [
      'show',
      '--inline',
      "select count(*) as n from {{ ref('stg_orders') }}",
      '--output',
      'json',
    ]);
    expect(JSON.parse(json.stdout)).toEqual({ show: [{ n: 6 }] });
  });

  it('compiles a query and a model', () => {
    const { stdout } = upsql(root, ['compile', '--inline', "select 1 from {{ ref('stg_orders') }}"]);
    expect(stdout).toBe('select 1 from "shop"."main"."stg_orders"\n');
    const model = upsql(root, ['compile', '-s', 'daily_revenue']);
    expect(model.stdout).toMatch(
      /^select\n {4}order_date,\n[^;]*from "shop"\."main"\."stg_orders"\n[^;]*order by order_date\n$/,
    );
    expect(model.stderr).toMatch(/Compiled 4 nodes in \d+\.\d\ds, see target\/compiled\n$/);
    expect(upsql(root, ['compile'])).toMatchObject({ code: 0, stdout: '' });
  });

  it('parses, debugs and says where things are', () => {
    expect(upsql(root, ['parse']).stdout).toMatch(/Parsed 9 nodes, 0 sources and \d+ macros in \d+\.\d\ds/);
    const debug = upsql(root, ['debug']);
    expect(debug.code).toBe(0);
    expect(debug.stdout).toContain('connection test: [OK]');
    expect(debug.stdout).toContain(join(root, 'dbt_project.yml'));
  });

  it('works from a folder below, and from elsewhere with --project-dir', () => {
    expect(upsql(join(root, 'models/marts'), ['ls', '--resource-type', 'seed']).stdout).toBe('shop.raw_orders\n');
    expect(upsql(tmpdir(), ['ls', '--resource-type', 'seed', '--project-dir', root]).stdout).toBe('shop.raw_orders\n');
    expect(upsql(tmpdir(), ['ls', '--resource-type', 'seed'], { DBT_PROJECT_DIR: root }).stdout).toBe(
      'shop.raw_orders\n',
    );
  });

  it('speaks JSON lines when asked', () => {
    const { code, stdout } = upsql(root, ['run', '--log-format', 'json']);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(lines.map((line) => line.info.name)).toContain('LogModelResult');
    expect(lines.at(-1).data.stats).toMatchObject({ pass: 2, total: 2 });
    expect(new Set(lines.map((line) => line.info.invocation_id)).size).toBe(1);
  });

  it('selects what has changed since the artifacts of --state', () => {
    const state = mkdtempSync(join(tmpdir(), 'upsql-state-'));
    cpSync(join(root, 'target/manifest.json'), join(state, 'manifest.json'));
    const changed = ['ls', '--resource-type', 'model', '-s', 'state:modified', '--state', state];
    expect(upsql(root, changed)).toMatchObject({ code: 0, stdout: '' });
    const model = join(root, 'models/marts/daily_revenue.sql');
    const good = readFileSync(model, 'utf8');
    writeFileSync(model, good.replace("'paid'", "'open'"));
    expect(upsql(root, changed).stdout).toBe('shop.marts.daily_revenue\n');
    writeFileSync(model, good);
    const missing = upsql(root, [...changed.slice(0, -1), join(state, 'nowhere')]);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('warning[no-state]: The folder of the state is not there');
  });

  it('draws on a terminal a live line and gives the cursor back', () => {
    const { code, stdout } = upsqlOnTerminal(root, ['build'], 100);
    expect(code).toBe(0);
    expect(stdout).toContain('\u001b[?25l');
    expect(stdout.lastIndexOf('\u001b[?25h')).toBeGreaterThan(stdout.lastIndexOf('\u001b[?25l'));
    expect(stripVTControlCharacters(stdout)).toMatch(/━╺─+ {2}[1-8]\/9 /);
    expect(stdout).toContain('\u001b[32m');
    expect(stdout).not.toContain('START');
  });
});

describe('a project with faults', () => {
  it('tells of a failed test with the rows, what was skipped for it, and exit code 1', () => {
    const root = newProject();
    const seed = join(root, 'seeds/raw_orders.csv');
    writeFileSync(seed, `${readFileSync(seed, 'utf8')}6,bob,2026-01-08,lost,1\n`);
    const { code, stdout } = upsql(root, ['build']);
    const text = steady(stdout);
    expect(code).toBe(1);
    expect(text).toMatch(/FAIL 1 unique_stg_orders_order_id \.\.\. \[FAIL 1 in 0\.00s\]/);
    expect(text).toContain('Failure in test unique_stg_orders_order_id (models/models.yml)');
    expect(text).toContain('|            6 |         2 |');
    expect(text).toMatch(/--> models\/models\.yml:\d+:\d+/);
    expect(text).toMatch(/Skipped 4 nodes because of .*test unique_stg_orders_order_id/);
    expect(text).toMatch(/Done\. PASS=3 WARN=0 ERROR=2 SKIP=\d+ NO-OP=0 TOTAL=9/);
  });

  it('points at the place of a wrong column, a wrong ref and an unclosed block', () => {
    const root = newProject();
    const model = join(root, 'models/marts/daily_revenue.sql');
    const good = readFileSync(model, 'utf8');
    upsql(root, ['build', '-q']);

    writeFileSync(model, good.replace('sum(amount)', 'sum(amont)'));
    const column = upsql(root, ['run', '-s', 'daily_revenue']);
    expect(column.code).toBe(1);
    expect(column.stdout).toContain('--> models/marts/daily_revenue.sql:5:9');
    expect(column.stdout).toContain('> 5 |     sum(amont) as revenue');

    writeFileSync(model, good.replace("ref('stg_orders')", "ref('stg_oders')"));
    const ref = upsql(root, ['run']);
    expect(ref.code).toBe(2);
    expect(ref.stdout).toContain('--> models/marts/daily_revenue.sql:6:');
    expect(ref.stdout).toContain("Did you mean 'stg_orders'?");

    writeFileSync(model, good.replace('where', '{% if true %} where'));
    const block = upsql(root, ['run']);
    expect(block.code).toBe(2);
    expect(block.stdout).toContain('models/marts/daily_revenue.sql:7:');
    expect(upsql(root, ['show', '--inline', 'select 1']).code).toBe(2);
  });

  it('has exit code 2 and a hint without a project, and for an unknown target', () => {
    const nowhere = upsql(mkdtempSync(join(tmpdir(), 'upsql-nowhere-')), ['run']);
    expect(nowhere.code).toBe(2);
    expect(nowhere.stdout).toMatch(/error\[[a-z-]+\]: .*dbt_project\.yml/);
    expect(nowhere.stdout).toContain('hint: ');
  });

  it('never shows the password of a profile', () => {
    const root = newProject();
    const profile = (rest: string): void =>
      writeFileSync(
        join(root, 'profiles.yml'),
        `shop:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n      path: target/a.duckdb\n      motherduck_token: hunter2-tok3n\n${rest}`,
      );
    for (const rest of [
      '      threads: {\n',
      '      threads: many\n',
      '      thraeds: 2\n',
      '      extensions: [hunter2-ext]\n',
      '',
    ]) {
      profile(rest);
      for (const args of [
        ['debug', '--log-format', 'json'],
        ['run', '--debug'],
      ]) {
        const { stdout, stderr } = upsql(root, args);
        expect(stdout + stderr).not.toContain('tok3n');
        expect(stdout).not.toBe('');
      }
    }
    for (const file of ['logs/upsql.log', 'target/manifest.json', 'target/run_results.json']) {
      if (existsSync(join(root, file))) expect(readFileSync(join(root, file), 'utf8')).not.toContain('tok3n');
    }
  });
});

describe('Ctrl-C', () => {
  it('stops the run, cancels the statement, keeps what is done and writes the results', async () => {
    const root = newProject();
    writeFileSync(
      join(root, 'models/marts/slow.sql'),
      "select count(*) as n from range(100000000) a, range(100000) b, (select count(*) as c from {{ ref('daily_revenue') }}) d where a.range + b.range > d.c",
    );
    writeFileSync(join(root, 'models/marts/later.sql'), "select * from {{ ref('slow') }}");
    const child = startUpsql(root, ['build', '--threads', '2']);
    let text = '';
    child.stdout.on('data', (chunk) => {
      const before = text;
      text += String(chunk);
      if (!before.includes('main.slow') && text.includes('START sql table model main.slow')) {
        setTimeout(() => child.kill('SIGINT'), 300);
      }
    });
    const code = await new Promise((done) => child.on('exit', done));
    expect(code).toBe(2);
    expect(text).toContain('Stopped by an interrupt');
    const results = JSON.parse(readFileSync(join(root, 'target/run_results.json'), 'utf8')).results;
    const status = Object.fromEntries(
      results.map((r: { unique_id: string; status: string }) => [r.unique_id, r.status]),
    );
    expect(status).toMatchObject({
      'model.shop.daily_revenue': 'success',
      'model.shop.slow': 'skipped',
      'model.shop.later': 'skipped',
    });
    expect(upsql(root, ['show', '-s', 'daily_revenue']).code).toBe(0);
  });
});
