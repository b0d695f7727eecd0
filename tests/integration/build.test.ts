import { beforeAll, describe, expect, it } from 'vitest';
import { build, list, loadProject, render, run, show, test } from '../../src/index.js';
import type { RunEvent } from '../../src/run/events.js';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { makeProject, nameOf, statusesOf, type TestProject } from './test-project.js';

beforeAll(compileBin);

async function withProject<T>(
  project: TestProject,
  work: (loaded: Awaited<ReturnType<typeof loadProject>>) => Promise<T>,
): Promise<T> {
  const loaded = await loadProject({ projectDir: project.dir, profilesDir: project.dir, env: {} });
  try {
    return await work(loaded);
  } finally {
    await loaded.close();
  }
}

const shop = {
  'seeds/raw_orders.csv': 'id,customer,amount,placed\n1,ann,10.50,2024-01-01\n2,bob,3,2024-01-02\n3,ann,,2024-01-03\n',
  'seeds/s.yml':
    'seeds:\n  - name: raw_orders\n    config: {column_types: {id: bigint, amount: "decimal(10,2)", placed: date}}\n',
  'models/stg_orders.sql': "select id, customer, amount, placed from {{ ref('raw_orders') }}",
  'models/paid.sql':
    "{{ config(materialized='ephemeral') }}\nselect * from {{ ref('stg_orders') }} where amount is not null",
  'models/customers.sql':
    "{{ config(materialized='table') }}\nselect customer, sum(amount) as total from {{ ref('paid') }} group by customer",
  'models/s.yml': `models:
  - name: stg_orders
    columns:
      - name: id
        data_tests: [unique, not_null]
      - name: customer
        data_tests:
          - accepted_values: {arguments: {values: [ann, bob]}}
          - relationships: {arguments: {to: ref('customers'), field: customer}}
`,
  'tests/no_negative.sql': "select * from {{ ref('customers') }} where total < 0",
};

describe('build', () => {
  it('makes seeds, a view, a table over an ephemeral model, and runs every kind of test', async () => {
    const project = makeProject(shop);
    const ran = project.upsql('build');
    expect(ran.text).toContain('Completed successfully');
    expect(ran.text).not.toContain('warning');
    expect(ran.code).toBe(0);
    expect(statusesOf(project)).toEqual({
      raw_orders: 'success',
      stg_orders: 'success',
      customers: 'success',
      unique_stg_orders_id: 'pass',
      not_null_stg_orders_id: 'pass',
      accepted_values_stg_orders_customer__ann__bob: 'pass',
      relationships_stg_orders_customer__customer__ref_customers_: 'pass',
      no_negative: 'pass',
    });
    expect(await project.rows('select customer, total::varchar from customers order by 1')).toEqual([
      ['ann', '10.50'],
      ['bob', '3.00'],
    ]);
    const types = "select column_name, data_type from information_schema.columns where table_name = 'raw_orders'";
    expect(Object.fromEntries(await project.rows(types))).toEqual({
      id: 'BIGINT',
      customer: 'VARCHAR',
      amount: 'DECIMAL(10,2)',
      placed: 'DATE',
    });
    const kinds = 'select table_name, table_type from information_schema.tables';
    expect(Object.fromEntries(await project.rows(kinds))).toEqual({
      raw_orders: 'BASE TABLE',
      stg_orders: 'VIEW',
      customers: 'BASE TABLE',
    });
  });

  it('writes compiled SQL, run SQL and artifacts that name them', () => {
    const project = makeProject(shop);
    expect(project.upsql('build').code).toBe(0);
    const compiled = project.read('target/compiled/shop/models/customers.sql');
    expect(compiled).toContain('__dbt__cte__paid as (');
    expect(project.read('target/run/shop/models/customers.sql')).toMatch(/create\s+(or replace\s+)?table/i);
    expect(project.exists('target/compiled/shop/models/s.yml/unique_stg_orders_id.sql')).toBe(true);
    const { results, metadata, args } = project.artifact('run_results.json');
    expect(metadata.dbt_schema_version).toContain('run-results/v6');
    expect(args.which).toBe('build');
    const customers = results.find((entry: { unique_id: string }) => nameOf(entry.unique_id) === 'customers');
    expect(customers).toMatchObject({
      compiled: true,
      compiled_code: compiled,
      relation_name: '"shop"."main"."customers"',
    });
    expect(customers.timing.map((span: { name: string }) => span.name)).toEqual(['compile', 'execute']);
    const manifest = project.artifact('manifest.json');
    expect(manifest.nodes['model.shop.customers'].depends_on.nodes).toEqual(['model.shop.paid']);
    expect(manifest.child_map['model.shop.paid']).toEqual(['model.shop.customers']);
  });

  it('skips what is downstream of a failed model and of a failed test, and tells why', () => {
    const project = makeProject({
      'models/a.sql': 'select 1 as id union all select 1',
      'models/b.sql': "select * from {{ ref('a') }}",
      'models/broken.sql': 'select nope from (select 1 as id)',
      'models/below.sql': "select * from {{ ref('broken') }}",
      'models/fine.sql': 'select 1 as id',
      'models/s.yml': 'models:\n  - name: a\n    columns: [{name: id, data_tests: [unique]}]\n',
    });
    const ran = project.upsql('build');
    expect(ran.code).toBe(1);
    expect(statusesOf(project)).toEqual({
      a: 'success',
      unique_a_id: 'fail',
      b: 'skipped',
      broken: 'error',
      below: 'skipped',
      fine: 'success',
    });
    expect(ran.text).toContain('Got 1 result, configured to fail if != 0');
    expect(ran.text).toContain('models/broken.sql:1:8');
    // `dbt run` has no tests, so that b is built then.
    expect(project.upsql('run').code).toBe(1);
    expect(statusesOf(project)).toMatchObject({ b: 'success', below: 'skipped' });
  });

  it('obeys severity, warn_if and error_if', () => {
    const entry = (name: string, config: string): string =>
      `          - not_null: {name: ${name}, config: {${config}}}\n`;
    const project = makeProject({
      'models/a.sql': 'select null as id union all select null',
      'models/b.sql': "select * from {{ ref('a') }}",
      'models/s.yml':
        'models:\n  - name: a\n    columns:\n      - name: id\n        data_tests:\n' +
        entry('always_warns', 'severity: warn') +
        entry('tolerates', 'error_if: ">5", warn_if: ">5"') +
        entry('warns_below', 'error_if: ">5", warn_if: ">1"'),
    });
    const ran = project.upsql('build');
    expect(ran.code).toBe(0);
    expect(statusesOf(project)).toEqual({
      a: 'success',
      b: 'success',
      always_warns: 'warn',
      tolerates: 'pass',
      warns_below: 'warn',
    });
    const { results } = project.artifact('run_results.json');
    const byName = Object.fromEntries(results.map((r: { unique_id: string }) => [nameOf(r.unique_id), r]));
    expect(byName.warns_below).toMatchObject({ message: 'Got 2 results, configured to warn if >1', failures: 2 });
    expect(byName.tolerates).toMatchObject({ message: null, failures: 0 });
  });

  it('stops at the first failure with --fail-fast', () => {
    const models = Object.fromEntries(
      Array.from({ length: 6 }, (_, i) => [`models/m${i}.sql`, i === 0 ? 'select nope' : 'select 1 as id']),
    );
    const project = makeProject(models);
    expect(project.upsql('run', '--fail-fast', '--threads', '1').code).toBe(1);
    expect(statusesOf(project)).toEqual({
      m0: 'error',
      m1: 'skipped',
      m2: 'skipped',
      m3: 'skipped',
      m4: 'skipped',
      m5: 'skipped',
    });
  });

  it('runs hooks before and after, in order, as results', async () => {
    const project = makeProject({
      'dbt_project.yml':
        'name: shop\nprofile: shop\non-run-start: ["create table if not exists log(t varchar)", "insert into log values (\'start\')"]\n' +
        'on-run-end: ["insert into log values (\'end {{ results | length }} {{ results[0].status }} {{ schemas | join }}{% for d, s in database_schemas %} {{ d }}.{{ s }}{% endfor %}\')"]\n',
      'models/a.sql':
        '{{ config(pre_hook="insert into log values (\'pre\')", post_hook="insert into log values (\'post\')") }} select 1 as id',
    });
    expect(project.upsql('run').text).toContain('Completed successfully');
    expect((await project.rows('select t from log order by rowid')).flat()).toEqual([
      'start',
      'pre',
      'post',
      'end 1 success main shop.main',
    ]);
    expect(statusesOf(project)).toEqual({
      'shop-on-run-start-0': 'success',
      'shop-on-run-start-1': 'success',
      a: 'success',
      'shop-on-run-end-0': 'success',
    });
    expect(project.exists('target/compiled/shop/dbt_project.yml/hooks/shop-on-run-end-0.sql')).toBe(true);
  });

  it('runs as many nodes at once as it is given threads', async () => {
    const models = Object.fromEntries(
      Array.from({ length: 8 }, (_, i) => [
        `models/m${i}.sql`,
        "{{ config(materialized='table') }} select count(*) as n from range(3000000) t(i) where hash(i) % 3 = 0",
      ]),
    );
    const project = makeProject(models);
    await withProject(project, async (loaded) => {
      const most = async (threads: number): Promise<number> => {
        let running = 0;
        let top = 0;
        const listen = (event: RunEvent): void => {
          if (event.kind === 'node-start') running += 1;
          if (event.kind === 'node-end') running -= 1;
          top = Math.max(top, running);
        };
        await run(loaded, { threads, listen });
        return top;
      };
      expect(await most(1)).toBe(1);
      expect(await most(3)).toBe(3);
    });
  });
});

describe('TypeScript models', () => {
  const doubled = (
    refs: string,
    table: string,
  ): string => `export const config = { materialized: 'table', refs: ['${refs}'] };
export default async function model({ columns, log, vars }) {
  const input = await columns('${table}');
  log('read ' + input.length);
  return { columns: { id: input.columns.id, double: input.columns.id.map((x) => x * vars('factor', 2)) } };
}
`;

  it('run in the graph, between SQL models', async () => {
    const project = makeProject({
      'dbt_project.yml': 'name: shop\nprofile: shop\nvars: {factor: 3}\n',
      'models/a.sql': 'select i::int as id from range(3) t(i)',
      'models/b.ts': doubled('a', 'a'),
      'models/c.sql': "select sum(double)::int as s from {{ ref('b') }}",
      'models/s.yml': 'models:\n  - name: b\n    columns: [{name: id, data_tests: [unique]}]\n',
    });
    const ran = project.upsql('build');
    expect(ran.text).toContain('read 3');
    expect(statusesOf(project)).toEqual({ a: 'success', b: 'success', unique_b_id: 'pass', c: 'success' });
    expect(await project.rows('select s from c')).toEqual([[9]]);
    expect(project.artifact('manifest.json').nodes['model.shop.b'].depends_on.nodes).toEqual(['model.shop.a']);
  });

  it("fail at the user's own line, and an ephemeral ref is refused", () => {
    const project = makeProject({
      'models/a.sql': "{{ config(materialized='ephemeral') }} select 1 as id",
      'models/b.ts': doubled('a', 'a'),
      'models/x.sql': 'select 1 as id',
      'models/y.ts': doubled('x', 'z'),
      'models/z.sql': 'select 1 as id',
    });
    const ran = project.upsql('build');
    expect(ran.code).toBe(1);
    expect(ran.text).toMatch(/'b' reads 'a', which is ephemeral/);
    expect(ran.text).toContain('models/y.ts:3:');
    expect(statusesOf(project)).toEqual({ b: 'error', x: 'success', y: 'error', z: 'success' });
  });
});

describe('the library', () => {
  it('builds, tests, lists, shows and renders one loaded project, again and again', async () => {
    const project = makeProject(shop);
    await withProject(project, async (loaded) => {
      expect(await list(loaded, { select: ['+customers'], output: 'name', resourceTypes: ['model', 'seed'] })).toEqual([
        'customers',
        'paid',
        'stg_orders',
        'raw_orders',
      ]);
      expect((await build(loaded)).success).toBe(true);
      expect((await build(loaded, { select: ['stg_orders+'] })).success).toBe(true);
      expect((await test(loaded, { select: ['test_type:singular'] })).results.map((r) => r.node.name)).toEqual([
        'no_negative',
      ]);
      expect(await render(loaded, "select 1 from {{ ref('customers') }}")).toBe(
        'select 1 from "shop"."main"."customers"',
      );
      const [preview] = await show(loaded, {
        inline: "select customer from {{ ref('customers') }} order by 1",
        limit: 1,
      });
      expect(preview?.rows).toEqual([['ann']]);
      const [model] = await show(loaded, { select: ['customers'], limit: -1 });
      expect(model?.columns.map((column) => column.name)).toEqual(['customer', 'total']);
      expect(model?.rows).toHaveLength(2);
    });
  });

  it('gives failing rows with a failed test', async () => {
    const project = makeProject({
      'models/a.sql': "select 1 as id, 'x' as name union all select 2, null",
      'models/s.yml': 'models:\n  - name: a\n    columns: [{name: name, data_tests: [not_null]}]\n',
    });
    const outcome = await withProject(project, (loaded) => build(loaded));
    expect(outcome.success).toBe(false);
    const failed = outcome.results.find((result) => result.status === 'fail');
    expect(failed?.sample).toEqual({ columns: ['name'], rows: [[null]] });
    expect(failed?.diagnostics[0]?.place?.file).toMatch(/models\/s\.yml$/);
  });
});
