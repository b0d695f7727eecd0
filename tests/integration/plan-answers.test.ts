import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileBin, upsql } from '../unit/cli/compiled-bin.js';
import { MODELS, mlProject } from './ml-project.js';
import { makeProject, type Ran, type TestProject } from './test-project.js';

beforeAll(compileBin);

const files = {
  'seeds/raw.csv': 'id,name,amount\n1,a,10\n2,b,20\n',
  'models/stg.sql': "select id, name, amount from {{ ref('raw') }}",
  'models/mart.sql':
    "{{ config(materialized='table') }}\nselect name, sum(amount)::int as total from {{ ref('stg') }} group by name",
  'models/last.sql': "select count(*) as n from {{ ref('mart') }}",
  'models/s.yml': `models:
  - {name: stg, columns: [{name: name, data_tests: [not_null]}]}
  - name: mart
    config: {contract: {enforced: true}}
    columns: [{name: name, data_type: varchar}, {name: total, data_type: integer}]
`,
  'models/e.yml': "exposures: [{name: page, type: dashboard, owner: {name: 'Ann | Bob'}, depends_on: [ref('mart')]}]\n",
};

function ok<T extends Pick<Ran, 'code'>>(ran: T): T {
  if (ran.code !== 0) throw new Error(JSON.stringify(ran));
  return ran;
}

function built(): TestProject {
  const project = makeProject(files);
  ok(project.upsql('build'));
  return project;
}

describe('a plan for a pull request', () => {
  it('says in Markdown what breaks, what is changed itself, and folds away the rest', () => {
    const project = built();
    const nothing = ok(project.upsql('plan', '--output', 'markdown', '--fail-on-breaking', '-q'));
    expect(nothing.stdout.trimEnd()).toBe('### upsql plan: 0 to build, 4 to reuse in the target dev');
    project.write('models/stg.sql', "select id, name as label, amount from {{ ref('raw') }}");
    const { code, stdout } = project.upsql('plan', '--output', 'markdown', '-q');
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual([
      '### upsql plan: 3 to build, 1 to reuse in the target dev',
      '',
      '> [!CAUTION]',
      '> One change breaks what is downstream.',
      '> - `stg`: `name` named by `mart` (model)',
      '> - `stg`: `name` named by `not_null_stg_name` (test)',
      '',
      '| node | why | columns |',
      '| --- | --- | --- |',
      '| `stg` ❌ | SQL changed (breaking) | \\- `name` VARCHAR, now `label` named by `mart`, `not_null_stg_name` |',
      '',
      '<details>',
      '<summary>2 built from it</summary>',
      '',
      '| node | why | columns |',
      '| --- | --- | --- |',
      '| `mart` | upstream changed: stg (same columns) |  |',
      '| `last` | upstream changed: mart (same columns) |  |',
      '',
      '</details>',
      '',
      'Exposures that read what changes:',
      '- `page` (Ann \\| Bob) reads `mart`',
    ]);
  });

  it('fails where a change breaks something downstream, and only there', () => {
    const project = built();
    project.write('models/stg.sql', "select id, name, amount, 1 as more from {{ ref('raw') }}");
    expect(project.upsql('plan', '--fail-on-breaking', '-q').code).toBe(0);
    project.write('models/stg.sql', "select id, name, amount::varchar as amount from {{ ref('raw') }}");
    const ran = project.upsql('plan', '--fail-on-breaking', '--json', '-q');
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout).build[0]).toMatchObject({
      impact: 'breaking',
      columns: [{ name: 'amount', change: 'type', before: 'INTEGER', after: 'VARCHAR' }],
      breaks: [{ name: 'mart', columns: ['amount'] }],
    });
  });

  it('tells what an enforced contract has against the new columns', () => {
    const project = built();
    project.write(
      'models/mart.sql',
      "{{ config(materialized='table') }}\nselect name as who, 1 as total from {{ ref('stg') }}",
    );
    const plan = ok(project.upsql('plan', '-q')).stdout;
    expect(plan).toContain('its contract does not have who: it will not build');
    expect(plan).toContain('its contract wants name: it will not build');
    expect(project.upsql('build', '-s', 'mart').code).toBe(1);
  });
});

describe('a trained model that another version takes the place of', () => {
  it('is a reason to build what scores with it, by its config or by a macro, also in an environment', () => {
    const dir = mlProject({
      'models/called.sql': "select * from ({{ ml_predict('churn', ref('features'), keep=['user_id']) }}) as p",
      'models/apart.sql': 'select 1 as n',
    });
    const run = (...args: string[]) => upsql(dir, args, { HOME: dir });
    const yaml = (trees: number) =>
      writeFileSync(join(dir, 'models/models.yml'), MODELS.replace('trees: 20', `trees: ${trees}`));
    ok(run('run', '-s', 'features', '-q'));
    ok(run('ml', 'train', 'churn', '-q'));
    yaml(3);
    ok(run('ml', 'train', 'churn', '-q'));
    yaml(20);
    ok(run('build', '-q'));
    const reasons = (...args: string[]): Record<string, string[]> => {
      const { build } = JSON.parse(ok(run('plan', '--json', '-q', ...args)).stdout) as {
        build: { name: string; reasons: { kind: string; names: string[] }[] }[];
      };
      return Object.fromEntries(
        build.map((node) => [node.name, node.reasons.map(({ kind, names }) => [kind, ...names].join(' '))]),
      );
    };
    expect(JSON.parse(readFileSync(join(dir, 'ml/churn/promoted.json'), 'utf8'))).toEqual({ version: 1 });
    expect(reasons()).toEqual({});
    ok(run('ml', 'promote', 'churn', '--model-version', '2', '-q'));
    const changed = ['models churn: version 1 → version 2'];
    expect(reasons()).toEqual({ churn_scores: changed, called: changed });
    expect(ok(run('plan', '-q')).stdout).toContain('trained model changed: churn: version 1 → version 2');
    expect(reasons('--env', 'dev_x')).toEqual({ churn_scores: changed, called: changed });
    expect(ok(run('build', '--env', 'dev_x')).stdout).toContain('2 to build, 0 built before, 3 as in production');
    const diff = JSON.parse(run('env', 'diff', 'dev_x', '--output', 'json', '-q').stdout);
    expect(diff.relations.map((one: { name: string; status: string }) => `${one.name} ${one.status}`)).toEqual([
      'called different',
      'churn_scores different',
    ]);
    // Back to the version that production scores with, nothing is to be built.
    ok(run('ml', 'promote', 'churn', '--model-version', '1', '-q'));
    expect(reasons('--env', 'dev_x')).toEqual({});
  });
});
