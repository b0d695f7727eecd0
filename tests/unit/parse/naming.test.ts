/** Where relations go: the engine's own naming macros, and a project's in their place. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAdapter } from '../../../src/adapters/index.js';
import { builtinMacroFiles } from '../../../src/macros/index.js';
import { parseProject } from '../../../src/parse/index.js';
import type { Node } from '../../../src/parse/node.js';
import { loadProject } from '../../../src/project/index.js';

const FILES: Readonly<Record<string, string>> = {
  'dbt_project.yml': 'name: shop\nversion: "1.0"\nprofile: shop\n',
  'profiles.yml': 'shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n',
  'models/a.sql': "{{ config(schema='x', meta={'owner': 'me'}) }}select 1 as id\n",
  'models/b.sql': "{{ config(alias='other') }}select 1 as id\n",
  'models/c.sql': 'select 1 as id\n',
};

async function namesOf(macros: string): Promise<Record<string, string>> {
  const dir = mkdtempSync(join(tmpdir(), 'upsql-naming-'));
  for (const [file, text] of Object.entries({ ...FILES, 'macros/names.sql': macros })) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text);
  }
  const project = await loadProject({ projectDir: dir, profilesDir: dir, env: {} });
  const adapter = await createAdapter(project);
  const invocation = { id: 'x', startedAt: new Date(0), args: {} };
  const parsed = await parseProject(project, { adapter, invocation, builtinMacros: builtinMacroFiles('duckdb') });
  expect(parsed.diagnostics).toEqual([]);
  const nodes: Node[] = Object.values(parsed.manifest.nodes);
  return Object.fromEntries(nodes.map((node) => [node.name, `${node.schema}.${node.alias}`]));
}

describe('names of relations', () => {
  it('come from the target, the config and the file', async () => {
    expect(await namesOf('')).toEqual({ a: 'main_x.a', b: 'main.other', c: 'main.c' });
  });

  it('come from a macro of the project, which sees each node', async () => {
    const macro = '{% macro generate_schema_name(custom, node) %}{{ custom or "s" }}_{{ node.name }}{% endmacro %}';
    expect(await namesOf(macro)).toEqual({ a: 'x_a.a', b: 's_b.other', c: 's_c.c' });
  });

  it('come from a macro that the engine dispatches to', async () => {
    const macro = '{% macro default__generate_schema_name(custom, node) %}by_{{ node.name }}{% endmacro %}';
    expect(await namesOf(macro)).toEqual({ a: 'by_a.a', b: 'by_b.other', c: 'by_c.c' });
    const own = '{% macro duckdb__generate_alias_name(custom, node) %}{{ node.name }}_t{% endmacro %}';
    expect(await namesOf(own)).toEqual({ a: 'main_x.a_t', b: 'main.b_t', c: 'main.c_t' });
  });

  it.each([
    ['{{ node.config.meta.owner or "none" }}', 'me', 'none'],
    ['{{ node.get("version", "no_version") }}', 'no_version', 'no_version'],
    ['{{ "name" in node }}{{ "version" in node }}', 'TrueFalse', 'TrueFalse'],
    ['{{ fromjson(tojson(node)).name }}', 'a', 'c'],
    ['{{ node["resource_type"] }}{{ node.config is mapping }}', 'modelTrue', 'modelTrue'],
    ['{% set n = node.name %}{{ node.keys() | list | first }}{{ dict(node).name }}{{ n }}', 'databaseaa', 'databasecc'],
    ['{% do node.update({"name": "z"}) %}{{ node.name }}', 'z', 'z'],
  ])('see a node as a dict: %s', async (text, a, c) => {
    const names = await namesOf(`{% macro generate_schema_name(custom, node) %}${text}{% endmacro %}`);
    expect([names.a, names.c]).toEqual([`${a}.a`, `${c}.c`]);
  });
});
