import { beforeAll, describe, expect, it } from 'vitest';
import { compileBin, upsql } from '../unit/cli/compiled-bin.js';
import { makeProject, type Ran, type TestProject } from './test-project.js';

const files = {
  'seeds/raw.csv': 'id,name,amount\n1,a,10\n2,b,20\n',
  'models/stg.sql': "select id, name, amount from {{ ref('raw') }}",
  'models/mart.sql':
    "{{ config(materialized='table', unique_key='name') }} select name, sum(amount)::int as total from {{ ref('stg') }} group by name",
  'models/same.sql': "{{ config(materialized='table') }} select count(*) as n from {{ ref('stg') }}",
  'models/apart.sql': 'select 1 as n',
  'models/s.yml': 'models: [{name: mart, columns: [{name: total, data_tests: [not_null]}]}]\n',
  'snapshots/s.yml':
    'snapshots: [{name: snap, relation: ref("raw"), config: {unique_key: id, strategy: check, check_cols: all}}]\n',
};
const DOUBLED = files['models/stg.sql'].replace('amount', 'amount * 2 as amount');

function ok(ran: Ran): Ran {
  if (ran.code !== 0) throw new Error(ran.text);
  return ran;
}

const parsed = (ran: Ran) => JSON.parse(ran.stdout);

describe('what an environment shows', () => {
  let project: TestProject;
  beforeAll(async () => {
    await compileBin();
    project = makeProject(files);
    ok(project.upsql('build'));
    project.write('models/stg.sql', DOUBLED);
    project.write('models/extra.sql', "select name from {{ ref('mart') }}");
    ok(project.upsql('build', '--env', 'dev_x'));
    project.write('models/stg.sql', DOUBLED.replace('2', '3'));
    ok(project.upsql('build', '--env', 'dev_y'));
  });

  it('is where ls and docs say the nodes are, and nothing is changed by asking', () => {
    const keys = ['--output', 'json', '--output-keys', 'name', 'schema', '-s', 'mart', 'apart', '-q'];
    const placed = ok(project.upsql('ls', '--env', 'dev_x', '--resource-type', 'model', ...keys)).stdout;
    expect(
      placed
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { name: 'apart', schema: 'main__dev_x' },
      { name: 'mart', schema: 'main__dev_x' },
    ]);
    expect(ok(project.upsql('ls', '--resource-type', 'model', ...keys)).stdout).not.toContain('dev_x');
    ok(project.upsql('docs', 'generate', '--env', 'dev_x'));
    const { mart, extra } = Object.fromEntries(
      Object.entries(project.artifact('catalog.json').nodes).map(([id, node]) => [id.split('.')[2], node]),
    ) as Record<string, { metadata: { schema: string; type: string }; columns: object }>;
    expect(mart).toMatchObject({ metadata: { schema: 'main__dev_x', type: 'VIEW' } });
    expect(Object.keys(extra?.columns ?? {})).toEqual(['name']);
    expect(project.artifact('manifest.json').nodes['model.shop.mart'].relation_name).toContain('main__dev_x');
    const unknown = upsql(project.dir, ['ls', '-q'], { HOME: project.dir, UPSQL_ENV: 'dev_z' });
    expect(unknown.stdout).toBe(ok(project.upsql('ls', '-q')).stdout);
  });

  it('is a side of a comparison as env:NAME, of two environments too', () => {
    const sides = (left: string, right?: string) => {
      const more = right === undefined ? [] : ['--right', right];
      const ran = project.upsql('diff', '--left', left, ...more, '-s', 'mart', 'apart', '--output', 'json', '-q');
      const { left: a, right: b, relations } = parsed(ran);
      return [ran.code, a, b, ...relations.map((one: { name: string; status: string }) => `${one.name} ${one.status}`)];
    };
    expect(sides('env:dev_x', 'env:dev_y')).toEqual([1, 'dev_x', 'dev_y', 'apart same', 'mart different']);
    expect(sides('env:dev_x')).toEqual([1, 'dev_x', 'dev', 'apart same', 'mart different']);
    expect(sides('dev', 'env:dev_y')).toEqual([1, 'dev', 'dev_y', 'apart same', 'mart different']);
    expect(sides('env:dev_y', 'env:dev_y')).toEqual([0, 'dev_y', 'dev_y', 'apart same', 'mart same']);
    for (const [left, message] of [
      ['env:dev_z', "There is no environment 'dev_z'"],
      ['env:', "'' can't be the name of an environment"],
      ['env:Dev X;--', "'Dev X;--' can't be the name of an environment"],
    ] as const) {
      const ran = project.upsql('diff', '--left', left, '-s', 'mart');
      expect([ran.code, ran.text]).toEqual([2, expect.stringContaining(message)]);
    }
  });

  it('is what env diff compares with what promoting would replace, also where that would be refused', async () => {
    project.write('models/stg.sql', DOUBLED);
    const { code, stdout } = project.upsql('env', 'diff', 'dev_x', '-q');
    expect(code).toBe(1);
    expect(stdout).toContain('Promoting dev_x would change 4 relations of production');
    expect(stdout).toMatch(/\| mart +\| different \| +2 \| +2 \| +0 \| +0 \| +2 \|/);
    expect(stdout).toMatch(/\| extra +\| missing /);
    expect(stdout).toContain('The same rows and columns: same');
    const asked = project.upsql('env', 'diff', 'dev_x', '--output', 'json', '-q');
    const { relations, ...rest } = parsed(asked);
    const nodes = ['extra', 'mart', 'same', 'stg'].map((name) => `model.shop.${name}`);
    expect(rest).toMatchObject({ environment: 'dev_x', ready: true, refused: [], nodes, left: [], older: [] });
    expect(relations.map((one: { status: string }) => one.status)).toEqual([
      'missing',
      'different',
      'same',
      'different',
    ]);

    await project.rows(`update main__upsql.state set body = replace(body, '"failed":[]', '"failed":["test.shop.t.1"]')
      where kind = 'environment' and name = 'dev_x'`);
    const refused = project.upsql('env', 'diff', 'dev_x', '-q');
    expect(refused.stdout).toContain("dev_x can't be promoted: tests that fail: t.1");
    expect(project.upsql('env', 'promote', 'dev_x').code).toBe(1);
    await project.rows(
      `update main__upsql.state set body = replace(body, '"failed":["test.shop.t.1"]', '"failed":[]')`,
    );

    ok(project.upsql('env', 'promote', 'dev_x'));
    const after = ok(project.upsql('env', 'diff', 'dev_x', '-q'));
    expect(after.stdout.trim()).toBe('Nothing to promote: production shows what dev_x has');
    // The other one was built against what production was before.
    expect(project.upsql('env', 'diff', 'dev_y', '-q').stdout).toContain('production has changed since it was built');
    expect(project.upsql('env', 'diff', 'nope').text).toContain('There are: dev_x, dev_y.');
    expect(project.upsql('env', 'diff').text).toContain('<environment> is missing');
  });
});
