import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileBin, upsql } from '../unit/cli/compiled-bin.js';
import { makeProject } from './test-project.js';

beforeAll(compileBin);

const files = {
  'models/a.sql': 'select 1 as id union all select 1',
  'models/b.sql': "select nope\nfrom {{ ref('a') }}",
  'models/c.sql': "select * from {{ ref('b') }}",
  'models/s.yml':
    'models:\n  - name: a\n    columns: [{name: id, data_tests: [unique, {not_null: {config: {severity: warn}}}]}]\n',
};

describe('--report junit=FILE', () => {
  it('writes the run as XML that parsers take, also of a retry and of freshness', () => {
    const project = makeProject(files);
    expect(project.upsql('run', '--report', 'junit=ci/run.xml').code).toBe(1);
    const xml = project.read('ci/run.xml');
    expect(xml).toContain('<testsuites name="upsql run" tests="3" failures="0" errors="1" skipped="1"');
    expect(xml).toContain('<skipped message="because of model.shop.b"/>');
    expect(xml).toMatch(/<error message="[^"]*nope[^"]*" type="error">/);
    expect(project.upsql('retry', '--report', 'junit=ci/retry.xml').code).toBe(1);
    expect(project.read('ci/retry.xml')).toContain('<testsuites name="upsql run" tests="2"');
    project.write(
      'models/src.yml',
      'sources: [{name: s, schema: main, tables: [{name: a, config: {loaded_at_field: id, freshness: {warn_after: {count: 1, period: day}}}}]}]\n',
    );
    project.upsql('source', 'freshness', '--report', 'junit=ci/age.xml');
    expect(project.read('ci/age.xml')).toContain(
      '<testsuite name="source freshness" tests="1" failures="0" errors="1"',
    );
    const parser = spawnSync(
      'python3',
      [
        '-c',
        'import sys, xml.dom.minidom as m; [m.parse(f) for f in sys.argv[1:]]',
        'ci/run.xml',
        'ci/retry.xml',
        'ci/age.xml',
      ],
      { cwd: project.dir },
    );
    // Where there is no Python the unit test's parser has to do.
    if (parser.error === undefined) expect(String(parser.stderr)).toBe('');
  });

  it('refuses another form', () => {
    const project = makeProject(files);
    for (const word of ['html=x', 'junit', 'junit=']) {
      const ran = project.upsql('run', '--report', word);
      expect(ran.code, word).toBe(2);
      expect(ran.text).toContain("--report can't be read");
    }
  });
});

describe('in GitHub Actions', () => {
  const annotated = (dir: string, args: readonly string[], env: Record<string, string> = {}): string[] => {
    const ran = upsql(dir, args, { HOME: dir, GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: dir, CI: 'true', ...env });
    return (ran.stdout + ran.stderr).split('\n').filter((line) => line.startsWith('::'));
  };

  it('failures and warnings are annotations at the lines of their files', () => {
    const project = makeProject(files);
    const lines = annotated(project.dir, ['build']);
    expect(lines.find((line) => line.includes('model b'))).toBeUndefined();
    const [unique] = lines;
    expect(unique).toMatch(
      /^::error file=models\/s\.yml,line=\d+,col=1,title=upsql%3A data test unique_a_id::unique_a_id: Got 1 result, configured to fail if != 0%0AHint: /,
    );
    const run = annotated(project.dir, ['run']);
    expect(run).toHaveLength(1);
    expect(run[0]).toMatch(/^::error file=models\/b\.sql,line=1,col=8,title=upsql%3A model b::.*nope/);
  });

  it('so are mistakes in the project; paths are those of the checkout', () => {
    const project = makeProject(Object.fromEntries(Object.entries(files).map(([file, text]) => [`sub/${file}`, text])));
    for (const name of ['dbt_project.yml', 'profiles.yml']) project.write(`sub/${name}`, project.read(name));
    project.write('sub/models/s.yml', 'models:\n  - name: a\n    columns: {no: list}\n');
    const lines = annotated(project.dir, ['parse', '--project-dir', 'sub', '--profiles-dir', 'sub']);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines[0]).toMatch(/^::(error|warning) file=sub\/models\/s\.yml,line=3,col=\d+/);
  });

  it('there is none elsewhere', () => {
    const project = makeProject(files);
    expect(annotated(project.dir, ['run'], { GITHUB_ACTIONS: '' })).toEqual([]);
    expect(annotated(project.dir, ['run', '--log-format', 'json'])).toEqual([]);
  });
});
