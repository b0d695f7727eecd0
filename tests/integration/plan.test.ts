import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { makeProject, type TestProject } from './test-project.js';

beforeAll(compileBin);

const files = {
  'seeds/raw.csv': 'id,name,amount\n1,a,10\n2,b,20\n',
  'models/stg.sql': "select id, name, {{ cents('amount') }} as amount from {{ ref('raw') }}",
  'models/mart.sql':
    "{{ config(materialized='table') }}\nselect name, sum(amount) as total from {{ ref('stg') }} group by name",
  'models/wide.sql': "select * from {{ ref('stg') }}",
  'models/apart.sql': "select {{ var('n', 1) }} as n",
  'models/s.yml': 'models: [{name: stg, columns: [{name: name, data_tests: [not_null]}]}]\n',
  'macros/cents.sql': '{% macro cents(x) %}({{ x }} * 100){% endmacro %}',
};

function built(more: Readonly<Record<string, string>> = {}): TestProject {
  const project = makeProject({ ...files, ...more });
  const ran = project.upsql('build');
  if (ran.code !== 0) throw new Error(ran.text);
  return project;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into by path
function plan(project: TestProject, ...args: string[]): any {
  const ran = project.upsql('plan', '--output', 'json', ...args);
  if (ran.code !== 0) throw new Error(ran.text);
  return JSON.parse(ran.stdout);
}

// biome-ignore lint/suspicious/noExplicitAny: as above
const reasons = (answer: any): Record<string, string[]> =>
  Object.fromEntries(
    answer.build.map((node: { name: string; reasons: { kind: string; names: string[] }[] }) => [
      node.name,
      node.reasons.map(({ kind, names }) => [kind, ...names].join(' ')),
    ]),
  );

describe('what is to be built', () => {
  it('is everything at first, and nothing after a build, whatever else ran since', async () => {
    const project = makeProject(files);
    expect(reasons(plan(project))).toEqual({
      raw: ['new'],
      stg: ['new'],
      mart: ['new'],
      wide: ['new'],
      apart: ['new'],
    });
    expect(await project.rows('select count(*)::int from information_schema.tables')).toEqual([[0]]);
    expect(project.upsql('build').code).toBe(0);
    project.upsql('ls');
    project.upsql('compile');
    const after = plan(project);
    expect(after.build).toEqual([]);
    expect(after.reuse).toHaveLength(5);
    expect(project.upsql('plan').stdout).toContain('0 to build, 5 to reuse');
  });

  it('is what changed, with all that is built from it', () => {
    const project = built();
    project.write('models/stg.sql', `${files['models/stg.sql']} where id > 0`);
    expect(reasons(plan(project))).toEqual({
      stg: ['sql'],
      mart: ['upstream model.shop.stg'],
      wide: ['upstream model.shop.stg'],
    });
    // Only the first is built: the others still were built from the old one.
    expect(project.upsql('run', '-s', 'stg').code).toBe(0);
    expect(reasons(plan(project))).toEqual({ mart: ['upstream model.shop.stg'], wide: ['upstream model.shop.stg'] });
    expect(project.upsql('run', '-s', 'mart', 'wide').code).toBe(0);
    expect(plan(project).build).toEqual([]);
  });

  it.each([
    [
      'a macro',
      { 'macros/cents.sql': '{% macro cents(x) %}({{ x }} * 1000){% endmacro %}' },
      { stg: ['macros macro.shop.cents'] },
    ],
    [
      'a config',
      { 'models/apart.sql': "{{ config(materialized='table') }}select {{ var('n', 1) }} as n" },
      { apart: ['sql', 'config materialized'] },
    ],
    ['a seed', { 'seeds/raw.csv': 'id,name,amount\n1,a,10\n' }, { raw: ['data'], stg: ['upstream seed.shop.raw'] }],
    [
      'a label',
      { 'models/p.yml': 'models: [{name: apart, config: {tags: [x], meta: {a: 1}}, description: more}]' },
      {},
    ],
  ])('tells of %s that changed', (_, change: Record<string, string>, expected) => {
    const project = built();
    for (const [file, text] of Object.entries(change)) project.write(file, text);
    const found = reasons(plan(project));
    for (const [name, list] of Object.entries(expected)) expect(found[name]).toEqual(list);
    if (Object.keys(expected).length === 0) expect(found).toEqual({});
  });

  it('tells of a variable, a lost relation, a model that is gone, and builds with no rows', async () => {
    const project = built();
    expect(reasons(plan(project, '--vars', '{n: 2}'))).toEqual({ apart: ['compiled'] });
    await project.rows('drop view wide');
    expect(reasons(plan(project))).toEqual({ wide: ['missing'] });
    project.upsql('run', '-s', 'wide');
    project.upsql('run', '-s', 'mart', '--empty');
    expect(reasons(plan(project))).toEqual({ mart: ['unrecorded'] });
    project.upsql('run', '-s', 'mart');
    project.write('models/wide.sql', '{{ config(enabled=false) }} select 1 as x');
    expect(plan(project)).toMatchObject({ build: [], gone: ['model.shop.wide'] });
  });

  it('does not trust what a killed run had begun with', () => {
    const project = built();
    mkdirSync(join(project.dir, 'target/state'), { recursive: true });
    appendFileSync(join(project.dir, 'target/state/dev.running'), 'model.shop.mart\n');
    expect(reasons(plan(project))).toEqual({ mart: ['interrupted'] });
    project.upsql('run', '-s', 'mart');
    expect(plan(project).build).toEqual([]);
  });

  it('does not take white space that depends on the command for a change', () => {
    const project = built({ 'models/spaced.sql': "select 1 as x{% if flags.WHICH == 'build' %}\n\n{% endif %}" });
    expect(plan(project).build).toEqual([]);
  });

  it('takes a damaged record for none', () => {
    const project = built();
    project.write('target/state/dev.json', '{"nodes": ');
    expect(reasons(plan(project)).mart).toEqual(['unrecorded']);
  });

  it('compares with an earlier manifest, and with a selection only', () => {
    const project = built();
    project.upsql('compile', '--target-path', 'prod');
    project.write('models/mart.sql', `${files['models/mart.sql']} having sum(amount) > 0`);
    project.write('models/next.sql', "select 1 as x from {{ ref('mart') }}");
    expect(reasons(plan(project, '--state', 'prod'))).toEqual({ mart: ['sql'], next: ['new'] });
    expect(reasons(plan(project, '--state', 'prod', '-s', 'next'))).toEqual({ next: ['new'] });
    const missing = project.upsql('plan', '--state', 'models');
    expect([missing.code, missing.text]).toEqual([2, expect.stringContaining('no manifest.json')]);
  });
});

describe('what a change means downstream', () => {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const node = (answer: any, name: string): any => answer.build.find((one: { name: string }) => one.name === name);

  it('breaks what names a column that goes, also tests, and goes on through stars', () => {
    const project = built({ 'models/last.sql': "select name from {{ ref('wide') }}" });
    project.write('models/stg.sql', "select id, {{ cents('amount') }} as amount from {{ ref('raw') }}");
    const answer = plan(project);
    expect(node(answer, 'stg')).toMatchObject({
      impact: 'breaking',
      columns: [{ name: 'name', change: 'removed', before: 'VARCHAR' }],
      breaks: expect.arrayContaining([
        expect.objectContaining({ name: 'mart', columns: ['name'] }),
        expect.objectContaining({ name: 'not_null_stg_name', resource_type: 'test' }),
      ]),
    });
    expect(node(answer, 'stg').breaks).toHaveLength(2);
    expect(node(answer, 'wide')).toMatchObject({
      impact: 'breaking',
      columns: [{ name: 'name', change: 'removed' }],
      breaks: [{ name: 'last', columns: ['name'] }],
    });
  });

  it('knows a renamed column, an added one, another type and a change of rows', () => {
    const project = built();
    project.write('models/stg.sql', "select id, name as label, {{ cents('amount') }} as amount from {{ ref('raw') }}");
    expect(node(plan(project), 'stg').columns).toEqual([
      { name: 'name', change: 'renamed', before: 'VARCHAR', after: 'VARCHAR', to: 'label' },
    ]);
    project.write('models/stg.sql', `${files['models/stg.sql'].replace(' from', ', 1 as more from')}`);
    expect(node(plan(project), 'stg')).toMatchObject({
      impact: 'additive',
      columns: [{ name: 'more', change: 'added', after: 'INTEGER' }],
      breaks: [],
    });
    expect(node(plan(project), 'wide')).toMatchObject({
      impact: 'additive',
      columns: [{ name: 'more', after: 'INTEGER' }],
    });
    project.write('models/stg.sql', "select id, name, amount::varchar as amount from {{ ref('raw') }}");
    expect(node(plan(project), 'stg')).toMatchObject({
      impact: 'breaking',
      columns: [{ name: 'amount', change: 'type', after: 'VARCHAR' }],
      breaks: [{ name: 'mart' }],
    });
    project.write('models/stg.sql', `${files['models/stg.sql']} limit 1`);
    expect(node(plan(project), 'stg')).toMatchObject({ impact: 'values', columns: [] });
    project.write('models/stg.sql', files['models/stg.sql']);
    project.write('models/wide.sql', "select id from {{ ref('stg') }}");
    expect(node(plan(project), 'wide')).toMatchObject({ impact: 'risky', breaks: [] });
  });

  it('says what the warehouse has against new SQL, and that incremental tables keep their columns', () => {
    const incremental = "{{ config(materialized='incremental') }}\nselect id, name from {{ ref('raw') }}";
    const project = built({ 'models/inc.sql': incremental });
    project.write('models/inc.sql', incremental.replace(', name', ''));
    project.write('models/apart.sql', 'select nope');
    const answer = plan(project);
    expect(node(answer, 'inc').notes.join()).toMatch(/--full-refresh/);
    expect(node(answer, 'apart').notes.join()).toMatch(/nope/);
  });

  it('knows a renamed column of an incremental model, however often it is asked', () => {
    const incremental = "{{ config(materialized='incremental') }}\nselect id, name from {{ ref('raw') }}";
    const project = built({ 'models/inc.sql': incremental });
    project.upsql('run', '-s', 'inc');
    project.write('models/inc.sql', incremental.replace('name', 'name as label'));
    for (let time = 0; time < 2; time++) {
      expect(node(plan(project), 'inc').columns).toEqual([
        { name: 'name', change: 'renamed', before: 'VARCHAR', after: 'VARCHAR', to: 'label' },
      ]);
    }
  });

  it('tells of exposures that read what changes', () => {
    const project = built({
      'models/thin.sql': "{{ config(materialized='ephemeral') }} select name from {{ ref('stg') }}",
      'models/e.yml': `exposures:
  - {name: board, type: dashboard, owner: {name: Ann}, depends_on: [ref('thin'), ref('apart')]}
  - {name: calm, type: dashboard, owner: {email: bob@example.com}, depends_on: [ref('apart')]}
`,
    });
    project.write('models/stg.sql', files['models/stg.sql'].replace('id, ', ''));
    expect(plan(project).exposures).toEqual([
      { id: 'exposure.shop.board', name: 'board', owner: 'Ann', reads: ['model.shop.stg'], breaking: true },
    ]);
    expect(project.upsql('plan').stdout).toMatch(/Exposures that read what changes:\n {2}board \(Ann\) {2}reads stg/);
  });

  it('sees what a TypeScript model imports, at any remove', () => {
    const project = built({
      'models/ts.ts':
        "import { value } from '../lib/value.js';\nexport const config = { materialized: 'table' };\nexport default async () => [{ n: value }];\n",
      'lib/value.ts': "export { value } from './deep';\n",
      'lib/deep.ts': "import data from './data.json';\nexport const value = data.n;\n",
      'lib/data.json': '{"n": 7}',
      'lib/unrelated.ts': '1;',
    });
    project.write('lib/unrelated.ts', '2;');
    expect(plan(project).build).toEqual([]);
    project.write('lib/data.json', '{"n": 8}');
    expect(reasons(plan(project))).toEqual({ ts: ['sql'] });
  });

  it('is a tree to read', () => {
    const project = built();
    project.write('models/stg.sql', "select id, name as label, {{ cents('amount') }} as amount from {{ ref('raw') }}");
    const { stdout } = project.upsql('plan', '-q');
    expect(stdout.trimEnd().split('\n')).toEqual([
      '3 to build, 2 to reuse in the target dev',
      '',
      '~ stg  SQL changed  [breaking]',
      '    - name VARCHAR, now label  named by mart, not_null_stg_name',
      '  ~ mart  upstream changed: stg  [same columns]',
      '  ~ wide  upstream changed: stg  [breaking for readers outside of the project]',
      '      - name VARCHAR, now label',
      '',
      '1 of these changes break something: stg',
      '',
      'Build it with: upsql build -s stg mart wide',
    ]);
  });
});
