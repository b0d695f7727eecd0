import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { UpsqlError } from '../../../src/diagnostics/index.js';
import * as jinja from '../../../src/jinja/index.js';
import {
  type PropertyKind,
  readProperties,
  renderProperties,
  textRenderer,
  type YamlMap,
  type YamlValue,
} from '../../../src/project/index.js';

const source = { file: '/p/models/a.yml', path: 'a.yml', originalFilePath: 'models/a.yml', packageName: 'p' };
const read = (text: string) => readProperties(source, text);

function failure(text: string): UpsqlError {
  try {
    read(text);
  } catch (error) {
    if (error instanceof UpsqlError) return error;
    throw error;
  }
  throw new Error('expected an error');
}

describe('readProperties', () => {
  it('gives the entries of every section with their places', () => {
    const { entries, diagnostics } = read(`version: 2
models:
  - name: a
    columns: [{name: id, data_tests: [unique, {not_null: {config: {severity: warn}}}]}]
  - name: b
sources:
  - name: raw
    tables: [{name: t, freshness: null, columns: []}]
data_tests:
  - name: singular
unit_tests:
  - {name: u, model: a, given: [], expect: {rows: []}}
anchors: {x: 1}
`);
    expect(diagnostics).toEqual([]);
    expect(entries.map((e) => [e.kind, e.name, e.place.line, e.place.column])).toEqual([
      ['models', 'a', 3, 11],
      ['models', 'b', 5, 11],
      ['sources', 'raw', 7, 11],
      ['data_tests', 'singular', 10, 11],
      ['unit_tests', 'u', 12, 12],
    ]);
    expect(entries[0]?.locate(['columns', 0, 'name'])).toMatchObject({ line: 4, column: 22 });
    expect(entries[0]).toMatchObject({ packageName: 'p', originalFilePath: 'models/a.yml' });
  });

  it.each([
    ['models: {a: 1}\n', 1, 1, 'invalid-value'],
    ['models:\n', 1, 1, 'invalid-value'],
    ['models:\n  - a\n', 2, 5, 'invalid-value'],
    ['models:\n  - description: x\n', 2, 5, 'missing-key'],
    ['models:\n  - name: 1\n', 2, 11, 'invalid-value'],
    ['models:\n  - name: a\n    columns: {id: 1}\n', 3, 14, 'invalid-value'],
    ['models:\n  - name: a\n    columns:\n      - description: x\n', 4, 9, 'missing-key'],
    ['models:\n  - name: a\n    tests: []\n    data_tests: []\n', 3, 5, 'duplicate-key'],
    ['models:\n  - name: a\n    versions: [{v: 1, foo: 2}]\n', 3, 23, 'unknown-key'],
    ['sources:\n  - name: a\n    table: []\n', 3, 5, 'unknown-key'],
    ['exposures:\n  - name: a\n    type: dashbord\n    owner: {}\n', 3, 11, 'invalid-value'],
    ['exposures:\n  - name: a\n    type: ml\n', 2, 5, 'missing-key'],
    ['metrics:\n  - name: a\n    label: x\n    type: simple\n', 2, 5, 'missing-key'],
    ['unit_tests:\n  - {name: u, model: a, given: [{rows: []}], expect: {}}\n', 2, 33, 'missing-key'],
    ['version: 3\n', 1, 10, 'invalid-version'],
    ['- a\n', 1, 1, 'invalid-properties'],
  ])('refuses %j', (text, line, column, code) => {
    const found = failure(text).diagnostics.find((d) => d.severity === 'error');
    expect(found).toMatchObject({ code, place: { line, column } });
  });

  it.each([
    ['model:\n  - name: a\n', "Did you mean 'models'?", 1],
    ['models:\n  - name: a\n    descripton: x\n', "Did you mean 'description'?", 3],
    ['models:\n  - name: a\n    columns: [{name: b, data_test: [unique]}]\n', "Did you mean 'data_tests'?", 3],
    ['tests:\n  - name: a\n', 'Rename it to data_tests; under this name it is not read.', 1],
    ['models:\n  - name: a\n    config: {materialised: table}\n', "Did you mean 'materialized'?", 3],
    ['sources:\n  - name: a\n    tables: [{name: b, identifer: c}]\n', "Did you mean 'identifier'?", 3],
  ])('warns of %j', (text, hint, line) => {
    const { diagnostics } = read(text);
    expect(diagnostics).toMatchObject([{ severity: 'warning', hint, place: { line } }]);
  });

  it('reads data_tests up to the first faulty entry, of which it warns', () => {
    const { entries, diagnostics } = read(
      'data_tests:\n  - name: a\n  - dbt_utils.x: {}\n  - name: b\nmodels:\n  - name: c\n',
    );
    expect(entries.map((entry) => entry.name)).toEqual(['a', 'c']);
    expect(diagnostics.map(({ code, severity }) => [code, severity])).toContainEqual(['missing-key', 'warning']);
  });

  it('lets templates stand where another type is due, and any config', () => {
    const text = 'models:\n  - name: a\n    config: {my_own: 1}\n    columns: [{name: b, quote: "{{ var(\'q\') }}"}]\n';
    expect(read(text).diagnostics).toEqual([]);
  });
});

const render = textRenderer(jinja, () => jinja.scopeOf({ x: 'X', n: 7, list: [1, 2] }));

describe('renderProperties', () => {
  it('renders with types, and leaves what comes later', () => {
    const [entry] = read(`models:
  - name: "{{ x }}_m"
    description: "{{ doc('d') }}"
    config: {tags: "{{ list }}", meta: {n: "{{ n }}"}, post_hook: "{{ this }}"}
    data_tests: [{accepted: {arguments: {v: "{{ n }}"}}}]
`).entries;
    if (entry === undefined) throw new Error('no entry');
    const rendered = renderProperties(entry, render);
    expect(rendered.raw).toEqual({
      name: 'X_m',
      description: "{{ doc('d') }}",
      config: { tags: [1, 2], meta: { n: 7 }, post_hook: '{{ this }}' },
      data_tests: [{ accepted: { arguments: { v: '{{ n }}' } } }],
    });
    expect(rendered.unrendered).toBe(entry.raw);
  });

  it('points into the text that fails', () => {
    const [entry] = read('models:\n  - name: a\n    config:\n      schema: "s_{{ x. }}"\n').entries;
    if (entry === undefined) throw new Error('no entry');
    let error: unknown;
    try {
      renderProperties(entry, render);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(UpsqlError);
    const [found] = (error as UpsqlError).diagnostics;
    expect(found?.place?.file).toBe('/p/models/a.yml');
    expect(found?.place?.line).toBe(4);
    expect(found?.place?.column).toBeGreaterThan(17);
  });
});

/** Paths in entries, and which of them dbt's own renderer leaves for later. */
const late = JSON.parse(readFileSync(path.join(import.meta.dirname, 'fixtures/late_paths.json'), 'utf8')) as {
  readonly paths: readonly (string | number)[][];
  readonly late: readonly { kind: PropertyKind; late: (string | number)[][] }[];
};

describe('leaves for later what dbt leaves for later', () => {
  it.each(late.late.map((c) => [c.kind, c] as const))('in %s', (kind, c) => {
    const wanted = new Set(c.late.map((p) => JSON.stringify(p)));
    const [entry] = read('models:\n  - name: a\n').entries;
    if (entry === undefined) throw new Error('no entry');
    for (const steps of late.paths) {
      const leaf = steps.reduceRight<YamlValue>((value, step) => (step === 0 ? [value] : { [step]: value }), '{{ n }}');
      const { raw } = renderProperties({ ...entry, kind, dated: leaf as YamlMap }, render);
      const kept = JSON.stringify(raw).includes('{{ n }}');
      expect([steps, kept]).toEqual([steps, wanted.has(JSON.stringify(steps))]);
    }
  });
});
