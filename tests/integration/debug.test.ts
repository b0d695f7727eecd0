import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { makeProject, type TestProject } from './test-project.js';

beforeAll(compileBin);

const withPath = (path: string, more = ''): TestProject =>
  makeProject({
    'profiles.yml': `shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: '${path}'${more}}\n`,
  });

describe('debug on DuckDB', () => {
  it('makes neither a file nor its folder', () => {
    const project = withPath('data/deep/shop.duckdb');
    const { code, stdout } = project.upsql('debug');
    expect(code).toBe(0);
    expect(stdout).toMatch(/file: not there yet: the first run makes it/);
    expect(stdout).toContain('connection test: [OK]');
    expect(readdirSync(project.dir)).not.toContain('data');
  });

  it('says so where the file could not be made, and tests the settings all the same', () => {
    const blocked = withPath('profiles.yml/shop.duckdb').upsql('debug');
    expect(blocked.code).toBe(1);
    expect(blocked.text).toContain('profiles.yml is a file');
    const wrong = withPath('data/shop.duckdb', ', settings: {nothing_of_this_name: 1}').upsql('debug');
    expect(wrong.code).toBe(1);
    expect(wrong.text).toContain('nothing_of_this_name');
  });

  it('opens a file that is there', () => {
    const project = withPath('shop.duckdb');
    expect(project.upsql('run-operation', 'nothing').code).toBe(2);
    project.write('models/a.sql', 'select 1 as n');
    expect(project.upsql('run').code).toBe(0);
    const { code, stdout } = project.upsql('debug');
    expect(code).toBe(0);
    expect(stdout).not.toContain('not there yet');
  });
});
