import { describe, expect, it } from 'vitest';
import { parseFiles } from '../../compat/parse.js';

const said = async (files: Readonly<Record<string, string>>) => (await parseFiles(files)).said;
const one = 'select 1 as id';

describe('refs and sources that find nothing', () => {
  it('tells the place of the name and the nearest one', async () => {
    const found = await said({
      'models/customers.sql': one,
      'models/orders.sql': "\n\nselect *\n  from {{ ref('custmers') }}\n",
    });
    expect(found).toEqual([
      "unknown-ref models/orders.sql:4:16 model 'orders' refers to ref('custmers'), and there is no model, seed or snapshot of that name. | Did you mean 'customers'?",
    ]);
  });

  it('tells versions and packages that there are', async () => {
    const found = await said({
      'models/dim_v1.sql': one,
      'models/dim_v2.sql': one,
      'models/plain.sql': one,
      'models/schema.yml': 'models:\n  - name: dim\n    versions: [{v: 1}, {v: 2}]\n',
      'models/a.sql': "select * from {{ ref('dim', v=3) }}",
      'models/b.sql': "select * from {{ ref('plain', v=1) }}",
      'models/c.sql': "select * from {{ ref('other', 'plain') }}",
    });
    expect(found.map((text) => text.replace(/ model .* \| /, ' | '))).toEqual([
      "unknown-ref models/a.sql:1:23 | 'dim' has the versions 1, 2.",
      "unknown-ref models/b.sql:1:23 | 'plain' has no versions: leave out the version.",
      "unknown-ref models/c.sql:1:32 | There is a 'plain' in package shop.",
    ]);
  });

  it('says that a node or a source is disabled', async () => {
    const found = await said({
      'models/off.sql': `{{ config(enabled=false) }} ${one}`,
      'models/a.sql': "select * from {{ ref('off') }} join {{ source('raw', 'things') }}",
      'models/sources.yml': 'sources:\n  - name: raw\n    config: {enabled: false}\n    tables: [{name: things}]\n',
    });
    expect(found).toEqual([
      "disabled-ref models/a.sql:1:23 model 'a' refers to ref('off'), which is disabled. | Enable it (enabled: true) or remove the ref.",
      "disabled-source models/a.sql:1:55 model 'a' refers to source('raw', 'things'), which is disabled. | Enable it (enabled: true) or remove the source() call.",
    ]);
  });

  it('switches tests off that are on something disabled, and warns of those on nothing', async () => {
    const { parsed, said: found } = await parseFiles({
      'models/off.sql': `{{ config(enabled=false) }} ${one}`,
      'tests/on_off.sql': "select * from {{ ref('off') }}",
      'tests/on_nothing.sql': "select * from {{ ref('nothing') }}",
    });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^unknown-ref tests\/on_nothing\.sql:1:23 /);
    expect(parsed.diagnostics[0]?.severity).toBe('warning');
    for (const name of ['on_off', 'on_nothing'])
      expect(parsed.manifest.nodes[`test.shop.${name}`]?.config.enabled).toBe(false);
  });

  it('gives no second error for what refers to a file that could not be read', async () => {
    const found = await said({
      'models/broken.sql': 'select {{ 1 + }}',
      'models/next.sql': "select * from {{ ref('broken') }}",
      'snapshots/kept.sql': '{% snapshot kept %}{{ config( }} select 1{% endsnapshot %}',
      'models/last.sql': "select * from {{ ref('kept') }}",
    });
    expect(found.map((text) => text.split(' ').slice(0, 2).join(' '))).toEqual([
      'jinja-syntax models/broken.sql:1:15',
      'jinja-syntax snapshots/kept.sql:1:31',
    ]);
  });

  it('points into YAML for exposures, semantic models and unit tests', async () => {
    const found = await said({
      'models/a.sql': one,
      'models/more.yml': [
        'exposures:',
        '  - name: board',
        '    type: dashboard',
        '    owner: {name: X}',
        "    depends_on: [ref('b')]",
        'semantic_models:',
        '  - name: sm',
        "    model: ref('c')",
        'unit_tests:',
        '  - name: ut',
        '    model: d',
        '    given: []',
        '    expect: {rows: [{id: 1}]}',
      ].join('\n'),
    });
    expect(found.map((text) => text.split(' ').slice(0, 2).join(' '))).toEqual([
      'unknown-ref models/more.yml:2:11',
      'unknown-ref models/more.yml:7:11',
      'invalid-unit-test models/more.yml:10:11',
    ]);
  });
});

describe('access', () => {
  const groups = 'groups:\n  - {name: finance, owner: {name: F}}\n  - {name: sales, owner: {name: S}}\n';

  it('keeps private models to their group, tests and exposures included', async () => {
    const found = await said({
      'models/groups.yml': `${groups}exposures:\n  - {name: e, type: ml, owner: {name: X}, depends_on: [ref('ledger')]}\n`,
      'models/ledger.sql': `{{ config(group='finance', access='private') }} ${one}`,
      'models/inside.sql': "{{ config(group='finance') }} select * from {{ ref('ledger') }}",
      'models/outside.sql': "{{ config(group='sales') }} select * from {{ ref('ledger') }}",
      'tests/singular.sql': "select * from {{ ref('ledger') }}",
    });
    expect(found.map((text) => text.split(' | ')[0])).toEqual([
      "private-ref models/outside.sql:1:51 model 'outside' refers to 'ledger', which is private to the group 'finance'.",
      "private-ref tests/singular.sql:1:23 test 'singular' refers to 'ledger', which is private to the group 'finance'.",
      "private-ref models/groups.yml:5:12 exposure 'e' refers to 'ledger', which is private to the group 'finance'.",
    ]);
  });

  it('lets packages with restrict-access keep what is not public', async () => {
    const found = await said({
      'packages.yml': 'packages: [{local: lib}]\n',
      'dbt_packages/lib/dbt_project.yml': 'name: lib\nversion: "1.0"\nrestrict-access: true\n',
      'dbt_packages/lib/models/inner.sql': one,
      'dbt_packages/lib/models/outer.sql': "{{ config(access='public') }} select * from {{ ref('inner') }}",
      'models/a.sql': "select * from {{ ref('inner') }} join {{ ref('lib', 'outer') }}",
    });
    expect(found).toEqual([
      "protected-ref models/a.sql:1:23 model 'a' refers to 'inner', which is protected in package 'lib'. | That package keeps its models to itself (restrict-access): ask for 'inner' to be public.",
    ]);
  });

  it('refuses an access that does not exist', async () => {
    const [first] = await said({ 'models/a.sql': `{{ config(access='secret') }} ${one}` });
    expect(first).toMatch(/^invalid-access models\/a\.sql:1:1 .*private, protected, public/);
  });
});

describe('deprecation dates', () => {
  it('warns of models that are past theirs and of refs to them, before and after', async () => {
    const { parsed, said: found } = await parseFiles({
      'models/dim_v1.sql': one,
      'models/dim_v2.sql': one,
      'models/late.sql': one,
      'models/schema.yml':
        'models:\n  - name: dim\n    versions: [{v: 1, deprecation_date: 2025-12-31}, {v: 2}]\n' +
        '  - name: late\n    deprecation_date: 2026-02-01\n',
      'models/a.sql': "select * from {{ ref('dim', v=1) }} join {{ ref('late') }}",
    });
    expect(parsed.diagnostics.every((d) => d.severity === 'warning')).toBe(true);
    expect([...found].sort()).toEqual([
      "deprecated-model models/dim_v1.sql:1:1 Model 'dim' (version 1) is deprecated since 2025-12-31. | Remove it when nothing refers to it any more.",
      "deprecated-ref models/a.sql:1:23 model 'a' refers to 'dim' (version 1), which is deprecated since 2025-12-31. | Its latest version is 2: ref('dim', v=2).",
      "upcoming-deprecation models/a.sql:1:50 model 'a' refers to 'late', which will be deprecated on 2026-02-01. | Refer to another model.",
    ]);
  });
});
