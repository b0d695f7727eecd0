import { beforeAll, describe, expect, it } from 'vitest';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { foreignKeyContract } from './foreign-key-contract.js';
import { makeProject, type Ran, type TestProject } from './test-project.js';

beforeAll(compileBin);

const PARENTS = "{{ config(materialized='table') }} select range::int as id from range(3)";
const CHILDREN = "{{ config(materialized='table') }} select id, id as parent_id from {{ ref('parents') }}";

const withKey = (key: string): TestProject =>
  makeProject({
    'models/parents.sql': PARENTS,
    'models/children.sql': CHILDREN,
    'models/s.yml': foreignKeyContract(key),
  });

function ok(ran: Ran): Ran {
  if (ran.code !== 0) throw new Error(ran.text);
  return ran;
}

/** `schema.table` of all that have a foreign key, without the keys of versions. */
const keys = async (project: TestProject): Promise<string[]> =>
  (
    await project.rows(
      "select schema_name || '.' || table_name from duckdb_constraints() where constraint_type = 'FOREIGN KEY' order by all",
    )
  ).map(([name]) => String(name).replace(/__[0-9a-f]{10}/, ''));
const children = (project: TestProject) => project.rows('select id from main.children order by all');

describe('foreign keys of contracts on DuckDB, which has none from one schema to another', () => {
  it('are of the versions where both are built, and a promotion replaces tables that they point at', async () => {
    const project = withKey("to: ref('parents'), to_columns: [id]");
    ok(project.upsql('build'));
    project.write('models/parents.sql', PARENTS.replace('3', '4'));
    expect(ok(project.upsql('build', '--env', 'dev_x')).text).not.toContain('without its foreign key');
    expect(await keys(project)).toEqual(['main.children', 'main__upsql.children']);
    ok(project.upsql('env', 'promote', 'dev_x'));
    expect(await children(project)).toEqual([[0], [1], [2], [3]]);
    // What is put aside holds on to nothing.
    expect(await keys(project)).toEqual(['main__upsql.children']);
    ok(project.upsql('build'));
    ok(project.upsql('env', 'drop', 'dev_x'));
    ok(project.upsql('env', 'prune'));
    expect(await keys(project)).toEqual(['main__upsql.children']);
    expect(await children(project)).toEqual([[0], [1], [2], [3]]);
  });

  it('are left out with a warning where only one is built, and production can be built afterwards', async () => {
    const project = withKey("to: ref('parents'), to_columns: [id]");
    ok(project.upsql('build'));
    project.write('models/children.sql', `${CHILDREN} where id > 0`);
    const ran = ok(project.upsql('build', '--env', 'dev_x'));
    expect(ran.text).toContain('children is built without its foreign key to parents');
    ok(project.upsql('env', 'promote', 'dev_x'));
    expect(await children(project)).toEqual([[1], [2]]);
    expect(await keys(project)).toEqual([]);
    ok(project.upsql('build', '--full-refresh'));
    // As before the promotion, once the two are of one kind again.
    project.write('models/parents.sql', PARENTS.replace('3', '5'));
    ok(project.upsql('build', '--env', 'dev_x'));
    ok(project.upsql('env', 'promote', 'dev_x'));
    expect(await children(project)).toEqual([[1], [2], [3], [4]]);
    expect(await keys(project)).toEqual(['main__upsql.children']);
  });

  it('that are written as SQL refuse a promotion without the table that has them', async () => {
    const project = withKey("expression: 'parents (id)'");
    project.write(
      'models/children.sql',
      "{{ config(materialized='table') }}\n-- depends_on: {{ ref('parents') }}\nselect 1 as id, 1 as parent_id",
    );
    ok(project.upsql('build'));
    project.write('models/parents.sql', PARENTS.replace('3', '4'));
    const ran = ok(project.upsql('build', '--env', 'dev_x'));
    expect(ran.text).toContain('children is built without its foreign key to another table');
    await project.rows('create table main.apart (id int references main.parents (id))');
    const refused = project.upsql('env', 'promote', 'dev_x');
    expect([refused.code, refused.text]).toEqual([1, expect.stringContaining('a foreign key of apart points at it')]);
    expect(await project.rows('select count(*)::int from main.parents')).toEqual([[3]]);
    await project.rows('drop table main.apart');
    ok(project.upsql('env', 'promote', 'dev_x'));
    expect(await project.rows('select count(*)::int from main.parents')).toEqual([[4]]);
  });
});
