import { describe, expect, it } from 'vitest';
import { parseFiles } from '../../compat/parse.js';

const said = async (files: Readonly<Record<string, string>>) => (await parseFiles(files)).said;
const one = 'select 1 as id';

describe('names and relations that two nodes have', () => {
  it('refuses two nodes that would be built over each other, naming both files', async () => {
    const found = await said({
      'models/a.sql': one,
      'models/deep/b.sql': `{{ config(alias='a') }} ${one}`,
      'models/c.sql': `{{ config(alias='a', schema='other') }} ${one}`,
    });
    expect(found).toEqual([
      'ambiguous-relation models/deep/b.sql:1:1 model \'a\' and model \'b\' are both built as "memory"."compat"."a". | They are models/a.sql and models/deep/b.sql. Give one of them another alias or schema.',
    ]);
  });

  it('refuses a seed of the name of a model, and two models of one name', async () => {
    const found = await said({
      'models/a.sql': one,
      'models/deep/a.sql': one,
      'models/b.sql': one,
      'seeds/b.csv': 'id\n1\n',
    });
    expect(found.map((text) => text.split(' ').slice(0, 2).join(' '))).toEqual([
      'duplicate-name models/deep/a.sql:1:1',
      'duplicate-name seeds/b.csv:1:1',
    ]);
  });

  it('lets packages have models of one name, the root project first', async () => {
    const { parsed, said: found } = await parseFiles({
      'packages.yml': 'packages: [{local: lib}]\n',
      'dbt_packages/lib/dbt_project.yml': 'name: lib\nversion: "1.0"\nmodels: {+schema: lib}\n',
      'dbt_packages/lib/models/a.sql': one,
      'dbt_packages/lib/models/uses.sql': "select * from {{ ref('a') }}",
      'models/a.sql': one,
    });
    expect(found).toEqual([]);
    expect(parsed.manifest.nodes['model.lib.uses']?.depends_on.nodes).toEqual(['model.shop.a']);
  });

  it('looks into the own package first where the project asks for it', async () => {
    const { parsed } = await parseFiles({
      'dbt_project.yml':
        'name: shop\nversion: "1.0"\nprofile: compat\nflags: {require_ref_searches_node_package_before_root: true}\n',
      'packages.yml': 'packages: [{local: lib}]\n',
      'dbt_packages/lib/dbt_project.yml': 'name: lib\nversion: "1.0"\nmodels: {+schema: lib}\n',
      'dbt_packages/lib/models/a.sql': one,
      'dbt_packages/lib/models/uses.sql': "select * from {{ ref('a') }}",
      'models/a.sql': one,
    });
    expect(parsed.manifest.nodes['model.lib.uses']?.depends_on.nodes).toEqual(['model.lib.a']);
  });

  it('refuses two macros of one name in a package', async () => {
    const [first] = await said({
      'macros/a.sql': '{% macro same() %}{% endmacro %}',
      'macros/b.sql': '\n{% macro same() %}{% endmacro %}',
    });
    expect(first).toMatch(/^duplicate-macro macros\/b\.sql:2:1 .*macros\/a\.sql:1/);
  });
});

describe('packages', () => {
  it('refuses a package that asks for another version of dbt', async () => {
    const files = {
      'packages.yml': 'packages: [{local: lib}]\n',
      'dbt_packages/lib/dbt_project.yml': 'name: lib\nversion: "1.0"\nrequire-dbt-version: ">=9.0.0"\n',
    };
    await expect(parseFiles(files)).rejects.toThrow(/'lib' asks for dbt >=9\.0\.0/);
    await expect(parseFiles(files, { versionCheck: false })).resolves.toBeDefined();
  });
});
