import { describe, expect, it } from 'vitest';
import { planExports } from '../../../src/cli/exports.js';
import { sampleNode } from './samples.js';

function model(name: string, meta: Record<string, unknown> = {}, materialized = 'table') {
  const node = sampleNode(name);
  return { ...node, config: { ...node.config, meta, materialized } };
}
const files = (list: ReturnType<typeof planExports>) => list.map(({ node, file, format }) => [node.name, file, format]);

describe('planExports', () => {
  it('takes the tables that name a file', () => {
    const nodes = [model('a'), model('dim_users', { export: 'merged_data.csv' }), model('b', { export: 'b.parquet' })];
    expect(files(planExports(nodes, { everything: false }))).toEqual([
      ['dim_users', 'merged_data.csv', 'csv'],
      ['b', 'b.parquet', 'parquet'],
    ]);
  });

  it('takes what is selected under its own name, in the format that is asked for', () => {
    const nodes = [model('a'), model('dim_users', { export: 'merged_data.csv' }), model('e', {}, 'ephemeral')];
    expect(files(planExports(nodes, { everything: true, format: 'json' }))).toEqual([
      ['a', 'a.json', 'json'],
      ['dim_users', 'merged_data.json', 'json'],
    ]);
  });

  it('refuses names outside the folder, unknown endings, the same name twice, and nothing at all', () => {
    const plan =
      (...names: string[]) =>
      () =>
        planExports(
          names.map((name, n) => model(`m${n}`, { export: name })),
          { everything: false },
        );
    expect(plan('../a.csv')).toThrow("m0 can't be exported to '../a.csv'");
    expect(plan('/etc/a.csv')).toThrow("can't be exported");
    expect(plan('a.xlsx')).toThrow("can't be exported");
    expect(plan('a.csv', 'a.csv')).toThrow('m0 and m1 would both be written to a.csv');
    expect(plan()).toThrow('No model names a file to export to');
  });
});
