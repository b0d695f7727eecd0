import { describe, expect, it } from 'vitest';
import { parseFiles } from '../../compat/parse.js';

const one = 'select 1 as id';
const said = async (files: Readonly<Record<string, string>>) =>
  (await parseFiles({ 'models/a.sql': one, 'seeds/s.csv': 'id\n1\n', 'tests/t.sql': one, ...files })).said;

/** Each but the last is what dbt-core 1.11 refuses. */
describe('properties that are given twice', () => {
  const owner = 'owner: {name: ann}';
  it.each([
    ['models', '{name: a}', "model 'a'"],
    ['seeds', '{name: s}', "seed 's'"],
    ['data_tests', '{name: t}', "test 't'"],
    ['macros', '{name: m}', "macro 'm'"],
    ['sources', '{name: raw, tables: [{name: t}]}', "source 'raw.t'"],
    ['exposures', `{name: e, type: dashboard, ${owner}}`, "exposure 'e'"],
    ['groups', `{name: g, ${owner}}`, "group 'g'"],
  ])('in %s', async (section, entry, what) => {
    const macros = { 'macros/m.sql': '{% macro m() %}{% endmacro %}' };
    const yaml = `${section}:\n  - ${entry}\n`;
    expect(await said({ ...macros, 'models/x.yml': `${yaml}  - ${entry}\n` })).toEqual([
      expect.stringMatching(
        `^duplicate-properties models/x.yml:3:\\d+ There are two entries for ${what}: in models/x.yml\\.`,
      ),
    ]);
    expect(await said({ ...macros, 'models/x.yml': yaml, 'models/y.yml': yaml })).toEqual([
      expect.stringMatching(
        `^duplicate-properties models/y.yml:2:\\d+ There are two entries for ${what}: in models/x.yml and in models/y.yml\\.`,
      ),
    ]);
  });

  it('but for disabled ones', async () => {
    const yaml = 'models:\n  - name: a\n    config: {enabled: false}\n';
    expect(await said({ 'models/x.yml': yaml, 'models/y.yml': yaml })).toEqual([]);
  });
});
