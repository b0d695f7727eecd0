import { beforeAll, describe, expect, it } from 'vitest';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { makeProject } from './test-project.js';

beforeAll(compileBin);

const withComment = (comment: string, files: Record<string, string> = {}) =>
  makeProject({
    'dbt_project.yml': `name: shop\nversion: "1.0"\nprofile: shop\nquery-comment: ${comment}\n`,
    'models/a.sql': 'select 1 as id',
    ...files,
  });

describe('query-comment', () => {
  it('leads every statement, rendered for its node', () => {
    const project = withComment('"by {{ named(node.unique_id) }}, {{ target.name }}"', {
      'macros/named.sql': '{% macro named(id) %}{{ return(id | upper) }}{% endmacro %}',
    });
    const ran = project.upsql('run', '--debug');
    expect(ran.code).toBe(0);
    expect(ran.text).toMatch(/On model\.shop\.a: \/\* by MODEL\.SHOP\.A, dev \*\/\n\s*create or replace view/);
  });

  it('comes after the statement with append', () => {
    const project = withComment('{comment: "seen {{ node.name }}", append: true}');
    const ran = project.upsql('run', '--debug');
    expect(ran.code).toBe(0);
    expect(ran.text).toMatch(/create or replace view[^*]*\/\* seen a \*\//);
  });

  it('stays out when it is empty or not given', () => {
    for (const project of [withComment("''"), makeProject({ 'models/a.sql': 'select 1 as id' })]) {
      const ran = project.upsql('run', '--debug');
      expect(ran.code).toBe(0);
      expect(ran.text).toMatch(/On model\.shop\.a: /);
      expect(ran.text).not.toContain('/*');
    }
  });

  it('is refused where it would end the comment', () => {
    const ran = withComment('"over */ here"').upsql('run');
    expect(ran.code).toBe(2);
    expect(ran.text).toMatch(/error\[query-comment\].*over \*\/ here/);
  });

  it('leaves the place of a failed statement as it is', () => {
    const ran = withComment('"one\\ntwo\\nthree"', { 'models/a.sql': 'select 1 as id,\n  nope as x' }).upsql('run');
    expect(ran.code).toBe(1);
    expect(ran.text).toContain('models/a.sql:2:3');
  });
});

describe('statements in the log', () => {
  it("are dbt's SQLQuery events, and in the log file too", () => {
    const project = withComment('"hello"');
    const ran = project.upsql('--log-format', 'json', '--debug', 'run');
    expect(ran.code).toBe(0);
    const events = ran.stdout
      .split('\n')
      .filter((line) => line.includes('"SQLQuery"'))
      .map((line) => JSON.parse(line));
    expect(events.length).toBeGreaterThan(0);
    const { info, data } = events[0];
    expect(info).toMatchObject({ name: 'SQLQuery', code: 'E016', level: 'debug' });
    expect(data).toMatchObject({ conn_name: 'model.shop.a', node_info: { unique_id: 'model.shop.a' } });
    expect(data.sql).toMatch(/^\/\* hello \*\/\n/);
    expect(project.read('logs/upsql.log')).toMatch(/On model\.shop\.a: \/\* hello \*\//);
  });
});
