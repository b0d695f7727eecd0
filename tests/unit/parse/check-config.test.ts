import { describe, expect, it } from 'vitest';
import { parseFiles } from '../../compat/parse.js';

const said = async (files: Readonly<Record<string, string>>) => (await parseFiles(files)).said;
const model = { 'models/x.sql': 'select 1 as a' };
const snapshot = (config: string) =>
  said({ ...model, 'snapshots/s.yml': `snapshots:\n  - {name: s, relation: ref('x'), config: {${config}}}\n` });
const test = (severity: string) =>
  said({
    ...model,
    'models/x.yml': `models:\n  - name: x\n    columns:\n      - name: a\n        data_tests:\n          - unique: {config: {severity: ${severity}}}\n`,
  });

describe('configs that nothing can run with', () => {
  it('refuses a severity that is none, at the place of the test', async () => {
    expect(await test('nonsense')).toEqual([
      'invalid-config models/x.yml:6:1 Data test \'unique_x_a\' has the severity "nonsense". | A severity is warn or error.',
    ]);
    expect(await test('Warn')).toEqual([]);
  });

  it('refuses the severity of a singular test', async () => {
    const found = await said({ 'tests/t.sql': "{{ config(severity='never') }} select 1" });
    expect(found).toEqual([
      'invalid-config tests/t.sql:1:1 Data test \'t\' has the severity "never". | A severity is warn or error.',
    ]);
  });

  it.each([
    ['unique_key: a', 'has no strategy'],
    ['strategy: check, check_cols: all', 'has no unique_key'],
    ['strategy: timestamp, unique_key: a', "has the strategy 'timestamp' without updated_at"],
    ['strategy: check, unique_key: a', "has the strategy 'check' without check_cols"],
    ['strategy: check, unique_key: a, check_cols: []', "has the strategy 'check' without check_cols"],
    ['strategy: check, unique_key: a, check_cols: a', "has the check_cols 'a'"],
    [
      'strategy: timestamp, unique_key: a, updated_at: a, check_cols: [a]',
      "has the strategy 'timestamp' and check_cols",
    ],
    ['strategy: check, unique_key: a, check_cols: all, materialized: table', "has the materialization 'table'"],
  ])('refuses a snapshot with %s', async (config, message) => {
    const found = await snapshot(config);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`invalid-config snapshots/s.yml:2:1 Snapshot 's' ${message}.`);
  });

  it.each([
    'strategy: timestamp, unique_key: a, updated_at: a',
    'strategy: check, unique_key: [a], check_cols: [a]',
    'strategy: check, unique_key: a, check_cols: all',
    'strategy: own, unique_key: a',
    'enabled: false',
  ])('takes a snapshot with %s', async (config) => {
    expect(await snapshot(config)).toEqual([]);
  });
});
