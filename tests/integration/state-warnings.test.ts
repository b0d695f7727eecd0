import { beforeAll, describe, expect, it } from 'vitest';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { makeProject, statusesOf } from './test-project.js';

beforeAll(compileBin);

const files = {
  'models/a.sql': "{% do print('printed') %}{% do log('logged', info=true) %}select 1 as id union all select 1",
  'models/s.yml':
    'models:\n  - name: a\n    columns: [{name: id, data_tests: [{unique: {config: {severity: warn}}}]}]\n',
  'macros/m.sql': "{% macro warns() %}{% do exceptions.warn('take care') %}{% endmacro %}",
};

describe('--warn-error-options', () => {
  it('raises, keeps and silences warnings by dbt’s names and by our codes', () => {
    const project = makeProject(files);
    const build = (options: string) => project.upsql('build', '--warn-error-options', options);
    expect(build('{error: [LogTestResult]}').code).toBe(1);
    expect(statusesOf(project)).toMatchObject({ unique_a_id: 'fail' });
    expect(build('{error: all, warn: [LogTestResult]}').code).toBe(0);
    expect(statusesOf(project)).toMatchObject({ unique_a_id: 'warn' });
    expect(project.artifact('run_results.json').args.warn_error_options).toEqual({
      error: 'all',
      warn: ['LogTestResult'],
      silence: [],
    });
    const list = (options: string) => project.upsql('ls', '-s', 'nope', '--warn-error-options', options);
    expect(list('{include: [NoNodesForSelectionCriteria]}').code).toBe(2);
    expect(list('{error: [nothing-selected]}').code).toBe(2);
    expect(list('{error: all, silence: [NoNodesForSelectionCriteria]}')).toMatchObject({ code: 0 });
    expect(list('{silence: [NoNodesForSelectionCriteria]}').text).not.toContain('matches nothing');
    expect(project.upsql('ls', '-s', 'nope').text).toContain('matches nothing');
    const operation = (options: string) => project.upsql('run-operation', 'warns', '--warn-error-options', options);
    expect(operation('{error: [JinjaLogWarning]}').code).not.toBe(0);
    expect(operation('{silence: [JinjaLogWarning]}').text).not.toContain('take care');
  });

  it('are read from the flags of the project, and refused when wrong', () => {
    const project = makeProject({
      ...files,
      'dbt_project.yml':
        'name: shop\nversion: "1.0"\nprofile: shop\nflags: {warn_error_options: {error: [LogTestResult]}}\n',
    });
    expect(project.upsql('build').code).toBe(1);
    expect(project.upsql('build', '--warn-error-options', '{}').code).toBe(0);
    for (const [options, text] of [
      ['{errors: all}', "it has no 'errors'"],
      ['{error: [LogTestResul]}', "Did you mean 'LogTestResult'?"],
      ['{error: some}', "'error' is no list of names"],
      ['{warn: [LogTestResult]}', 'so it needs error: all'],
      ['{error: all, include: all}', 'are the same'],
    ] as const) {
      const ran = project.upsql('ls', '--warn-error-options', options);
      expect(ran.code, options).toBe(2);
      expect(ran.text).toContain(text);
    }
    expect(project.upsql('ls', '--warn-error', '--warn-error-options', '{error: all}').text).toContain(
      'Give one of the two',
    );
  });
});

describe('output flags', () => {
  it('--no-print keeps print() quiet and log() as it was', () => {
    const project = makeProject(files);
    expect(project.upsql('run').text).toMatch(/ {2}printed\n[\s\S]* {2}logged\n/);
    // A project of its own: what parsing said is kept with the parsed files.
    const quiet = makeProject(files).upsql('run', '--no-print').text;
    expect(quiet).not.toContain('printed');
    expect(quiet).toContain('logged');
  });

  it('--printer-width sets how far the dots go', () => {
    const project = makeProject(files);
    const width = (text: string): number => /\d\d {2}(1 of 1 START .* \.+) \[RUN\]/.exec(text)?.[1]?.length ?? 0;
    expect(width(project.upsql('run', '--printer-width', '120').text)).toBe(120);
    expect(width(project.upsql('run').text)).toBe(80);
  });

  it('--log-format json has the fields of dbt’s structured log in every line', () => {
    const project = makeProject(files);
    const lines = project
      .upsql('build', '--log-format', 'json')
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const { data, info } of lines) {
      expect(Object.keys(info).sort()).toEqual([
        'category',
        'code',
        'extra',
        'invocation_id',
        'level',
        'msg',
        'name',
        'pid',
        'thread',
        'ts',
      ]);
      expect(typeof data).toBe('object');
    }
    const ended = lines.find(({ info }) => info.name === 'LogModelResult');
    expect(ended.data.node_info).toMatchObject({
      node_name: 'a',
      node_status: 'success',
      resource_type: 'model',
      unique_id: 'model.shop.a',
    });
    expect(lines.map(({ info }) => info.name)).toEqual(
      expect.arrayContaining(['MainReportVersion', 'LogStartLine', 'LogTestResult', 'EndOfRunSummary', 'StatsLine']),
    );
  });
});
