import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseFiles } from '../../compat/parse.js';

interface Case {
  readonly code: string;
  readonly error?: string;
  readonly refs: readonly unknown[];
  readonly sources: readonly unknown[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly used: readonly unknown[];
  readonly defaults: readonly unknown[];
  readonly meta: readonly unknown[];
}

const CASES = JSON.parse(readFileSync(new URL('python-models.json', import.meta.url), 'utf8')) as readonly Case[];
/** Faults that come of names which no file has. */
const UNRESOLVED = /^(unknown-ref|unknown-source|missing-ref|missing-source|invalid-ref)/;

async function model(code: string, more: Readonly<Record<string, string>> = {}) {
  const { parsed, said } = await parseFiles({ 'models/m.py': code, ...more });
  return { node: parsed.manifest.nodes['model.shop.m'] ?? parsed.manifest.nodes['model.compat.m'], said };
}

describe('what dbt reads in the text of Python models', () => {
  it.each(CASES.map((one, i) => [i, one] as const))('case %i', async (_, expected) => {
    const { node, said } = await model(expected.code);
    if (expected.error !== undefined) {
      expect(node, said.join('\n')).toBeUndefined();
      expect(said[0]).toMatch(/^(python-syntax|python-not-literal|invalid-python-model) models\/m\.py:\d+:\d+ /);
      return;
    }
    const config = node?.config as Record<string, unknown>;
    expect(node?.refs).toEqual(expected.refs);
    expect(node?.sources).toEqual(expected.sources);
    expect(config).toMatchObject({ materialized: 'table', ...expected.config });
    expect(config.config_keys_used ?? []).toEqual(expected.used);
    expect(config.config_keys_defaults ?? []).toEqual(expected.defaults);
    expect(config.meta_keys_used ?? []).toEqual(expected.meta);
    expect(said.filter((text) => /python|internal/.test(text))).toEqual([]);
  });

  it('has cases of every kind', () => {
    expect(CASES.filter((one) => one.error !== undefined).length).toBeGreaterThan(15);
    expect(CASES.length).toBeGreaterThan(55);
  });
});

describe('a Python model in the graph', () => {
  it('is a node as a SQL model is', async () => {
    const { parsed, said } = await parseFiles({
      'dbt_project.yml': 'name: shop\nprofile: compat\nmodels:\n  shop:\n    +materialized: view\n    +tags: [all]\n',
      'models/base.sql': 'select 1 as id',
      'models/py.py': '\n\ndef model(dbt, session):\n    dbt.config(tags="x")\n    return dbt.ref("base")\n',
      'models/after.sql': "select * from {{ ref('py') }}",
      'models/py.yml': 'models:\n  - name: py\n    description: hello\n    config: {alias: other}\n',
    });
    expect(said).toEqual([]);
    const node = parsed.manifest.nodes['model.shop.py'];
    expect(node).toMatchObject({
      language: 'python',
      raw_code: 'def model(dbt, session):\n    dbt.config(tags="x")\n    return dbt.ref("base")',
      alias: 'other',
      description: 'hello',
      tags: ['all', 'x'],
      config: { materialized: 'table' },
      depends_on: { nodes: ['model.shop.base'], macros: [] },
    });
    expect(parsed.origins.get('model.shop.py')?.line).toBe(3);
    expect(parsed.manifest.nodes['model.shop.after']?.depends_on.nodes).toEqual(['model.shop.py']);
  });

  it('tells the place of each fault, and what to do', async () => {
    const faults: readonly (readonly [string, string])[] = [
      [
        '\ndef model(dbt, session):\n    return dbt.ref(name)\n',
        "python-not-literal models/m.py:3:20 An argument of dbt.ref() is no literal: 'name'",
      ],
      [
        'def model(dbt, session):\n    x = {{ var("a") }}\n    return x\n',
        "jinja-in-python models/m.py:2:9 A Python model can't hold Jinja",
      ],
      ['def model(dbt, session):\n    return f"{{x}}"\n', 'jinja-in-python models/m.py:2:14'],
      [
        'def model(dbt, session):\n    x = (1,\n    return x\n',
        "python-syntax models/m.py:2:9 This is no Python: '(' was never closed",
      ],
      [
        'x = 1\n',
        "invalid-python-model models/m.py:1:1 A Python model defines one function 'model', and there is no function",
      ],
      [
        'def model(ctx, session):\n    return 1\n',
        "invalid-python-model models/m.py:1:5 The first parameter of 'model' has to be called 'dbt', not 'ctx'",
      ],
      [
        'def model(dbt, session):\n    dbt.config("table")\n    return 1\n',
        'invalid-python-call models/m.py:2:5 dbt.config() takes named options',
      ],
      [
        'def model(dbt, session):\n    dbt.config.get()\n    return 1\n',
        'invalid-python-call models/m.py:2:5 dbt.config.get() takes a name',
      ],
      [
        'def model(dbt, session):\n    return dbt.source("a")\n',
        'invalid-python-call models/m.py:2:12 dbt.source() takes',
      ],
      [
        'def model(dbt, session):\n    return dbt.ref("a", "b", "c")\n',
        'invalid-python-call models/m.py:2:12 dbt.ref() takes',
      ],
    ];
    for (const [code, expected] of faults) {
      const { said } = await model(code);
      expect(said.filter((text) => !UNRESOLVED.test(text))[0]).toContain(expected);
    }
  });

  it('can not be ephemeral', async () => {
    const { said } = await model('def model(dbt, session):\n    dbt.config(materialized="ephemeral")\n    return 1\n');
    expect(said).toEqual([expect.stringContaining("python-ephemeral models/m.py:1:1 'm' can't be ephemeral")]);
  });

  it('can have no enforced contract', async () => {
    const { said } = await model('def model(dbt, session):\n    return 1\n', {
      'models/m.yml':
        'models:\n  - name: m\n    config: {contract: {enforced: true}}\n    columns: [{name: id, data_type: int}]\n',
    });
    expect(said).toEqual([expect.stringContaining("python-contract models/m.py:1:1 The contract of 'm'")]);
  });
});
