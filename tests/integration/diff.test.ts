import { beforeAll, describe, expect, it } from 'vitest';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { makeProject, type TestProject } from './test-project.js';

beforeAll(compileBin);

const profiles = (prod: string) => `shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: shop.duckdb, threads: 4}
    prod: {type: duckdb, ${prod}}
`;
const SAME_FILE = profiles('path: shop.duckdb, schema: prod');
const OWN_FILE = profiles('path: prod.duckdb');
/** The same database name in another folder: views there can't be read by attaching. */
const SAME_NAME = profiles('path: prod/shop.duckdb');

const users = `select * from (values (1, 'a', 1.5::double, 10), (2, 'b', 2.5::double, 20), (3, 'c', 3.5::double, 30)) as t(id, name, score, age)`;
const changed = `select * from (values (1, 'a', 1.5::double, '10'), (2, 'B', 2.5000001::double, '20'), (4, 'd', 4.5::double, '40')) as t(id, name, score, age)`;

const config = (more: string) => `{{ config(${more}) }}\n`;

/** A project whose production has `users` and whose dev has `changed`. */
function twoBuilds(profile: string, materialized = 'table', more = ''): TestProject {
  const head = config(`materialized='${materialized}'${more}`);
  const project = makeProject({ 'profiles.yml': profile, 'models/users.sql': head + users, 'prod/keep.txt': '' });
  expect(project.upsql('build', '-t', 'prod').text).toContain('ERROR=0');
  project.write('models/users.sql', head + changed.replace("'a', 1.5", "'a', 1.5"));
  expect(project.upsql('build').code).toBe(0);
  return project;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into by path
function diffJson(project: TestProject, ...args: string[]): { code: number | null; relations: any[] } {
  const ran = project.upsql('diff', '--left', 'prod', '--output', 'json', ...args);
  if (ran.code === 2) throw new Error(ran.text);
  return { code: ran.code, ...JSON.parse(ran.stdout) };
}

const EXPECTED = {
  status: 'different',
  key: ['id'],
  rows: { left: 3, right: 3, added: 1, removed: 1, changed: 1 },
  added: [{ values: ['4'] }],
  removed: [{ values: ['3'] }],
};

describe('upsql diff', () => {
  it.each([
    ['two schemas of one file', SAME_FILE, 'table'],
    ['two files', OWN_FILE, 'table'],
    ['views in two files', OWN_FILE, 'view'],
    ['two files of one name', SAME_NAME, 'table'],
    ['views in two files of one name, merged row by row', SAME_NAME, 'view'],
  ])('counts and shows what differs in %s', (_, profile, materialized) => {
    const { code, relations } = diffJson(twoBuilds(profile, materialized), '--key', 'id');
    expect(code).toBe(1);
    expect(relations).toHaveLength(1);
    expect(relations[0]).toMatchObject(EXPECTED);
    const columns = Object.fromEntries(relations[0].columns.map((column: { name: string }) => [column.name, column]));
    expect(columns.name).toMatchObject({ different: 1, samples: [{ key: ['2'], left: 'b', right: 'B' }] });
    expect(columns.score.different).toBe(1);
    expect(columns.age).toMatchObject({ left: 'INTEGER', right: 'VARCHAR', different: 0 });
  });

  it.each([SAME_FILE, SAME_NAME])('lets floats differ within --tolerance', (profile) => {
    const project = twoBuilds(profile, 'view');
    const { relations } = diffJson(project, '--key', 'id', '--tolerance', '0.000001');
    expect(relations[0].columns.find((column: { name: string }) => column.name === 'score').different).toBe(0);
  });

  it('takes the key from unique_key, and from unique and not_null tests', () => {
    const project = twoBuilds(SAME_FILE, 'incremental', ", unique_key='id', full_refresh=true");
    expect(diffJson(project).relations[0]).toMatchObject(EXPECTED);
    const tested = twoBuilds(SAME_FILE);
    tested.write('models/s.yml', 'models: [{name: users, columns: [{name: id, data_tests: [unique, not_null]}]}]\n');
    expect(diffJson(tested).relations[0]).toMatchObject(EXPECTED);
  });

  it.each([SAME_FILE, SAME_NAME])('compares whole rows, repeated ones included, without a key', (profile) => {
    const left = "select unnest(['a', 'a', 'b', null]) as x";
    const project = makeProject({ 'profiles.yml': profile, 'models/t.sql': left, 'prod/keep.txt': '' });
    project.upsql('build', '-t', 'prod');
    project.write('models/t.sql', "select unnest(['a', 'b', 'b', null]) as x");
    project.upsql('build');
    const { code, relations } = diffJson(project);
    expect(code).toBe(1);
    expect(relations[0]).toMatchObject({
      key: [],
      rows: { left: 4, right: 4, added: 1, removed: 1, changed: null },
      added: [{ values: ['b'] }],
      removed: [{ values: ['a'] }],
    });
    expect(relations[0].note).toMatch(/--key/);
  });

  it.each([SAME_FILE, SAME_NAME])('says that a key is not unique, and goes on without it', (profile) => {
    const project = makeProject({
      'profiles.yml': profile,
      'models/t.sql': 'select 1 as id from range(2)',
      'prod/keep.txt': '',
    });
    project.upsql('build', '-t', 'prod');
    project.upsql('build');
    const { code, relations } = diffJson(project, '--key', 'id');
    expect(code).toBe(0);
    expect(relations[0]).toMatchObject({ status: 'same', key: [], rows: { left: 2, right: 2, added: 0, removed: 0 } });
    expect(relations[0].note).toMatch(/not unique/);
  });

  it('ends with 0 when all is the same, and reads the relations of an earlier manifest', () => {
    const project = makeProject({ 'profiles.yml': SAME_FILE, 'models/users.sql': users });
    project.upsql('build', '-t', 'prod', '--target-path', 'old');
    project.upsql('build');
    const ran = project.upsql('diff', '--left', 'old', '--key', 'id');
    expect(ran.text).toMatch(/users +\| same +\| +3 +\| +3/);
    expect(ran.code).toBe(0);
    expect(project.upsql('diff', '--state', 'old').code).toBe(0);
  });

  it('compares with a schema, and tells of a relation that is not there', async () => {
    const project = twoBuilds(SAME_FILE);
    project.write('models/more.sql', 'select 1 as x');
    project.upsql('build', '-s', 'more');
    const ran = project.upsql('diff', '--left', 'PROD', '--key', 'id');
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/more +\| missing/);
    expect(ran.stdout).toContain('not built in PROD');
    expect(ran.stdout).toContain('age is INTEGER in PROD, VARCHAR in dev');
    expect(ran.stdout).toMatch(/name: 1 of 2 \(50\.0 %\) differ/);
  });

  it.each([
    [['--left', 'prd'], /'prd' is no target[\s\S]*Did you mean 'prod'/],
    [[], /diff needs --left/],
    [['--left', 'prod', '--tolerance', '-1'], /--tolerance needs a number/],
  ])('answers %j with what to do', (args, message) => {
    const project = makeProject({ 'profiles.yml': SAME_FILE, 'models/users.sql': users });
    project.upsql('build', '-t', 'prod');
    const ran = project.upsql('diff', ...args);
    expect(ran.code).toBe(2);
    expect(ran.text).toMatch(message);
  });
});
