import { describe, expect, it } from 'vitest';
import type { ParsedProject } from '../../src/parse/index.js';
import { PROJECT_NAMES, prepare } from '../compat/compare.js';
import { parse, parseFiles } from '../compat/parse.js';

/** All that parsing finds, without the times at which it did. */
function found({ manifest, configCalls, diagnostics, testArguments }: ParsedProject): unknown {
  const { metadata: _, ...sections } = manifest;
  const text = JSON.stringify({
    sections,
    configCalls: [...configCalls],
    testArguments: [...testArguments],
    diagnostics,
  });
  return JSON.parse(text, (key, value) => (key === 'created_at' ? 0 : value));
}

describe('reading templates without rendering them', () => {
  it.each(PROJECT_NAMES)('gives for %s what rendering gives', async (name) => {
    const where = prepare(name);
    const read = await parse(where, { staticReading: true });
    const rendered = await parse(where, { staticReading: false });
    expect(found(read)).toEqual(found(rendered));
  });

  // The expectations are dbt's: its reader without rendering keeps escapes, a tag that trims makes it render.
  it('keeps the backslashes of options as dbt does', async () => {
    const files = {
      'models/a.sql': String.raw`{{ config(meta={'x': 'a\nb', 'w': 'it\'s'}, tags=['c\\d'], sql_header="x\"y") }} select 1 as id`,
      'models/c.sql': String.raw`{{- config(meta={'x': 'a\nb'}) }} select 1 as id`,
    };
    for (const staticReading of [true, false]) {
      const { parsed, said } = await parseFiles(files, {}, { staticReading });
      expect(said).toEqual([]);
      const { a, c } = { a: parsed.manifest.nodes['model.shop.a'], c: parsed.manifest.nodes['model.shop.c'] };
      expect(a?.config).toMatchObject({
        meta: { x: String.raw`a\nb`, w: String.raw`it\'s` },
        tags: [String.raw`c\\d`],
        sql_header: String.raw`x\"y`,
      });
      expect(a?.unrendered_config.meta).toEqual({ x: String.raw`a\nb`, w: String.raw`it\'s` });
      expect(c?.config.meta).toEqual({ x: 'a\nb' });
    }
  });

  it('is left out where the project has a ref of its own', async () => {
    const files = {
      'macros/ref.sql': "{% macro ref(name) %}{% do return(builtins.ref(name ~ '_new')) %}{% endmacro %}",
      'models/one_new.sql': 'select 1 as id',
      'models/two.sql': "select * from {{ ref('one') }}",
    };
    for (const staticReading of [true, false]) {
      const { parsed, said } = await parseFiles(files, {}, { staticReading });
      expect(said).toEqual([]);
      expect(parsed.manifest.nodes['model.shop.two']?.depends_on.nodes).toEqual(['model.shop.one_new']);
    }
  });
});
