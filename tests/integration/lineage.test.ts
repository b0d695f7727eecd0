import { beforeAll, describe, expect, it } from 'vitest';
import { validator } from '../unit/artifacts/schemas.js';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { makeProject } from './test-project.js';

beforeAll(compileBin);

const files = {
  'seeds/raw.csv': 'id,name,amount\n1,a,10\n2,b,20\n',
  'models/stg.sql': "select id, name as label, amount from {{ ref('raw') }}",
  'models/eph.sql': "{{ config(materialized='ephemeral') }}\nselect *, amount * 2 as twice from {{ ref('stg') }}",
  'models/mart.sql': "select label, sum(twice) as total, count(*) as n from {{ ref('eph') }} group by label",
  'models/from_source.sql': "select key, upper(key) from {{ source('lake', 'events') }}",
  'models/made.ts': `export const config = { materialized: 'table', refs: ['mart'] };
export default async () => ({ rows: [{ x: 1 }] });
`,
  'models/s.yml': `sources: [{name: lake, schema: main, tables: [{name: events}]}]
models:
  - name: scored
    columns:
      - {name: label, config: {meta: {from: [mart.label]}}}
      - {name: score, config: {meta: {from: [mart.total, mart.n]}}}
      - {name: source, config: {meta: {from: [mart]}}}
      - {name: run, config: {meta: {from: []}}}
      - {name: odd, config: {meta: {from: [mart.no_such_column]}}}
      - {name: silent}
`,
  'models/scored.ts': `export const config = { materialized: 'table', refs: ['mart'] };
export default async () => ({ rows: [] });
`,
  'snapshots/s.yml':
    "snapshots: [{name: snap, relation: ref('stg'), config: {unique_key: id, strategy: check, check_cols: all}}]\n",
};

describe('upsql lineage', () => {
  it('follows a column through ephemeral models and stars, up and down, as text', () => {
    const project = makeProject(files);
    expect(project.upsql('seed').code).toBe(0);
    const up = project.upsql('lineage', '--column', 'mart.total', '--upstream', '-q');
    expect(up.code).toBe(0);
    expect(up.stdout.trim().split('\n')).toEqual([
      'mart.total  aggregated  comes from',
      '└─ eph.twice  transformed',
      '   └─ stg.amount  passthrough',
      '      └─ raw.amount  seed',
    ]);
    const down = project.upsql('lineage', '--column', 'raw.name', '--downstream', '-q').stdout;
    expect(down).toMatch(/└─ stg\.label {2}renamed/);
    expect(down).toMatch(/mart\.label {2}passthrough/);
    expect(down).toMatch(/snap\.label {2}passthrough/);
    expect(project.upsql('lineage', '--column', 'mart.n', '-q').stdout).toContain('rows of eph');
  });

  it('goes into manifest.json with --manifest, beside what YAML says of a column, and only then', () => {
    const project = makeProject(files);
    project.upsql('lineage', '-q');
    expect(project.artifact('manifest.json').nodes['model.shop.mart'].columns).toEqual({});
    expect(project.upsql('lineage', '--manifest', '-q').code).toBe(0);
    const { nodes } = project.artifact('manifest.json');
    expect(nodes['model.shop.mart'].compiled_code).toContain('sum(twice)');
    const { total } = nodes['model.shop.mart'].columns;
    expect(total.meta.lineage).toEqual({
      kind: 'aggregated',
      sources: [{ relation: 'model.shop.eph', column: 'twice' }],
    });
    expect(total.config.meta).toEqual(total.meta);
    expect(nodes['model.shop.scored'].columns.label.meta).toMatchObject({
      from: ['mart.label'],
      lineage: { kind: 'passthrough', sources: [{ relation: 'model.shop.mart', column: 'label' }] },
    });
    const valid = validator('manifest');
    expect([valid(project.artifact('manifest.json')), valid.errors]).toEqual([true, null]);
    // A parse that still holds does not know of it.
    expect(project.upsql('parse').code).toBe(0);
    expect(project.artifact('manifest.json').nodes['model.shop.mart'].columns).toEqual({});
  });

  it('knows the columns of seeds that are not loaded by their files', () => {
    const project = makeProject(files);
    expect(project.upsql('lineage', '-q').code).toBe(0);
    expect(project.artifact('lineage.json').nodes['seed.shop.raw']).toMatchObject({
      complete: true,
      columns: { id: {}, name: {}, amount: {} },
    });
  });

  it('takes what code reads from what its columns declare, and says so where they do not', () => {
    const project = makeProject(files);
    project.upsql('seed');
    expect(project.upsql('lineage').code).toBe(0);
    const { columns, problem } = project.artifact('lineage.json').nodes['model.shop.scored'];
    const mart = (column: string) => ({ relation: 'model.shop.mart', column });
    expect(columns).toMatchObject({
      label: { kind: 'passthrough', sources: [mart('label')] },
      score: { kind: 'transformed', sources: [mart('total'), mart('n')] },
      source: { kind: 'transformed', sources: [mart('label'), mart('total'), mart('n')] },
      run: { kind: 'generated', sources: [] },
      odd: { sources: [], unknown: expect.stringContaining('code') },
      silent: { sources: [], unknown: expect.stringContaining('code') },
    });
    expect(problem).toMatch(/code/);
    const up = project.upsql('lineage', '--column', 'scored.label', '--upstream', '-q').stdout;
    expect(up).toMatch(/scored\.label {2}passthrough {2}comes from\n└─ mart\.label {2}passthrough\n/);
  });

  it('gives JSON and an artifact beside the manifest, which stays as it is', () => {
    const project = makeProject(files);
    project.upsql('seed');
    const tree = JSON.parse(
      project.upsql('lineage', '--column', 'mart.total', '--upstream', '--output', 'json').stdout,
    );
    expect(tree.upstream).toMatchObject({
      relation: 'model.shop.mart',
      kind: 'aggregated',
      columns: [{ relation: 'model.shop.eph', column: 'twice', columns: [{ relation: 'model.shop.stg' }] }],
    });
    const { nodes, metadata } = project.artifact('lineage.json');
    expect(metadata).toMatchObject({ lineage_version: 1, project_name: 'shop', adapter_type: 'duckdb' });
    expect(nodes['model.shop.stg'].columns.label).toEqual({
      kind: 'renamed',
      sources: [{ relation: 'seed.shop.raw', column: 'name' }],
    });
    expect(nodes['model.shop.made'].problem).toMatch(/code/);
    expect(Object.keys(nodes['snapshot.shop.snap'].columns)).toContain('dbt_scd_id');
    expect(project.artifact('manifest.json').nodes['model.shop.stg'].columns).toEqual({});
  });

  it('takes the names that the warehouse makes up from the relation as built', () => {
    const project = makeProject(files);
    project.upsql('lineage', '-q');
    expect(Object.keys(project.artifact('lineage.json').nodes['model.shop.from_source'].columns)).toEqual(['key']);
    const made = makeProject({
      ...files,
      'models/from_source.sql': "select id, max(amount) from {{ ref('raw') }} group by 1",
    });
    expect(made.upsql('build', '-s', 'raw', 'from_source').code).toBe(0);
    made.upsql('lineage', '-q');
    expect(made.artifact('lineage.json').nodes['model.shop.from_source'].columns).toEqual({
      id: { kind: 'passthrough', sources: [{ relation: 'seed.shop.raw', column: 'id' }] },
      'max(amount)': { kind: 'aggregated', sources: [{ relation: 'seed.shop.raw', column: 'amount' }] },
    });
  });

  it('says of a model that does not compile or is not understood what is wrong, and goes on', () => {
    const project = makeProject({
      ...files,
      'models/bad.sql': 'select {{ nope() }}',
      'models/odd.sql': 'select id from raw order wrongly',
    });
    project.upsql('seed');
    const ran = project.upsql('lineage');
    expect(ran.code).toBe(0);
    expect(ran.text).toMatch(/bad: .*did not compile/);
    expect(ran.text).toMatch(/odd: .*not understood/);
    expect(project.upsql('lineage', '--column', 'mart.total', '-q').stdout).toContain('stg.amount');
  });

  it('writes a picture that stands alone, with text escaped', () => {
    const project = makeProject({
      ...files,
      'models/stg.sql': `select id, name as label, amount, 1 as "<b>" from {{ ref('raw') }}`,
    });
    project.upsql('seed');
    const ran = project.upsql('lineage', '-s', 'stg', '--output', 'html', '--out', 'look.html');
    expect(ran.code).toBe(0);
    const page = project.read('look.html');
    expect(page).toContain('<svg');
    expect(page).not.toMatch(/(src|href)=/);
    expect(page).not.toContain('<b>');
    expect(page.match(/class="line"/g)?.length).toBeGreaterThanOrEqual(6);
  });

  it.each([
    ['mart.totl', /no column 'totl'[\s\S]*Did you mean 'total'/],
    ['mrt.total', /no model.*'mrt'[\s\S]*Did you mean 'mart'/],
    ['mart', /--column needs a model and a column/],
  ])('--column %s is answered with a hint', (column, message) => {
    const project = makeProject(files);
    const ran = project.upsql('lineage', '--column', column);
    expect(ran.code).toBe(2);
    expect(ran.text).toMatch(message);
  });
});
