import { beforeAll, describe, expect, it } from 'vitest';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { makeProject, type TestProject } from './test-project.js';

beforeAll(compileBin);

const PROFILES = `shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: shop.duckdb, threads: 4}
    other: {type: duckdb, path: other.duckdb, threads: 4}
    read: {type: duckdb, path: shop.duckdb, config_options: {access_mode: read_only}}
`;
const MART = "{{ config(materialized='table') }} select n from {{ ref('stg') }}";

function built(): TestProject {
  const project = makeProject({ 'profiles.yml': PROFILES, 'models/stg.sql': 'select 1 as n', 'models/mart.sql': MART });
  expect(project.upsql('build').code).toBe(0);
  return project;
}

/** `code: message` of the error that a command ends with, and its exit code. */
function refusal(project: TestProject, ...args: string[]): string {
  const { code, text } = project.upsql(...args);
  const [, found, message] = /error\[([\w-]+)\]: (.*)/.exec(text) ?? [];
  return `${code} ${found}: ${message}`;
}

describe('environments', () => {
  it('refuse names that could be something else, before anything is done', async () => {
    const project = built();
    for (const name of ['', 'dev-X', 'ünï', "x'; drop table y", 'x'.repeat(41)])
      expect(refusal(project, 'build', '--env', name)).toBe(
        `2 invalid-environment: '${name}' can't be the name of an environment`,
      );
    expect(refusal(project, 'build', '--env', 'prod')).toBe("2 invalid-environment: The name 'prod' is taken");
    expect(
      await project.rows("select count(*)::int from duckdb_schemas() where schema_name like 'main\\_\\_%' escape '\\'"),
    ).toEqual([[0]]);
  });

  it('are told of where there is none of that name, by every command that reads one', () => {
    const project = built();
    for (const args of [
      ['show', '-s', 'mart', '--env'],
      ['test', '--env'],
      ['compile', '--env'],
      ['ls', '--env'],
      ['docs', 'generate', '--env'],
      ['diff', '-s', 'mart', '--env'],
      ['env', 'diff'],
      ['env', 'promote'],
      ['env', 'drop'],
    ])
      expect([args, refusal(project, ...args, 'dev_x')]).toEqual([
        args,
        "2 unknown-environment: There is no environment 'dev_x'",
      ]);
  });

  it('of the same name on two targets know nothing of each other', async () => {
    const project = built();
    expect(project.upsql('build', '-t', 'other').code).toBe(0);
    project.write('models/mart.sql', `${MART} where n > 0`);
    expect(project.upsql('build', '--env', 'dev_x').code).toBe(0);
    expect(refusal(project, 'env', 'promote', 'dev_x', '-t', 'other')).toContain('unknown-environment');
    project.write('models/mart.sql', MART);
    expect(project.upsql('build', '--env', 'dev_x', '-t', 'other').text).toContain('2 as in production');
    expect(project.upsql('env', 'promote', 'dev_x', '-t', 'other').stdout).toContain('Nothing to promote');
    const own = JSON.parse(project.upsql('env', 'list', '--output', 'json', '-q').stdout);
    expect(own).toMatchObject([{ name: 'dev_x', own: 1, shared: 1 }]);
    const [[type]] = (await project.rows(
      "select table_type from information_schema.tables where table_schema = 'main' and table_name = 'mart'",
    )) as [[string]];
    expect(type).toBe('BASE TABLE');
  });

  it('can be read, and not changed, by who may only read', () => {
    const project = built();
    project.write('models/mart.sql', `${MART} where n > 0`);
    // Nobody has built one yet.
    expect(refusal(project, 'build', '--env', 'dev_x', '-t', 'read')).toMatch(
      /^1 environment-refused: The warehouse refuses what environments need/,
    );
    // This target's own record of what was built where is empty.
    expect(project.upsql('plan', '--env', 'dev_x', '-t', 'read', '-q').stdout).toContain(
      'built before, but not known from what',
    );
    expect(project.upsql('build', '--env', 'dev_x').code).toBe(0);
    for (const args of [
      ['build', '--env', 'dev_x'],
      ['env', 'promote', 'dev_x'],
      ['env', 'prune'],
      ['env', 'drop', 'dev_x'],
    ])
      expect([args, refusal(project, ...args, '-t', 'read')]).toEqual([
        args,
        expect.stringMatching(/^1 environment-refused: /),
      ]);
    for (const args of [
      ['env', 'list'],
      ['show', '-s', 'mart', '--env', 'dev_x'],
      ['ls', '--env', 'dev_x'],
    ])
      expect([args, project.upsql(...args, '-t', 'read').code]).toEqual([args, 0]);
    expect(project.upsql('env', 'diff', 'dev_x', '-t', 'read', '-q').stdout).toContain(
      'Promoting dev_x would change 1 relation',
    );
  });

  it('say so where their state is damaged or lost', async () => {
    const project = built();
    project.write('models/mart.sql', `${MART} where n > 0`);
    expect(project.upsql('build', '--env', 'dev_x').code).toBe(0);
    await project.rows("update main__upsql.state set body = '{' where kind = 'environment'");
    expect(refusal(project, 'env', 'promote', 'dev_x')).toBe(
      "1 damaged-state: The state of environments can't be read (environment dev_x)",
    );
    await project.rows('drop table main__upsql.versions');
    expect(refusal(project, 'env', 'prune')).toMatch(/^1 environment-refused: .*versions/);
    await project.rows('drop schema main__upsql cascade');
    // What was lost is built again; production is as it was.
    expect(project.upsql('build', '--env', 'dev_x').text).toContain('1 to build');
  });
});

describe('an earlier manifest', () => {
  it('is refused where it is none, or of a version that is not read', () => {
    const project = built();
    const manifest = (version: string, more = '') =>
      `{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/${version}.json"}, "nodes": {}${more}}`;
    project.write('v3/manifest.json', manifest('manifest/v3'));
    project.write('v13/manifest.json', manifest('manifest/v13'));
    project.write('other/manifest.json', manifest('catalog/v1'));
    project.write('list/manifest.json', '[]');
    project.write('text/manifest.json', 'manifest');
    project.write('none/run_results.json', '{"results": []}');
    for (const [folder, message] of [
      ['v3', /v3\/manifest\.json is of another version: https:.*manifest\/v3\.json/],
      ['v13', /is of another version/],
      ['other', /is of another version/],
      ['list', /is no manifest: it has no nodes/],
      ['text', /can't be read: /],
      ['none', /no manifest/],
      ['nowhere', /is not there/],
    ] as const)
      for (const args of [['plan'], ['build', '--env', 'dev_x'], ['plan', '--env', 'dev_x']])
        expect([folder, refusal(project, ...args, '--state', folder)]).toEqual([
          folder,
          expect.stringMatching(message),
        ]);
    for (const folder of ['v3', 'text']) expect(refusal(project, 'diff', '--left', folder)).toMatch(/^2 no-state: /);
  });

  it('of an older dbt has empty sections in place of those that it lacks, and the new names', () => {
    const project = built();
    const { nodes } = project.artifact('manifest.json');
    for (const node of Object.values(nodes) as Record<string, unknown>[]) {
      node.raw_sql = node.raw_code;
      delete node.raw_code;
      delete node.language;
    }
    const metadata = { dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v4.json' };
    project.write('old/manifest.json', JSON.stringify({ metadata, nodes }));
    const ran = project.upsql('plan', '--state', 'old', '--json', '-q');
    expect([ran.code, JSON.parse(ran.stdout).build]).toEqual([0, []]);
    project.write('models/mart.sql', `${MART} where n > 0`);
    const changed = project.upsql('plan', '--state', 'old', '--json', '-q');
    expect(JSON.parse(changed.stdout).build).toMatchObject([{ name: 'mart', reasons: [{ kind: 'sql' }] }]);
  });
});
