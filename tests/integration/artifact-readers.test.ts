// Programs from PyPI that read dbt's artifacts, on the artifacts of UserPulse and of a small shop.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { installJudge, judgePython } from '../../scripts/judge/install.mjs';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { makeProject } from './test-project.js';
import { copyUserPulse, run } from './userpulse-project.js';

const CI = process.env.CI === 'true';
const PARSED = fileURLToPath(new URL('../../scripts/judge/readers/parsed.py', import.meta.url));

interface Parsed {
  readonly classes: readonly string[];
  readonly nodes: Readonly<Record<string, readonly string[]>>;
  readonly sources: readonly string[];
  readonly unit_tests: readonly string[];
  readonly exposures: readonly string[];
  readonly statuses: Readonly<Record<string, string>>;
  readonly columns: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly rows: Readonly<Record<string, number>>;
  readonly freshness: Readonly<Record<string, string>>;
}

const SHOP = {
  'profiles.yml':
    'shop:\n  target: dev\n  outputs:\n' +
    '    dev: {type: duckdb, path: shop.duckdb, threads: 4}\n    prod: {type: duckdb, path: shop.duckdb, schema: prod}\n',
  'dbt_project.yml':
    'name: shop\nversion: "1.0"\nprofile: shop\nmodels: {+materialized: table}\n' +
    'on-run-start: ["create schema if not exists raw", "create table if not exists raw.orders as ' +
    "select i::int as id, 'c' || i % 3 as customer, (i * 2)::int as amount, timestamp '2025-01-01' + to_days(i::int) as ordered_at " +
    'from range(1, 8) as r(i)"]\n',
  'models/stg_orders.sql':
    "select id as order_id, customer, amount, cast(ordered_at as date) as order_date from {{ source('raw', 'orders') }}",
  'models/customers.sql': `with totals as (
    select customer, sum(amount) as total, count(*) as orders from {{ ref('stg_orders') }} group by customer
)
select customer, total, total / orders as average from totals`,
  'models/Loud.sql': "select customer from {{ ref('customers') }}",
  'models/models.yml': `
sources:
  - name: raw
    config: {freshness: {warn_after: {count: 1, period: day}}, loaded_at_field: ordered_at}
    tables: [{name: orders}]
models:
  - name: stg_orders
    description: Orders.
    columns: [{name: order_id, description: Key., data_tests: [unique, not_null]}]
  - {name: customers, description: Customers.}
unit_tests:
  - name: adds_up
    model: customers
    given: [{input: ref('stg_orders'), rows: [{customer: a, amount: 1}, {customer: a, amount: 2}]}]
    expect: {rows: [{customer: a, total: 3}]}
exposures:
  - {name: board, type: dashboard, owner: {name: ann}, depends_on: [ref('customers')]}
`,
  'snapshots/history.yml':
    "snapshots: [{name: history, relation: ref('stg_orders'), " +
    'config: {unique_key: order_id, strategy: check, check_cols: [amount]}}]\n',
};

function python(script: string, ...args: string[]): string {
  const ran = spawnSync(judgePython() ?? 'python3', [script, ...args], { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`${script} ended with ${ran.status}\n${ran.stdout}\n${ran.stderr}`);
  return ran.stdout;
}

/** Runs a program of the environment in a project; none may call home. */
function program(root: string, name: string, ...args: string[]): { code: number | null; text: string } {
  const home = join(root, '.home');
  mkdirSync(join(home, '.recce'), { recursive: true });
  writeFileSync(
    join(home, '.recce/profile.yml'),
    'user_id: 00000000000000000000000000000000\nanonymous_tracking: false\n',
  );
  const env = {
    ...process.env,
    HOME: home,
    DO_NOT_TRACK: '1',
    DISABLE_COLIBRI_TELEMETRY: '1',
    RECCE_DISABLE_TELEMETRY: '1',
  };
  const file = join(dirname(judgePython() ?? ''), name);
  const ran = spawnSync(file, args, { cwd: root, env: { ...env, COLUMNS: '200' }, encoding: 'utf8' });
  return { code: ran.status, text: ran.stdout + ran.stderr };
}

const json = (root: string, file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'));

type Edge = readonly [from: string, fromColumn: string, to: string, toColumn: string];
const text = (edges: Iterable<Edge>): string[] => [...edges].map((edge) => edge.join(' ')).sort();

/** The edges of columns that dbt-colibri finds in the compiled SQL and the catalog. */
function colibriEdges(root: string): Edge[] {
  // It reads compiled SQL; like dbt, commands that compile nothing leave a manifest without.
  run(root, ['docs', 'generate']);
  const ran = program(root, 'colibri', 'generate', '--disable-telemetry', '--output-dir', 'colibri');
  expect(ran.text).toContain('Report completed');
  const found: { source: string; sourceColumn: string; target: string; targetColumn: string }[] = json(
    root,
    'colibri/colibri-manifest.json',
  ).lineage.edges;
  return found
    .filter(({ sourceColumn, targetColumn }) => sourceColumn !== '' && targetColumn !== '')
    .map((edge) => [edge.source, edge.sourceColumn, edge.target, edge.targetColumn]);
}

/** The edges of columns by `upsql lineage`. */
function ownEdges(root: string): Edge[] {
  run(root, ['lineage']);
  type Column = { sources: { relation: string; column: string }[] };
  const nodes: Record<string, { columns: Record<string, Column> }> = json(root, 'target/lineage.json').nodes;
  return Object.entries(nodes).flatMap(([to, { columns }]) =>
    Object.entries(columns).flatMap(([toColumn, { sources }]) =>
      sources.map(({ relation, column }): Edge => [relation, column, to, toColumn]),
    ),
  );
}

// In CI the environment has to be there: a skip would hide that nothing was read.
describe.skipIf(judgePython() === undefined && !CI)('programs that read artifacts', { timeout: 180_000 }, () => {
  const shop = makeProject(SHOP);
  let pulse = '';

  beforeAll(() => {
    const reason = installJudge();
    if (reason !== undefined) throw new Error(reason);
    compileBin();
    run(shop.dir, ['build']);
    run(shop.dir, ['source', 'freshness']);
    run(shop.dir, ['docs', 'generate']);
    run(shop.dir, ['build']);
    pulse = copyUserPulse();
    run(pulse, ['simulate', '--users', '400', '--events', '12000', '--days', '240', '--out', 'data/raw']);
    run(pulse, ['build']);
    run(pulse, ['source', 'freshness']);
    run(pulse, ['docs', 'generate']);
    run(pulse, ['build']);
  }, 600_000);

  it('dbt-artifacts-parser reads manifest v12, run_results v6, catalog v1 and sources v3', () => {
    const read: Parsed = JSON.parse(python(PARSED, join(shop.dir, 'target')));
    expect(read.classes).toEqual(['ManifestV12', 'RunResultsV6', 'CatalogV1', 'SourcesV3']);
    expect(read.nodes).toEqual({
      model: ['Loud', 'customers', 'stg_orders'],
      operation: ['shop-on-run-start-0', 'shop-on-run-start-1'],
      snapshot: ['history'],
      test: ['not_null_stg_orders_order_id', 'unique_stg_orders_order_id'],
    });
    expect(read.sources).toEqual(['source.shop.raw.orders']);
    expect(read.unit_tests).toEqual(['unit_test.shop.customers.adds_up']);
    expect(read.exposures).toEqual(['exposure.shop.board']);
    expect(read.statuses['unit_test.shop.customers.adds_up']).toBe('pass');
    expect(read.statuses['model.shop.customers']).toBe('success');
    expect(read.columns['model.shop.customers']).toEqual({ customer: 'VARCHAR', total: 'HUGEINT', average: 'DOUBLE' });
    expect(read.rows['model.shop.customers']).toBe(3);
    expect(read.freshness).toEqual({ 'source.shop.raw.orders': 'warn' });
  });

  it('dbt-artifacts-parser reads UserPulse', () => {
    const read: Parsed = JSON.parse(python(PARSED, join(pulse, 'target')));
    const listed = run(pulse, ['ls', '--resource-type', 'model', '--output', 'name', '-q']).stdout.trim().split('\n');
    expect(read.nodes.model).toEqual(listed.sort());
    expect(Object.keys(read.columns)).toEqual(expect.arrayContaining(['model.userpulse.dim_users']));
    expect(read.columns['model.userpulse.dim_users']).toHaveProperty('churn_probability');
    expect(new Set(Object.values(read.statuses))).toEqual(new Set(['success', 'pass', 'no-op']));
  });

  it('dbt-colibri finds the edges of columns that upsql lineage finds', () => {
    const own = ownEdges(shop.dir);
    expect(own.length).toBeGreaterThan(10);
    expect(text(colibriEdges(shop.dir))).toEqual(text(own.filter(([, , to]) => !to.startsWith('exposure.'))));
  });

  it('dbt-colibri reads UserPulse', () => {
    const edges = text(colibriEdges(pulse));
    expect(edges.length).toBeGreaterThan(100);
    // Of the columns that it traces upsql misses none.
    const own = new Set(text(ownEdges(pulse)));
    const models = edges.filter((edge) => edge.startsWith('model.'));
    expect(models.filter((edge) => !own.has(edge)).length / models.length).toBeLessThan(0.05);
  });

  it('dbt-bouncer passes the checks that hold and fails those that do not', () => {
    shop.write(
      'dbt-bouncer.yml',
      `dbt_artifacts_dir: target
manifest_checks:
  - {name: check_model_names, model_name_pattern: "^[a-z_]+$"}
  - name: check_model_description_populated
  - name: check_source_freshness_populated
catalog_checks: [{name: check_column_description_populated, include: models/stg_orders.sql}]
run_results_checks: [{name: check_run_results_max_execution_time, max_execution_time_seconds: 600}]
`,
    );
    const ran = program(shop.dir, 'dbt-bouncer', 'run', '--output-file', 'bouncer.json', '--output-format', 'json');
    expect(ran.code).toBe(1);
    const results: { check_run_id: string; outcome: string }[] = json(shop.dir, 'bouncer.json');
    const failed = results.filter(({ outcome }) => outcome === 'failed').map(({ check_run_id }) => check_run_id);
    expect(failed.sort()).toEqual([
      'check_column_description_populated:0:stg_orders',
      'check_model_description_populated:1:Loud',
      'check_model_names:0:Loud',
    ]);
    const passed = results.filter(({ outcome }) => outcome === 'success').map(({ check_run_id }) => check_run_id);
    expect(passed).toEqual(
      expect.arrayContaining(['check_model_names:0:customers', 'check_model_description_populated:1:stg_orders']),
    );
    expect(passed.some((id) => id.startsWith('check_run_results_max_execution_time'))).toBe(true);
    expect(passed.some((id) => id.startsWith('check_source_freshness_populated'))).toBe(true);
  });

  it('recce compares two states by lineage, schema, counts and values', () => {
    for (const command of [['build'], ['docs', 'generate']])
      run(shop.dir, [...command, '-t', 'prod', '--target-path', 'target-base']);
    shop.write('models/customers.sql', `${SHOP['models/customers.sql']} where total <> 14`);
    shop.write('models/Loud.sql', "select customer, total as spent from {{ ref('customers') }}");
    run(shop.dir, ['build']);
    run(shop.dir, ['docs', 'generate']);
    shop.write(
      'recce.yml',
      `checks:
  - {name: counts, type: row_count_diff, params: {node_names: [customers, stg_orders]}}
  - {name: schema, type: schema_diff, params: {select: "Loud customers"}}
`,
    );
    const ran = program(shop.dir, 'recce', 'run', '-o', 'state.json');
    expect(ran.code, ran.text).toBe(0);
    const { runs } = json(shop.dir, 'state.json');
    expect(runs[0].result).toMatchObject({ customers: { base: 3, curr: 2 }, stg_orders: { base: 7, curr: 7 } });
    const summary = program(shop.dir, 'recce', 'summary', 'state.json').text;
    expect(summary).toMatch(/customers\["customers\s+\[What's Changed\]\s+Code"\]/);
    expect(summary).toMatch(/Loud\["Loud\s+\[What's Changed\]\s+Code, Schema"\]/);
    expect(summary).toContain('model.shop.customers---->model.shop.Loud');
    expect(summary).toContain('model.shop.customers---->exposure.shop.board');
    expect(summary).toMatch(/\|counts +\|Row Count Diff +\|customers +\|/);
    expect(summary).toMatch(/\|schema +\|Schema Diff +\|Loud +\|/);
  });
});
