import { expect, test } from 'vitest';
import { extractBlocks, JinjaError, MacroTemplate } from '../../../src/jinja/index.js';

const blocks = (text: string, kinds?: string[]) => extractBlocks({ text, file: 'macros/x.sql' }, kinds);

test('macros with their parts and places', () => {
  const text =
    "-- a file\n{% macro one(a, b='%}') -%}\n  body {{ a }}\n{%- endmacro %}\n\n  {%- macro two() %}x{% endmacro -%}\n";
  const [one, two] = blocks(text);
  expect(one).toMatchObject({
    kind: 'macro',
    name: 'one',
    arguments: "(a, b='%}')",
    contents: '\n  body {{ a }}\n',
    text: "{% macro one(a, b='%}') -%}\n  body {{ a }}\n{%- endmacro %}",
    offset: 10,
    place: { file: 'macros/x.sql', line: 2, column: 1 },
  });
  expect(one?.outerText).toBe(one?.text);
  expect(two?.outerText).toBe('\n\n  {%- macro two() %}x{% endmacro -%}\n');
  expect(two).toMatchObject({ name: 'two', place: { line: 6, column: 3 }, contents: 'x' });
  expect(text.slice(one?.offset, (one?.offset ?? 0) + (one?.text.length ?? 0))).toBe(one?.text);
});

test('all kinds of blocks', () => {
  const text = `
    {% test positive(model, column_name) %}select 1{% endtest %}
    {% data_test other(model) %}select 2{% enddata_test %}
    {% materialization view2, adapter='duckdb', supported_languages=['sql', 'python'] %}x{% endmaterialization %}
    {% materialization plain, default %}x{% endmaterialization %}
    {% snapshot orders_snapshot %}{{ config(a=1) }} select 1{% endsnapshot %}
    {% docs orders %} # Orders {{ not parsed %} {% enddocs %}`;
  const found = blocks(text.replace('{{ not parsed %}', '{{ x }}'));
  expect(found.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'test positive',
    'data_test other',
    'materialization view2',
    'materialization plain',
    'snapshot orders_snapshot',
    'docs orders',
  ]);
  const parsed = found.map((block) => MacroTemplate.parse({ text: block.text, file: 'x' }));
  expect(parsed.map((macro) => macro.name)).toEqual([
    'test_positive',
    'test_other',
    'materialization_view2_duckdb',
    'materialization_plain_default',
    'snapshot_orders_snapshot',
    'dbt_docs__orders',
  ]);
  expect(parsed[2]?.supportedLanguages).toEqual(['sql', 'python']);
  expect(parsed[3]?.supportedLanguages).toEqual(['sql']);
  expect(parsed[0]).toMatchObject({ kind: 'test', writtenName: 'positive', parameters: ['model', 'column_name'] });
});

test('only the kinds that are asked for', () => {
  const text = '{% docs a %}{% endraw_not %}{% enddocs %}{% macro b() %}{% endmacro %}';
  expect(blocks(text, ['docs']).map((block) => block.name)).toEqual(['a']);
});

test.each([
  ['comments', '{# {% macro a() %} #}{% macro b() %}{# {% endmacro %} #}{% endmacro %}'],
  [
    'raw blocks',
    '{% raw %}{% macro a() %}{% endraw %}{% macro b() %}{% raw %}{% endmacro %}{% endraw %}{% endmacro %}',
  ],
  ['strings in tags', `{% set x = "{% macro a() %}" %}{% macro b(x='{% endmacro %}') %}{% endmacro %}`],
  ['strings in expressions', `{{ "{% macro a() %}" }}{% macro b() %}{{ '{% endmacro %}' }}{% endmacro %}`],
  ['dicts in expressions', `{{ {'a': {'b': 1}} }}{% macro b() %}{{ {'a': '}}'} }}{% endmacro %}`],
  ['brackets that do not match', `{{ { }}{% macro b() %}{% endmacro %}`],
  ['escaped quotes', `{% macro b() %}{{ 'it\\'s {% endmacro %}' }}{% endmacro %}`],
  [
    'blocks in bodies',
    '{% macro b() %}{% if x %}{% for y in z %}{% endfor %}{% endif %}{% call m() %}{% endcall %}{% endmacro %}',
  ],
])('%s hide no block', (_what, text) => {
  const found = blocks(text);
  expect(found.map((block) => block.name)).toEqual(['b']);
  expect(text.endsWith(found[0]?.text ?? '-')).toBe(true);
});

test.each([
  ['a\n{% macro x() %} never closed', 2, 1, /macro x' is not closed/],
  ['{% macro x() %}{% macro y() %}{% endmacro %}{% endmacro %}', 1, 16, /within the block 'macro x'/],
  ['{% if a %}{% macro x() %}{% endmacro %}{% endif %}', 1, 11, /within 'if'/],
  ['{% endif %}', 1, 1, /'endif' without 'if'/],
  ['{% for x in y %}{% endif %}', 1, 17, /'endif' where 'endfor'/],
  ['{# never', 1, 1, /comment is not closed/],
  ['{% macro x(', 1, 1, /tag is not closed/],
  ["{% macro x(a='b) %}", 1, 14, /string is not closed/],
  ['{{ x', 1, 1, /expression is not closed/],
  ['{% raw %}{% endmacro %}', 1, 1, /raw block is not closed/],
  ['{% macro %}{% endmacro %}', 1, 1, /has no name/],
])('%j is an error with its place', (text, line, column, message) => {
  expect(() => blocks(text)).toThrow(message);
  try {
    blocks(text);
  } catch (error) {
    expect(error).toBeInstanceOf(JinjaError);
    expect(error).toMatchObject({ place: { file: 'macros/x.sql', line, column } });
  }
});

test('a text that is not one block is no macro', () => {
  expect(() => MacroTemplate.parse({ text: 'select 1', file: 'x' })).toThrow(/one macro, found 0/);
  expect(() =>
    MacroTemplate.parse({ text: '{% macro a() %}{% endmacro %}{% macro b() %}{% endmacro %}', file: 'x' }),
  ).toThrow(/found 2/);
});

test('a long file gives all its blocks', () => {
  const one = "{% macro m() %}{{ 'a' }} {% if x %} text {% endif %}{% endmacro %}\n";
  expect(blocks(one.repeat(8000))).toHaveLength(8000);
});
