import { expect, test } from 'vitest';
import { MacroTemplate, Template } from '../../../src/jinja/index.js';

const inspect = (text: string) => Template.parse({ text, file: 'm.sql' }).inspect();

test('lone literal calls are static', () => {
  const text = `{{ config(materialized='table', tags=['a', 'b'], meta={'x': 1}, n=-1) }}
    select * from {{ ref('a') }} join {{ ref('p', 'b') }} using (id) join {{ ref('c', v=2) }} join {{ source('raw', 't') }}`;
  const found = inspect(text);
  expect(found.dynamic).toBe(false);
  expect(found.refs).toEqual([{ name: 'a' }, { package: 'p', name: 'b' }, { name: 'c', version: 2 }]);
  expect(found.sources).toEqual([['raw', 't']]);
  expect(found.configs.map(([key]) => key)).toEqual(['materialized', 'tags', 'meta', 'n']);
  expect(found.configs[1]?.[1]).toEqual(['a', 'b']);
});

test('text and comments alone are static', () => {
  expect(inspect('select 1 {# {{ ref(x) }} #} {% raw %}{{ ref(y) }}{% endraw %}')).toMatchObject({
    dynamic: false,
    refs: [],
  });
});

test.each([
  ["{% if x %}{{ ref('a') }}{% endif %}", /block tag/],
  ["{% set a = ref('a') %}", /block tag/],
  ["{% for x in y %}{{ ref('a') }}{% endfor %}", /block tag/],
  ['{{ ref(name) }}', /not literal/],
  ["{{ ref('a' ~ 'b') }}", /not literal/],
  ["{{ my_macro('a') }}", /my_macro/],
  ["{{ var('a') }}", /var/],
  ["{{ env_var('a') }}", /env_var/],
  ["{{ ref('a').identifier }}", /no call/],
  ["{{ ref('a') | upper }}", /no call/],
  ["{{ ref('a') if x else ref('b') }}", /no call/],
  ["{{ dbt_utils.star(ref('a')) }}", /no call/],
  ['{{ this }}', /no call/],
  ["{{ ref('a', 'b', 'c') }}", /ref/],
  ['{{ ref() }}', /ref/],
  ["{{ ref('a', w=1) }}", /ref/],
  ["{{ ref(*['a']) }}", /\*/],
  ["{{ source('a') }}", /source/],
  ["{{ config({'a': 1}) }}", /config/],
  ["{{ config(a=var('x')) }}", /not literal/],
  ['{{ config(**x) }}', /\*/],
])('%s needs a render', (text, reason) => {
  const found = inspect(text);
  expect(found.dynamic).toBe(true);
  expect(found.reason).toMatch(reason);
});

test('the calls of a macro, wherever they stand', () => {
  const macro = MacroTemplate.parse({
    text: `{% macro m(a=dflt()) %}
      {% if execute %}{{ other(run_query('x')) }}{% else %}{% do pkg.third() %}{% endif %}
      {% call statement('s') %}{{ inner() }}{% endcall %}
      {{ return(adapter.dispatch('impl', 'pkg')(a)) }} {{ adapter.dispatch('plain')() }} {{ adapter.dispatch(macro_name='n') }}
      {{ ref('model') }} {{ var('v', 1) }} {{ ref(a) }}
    {% endmacro %}`,
    file: 'm.sql',
  });
  const found = macro.inspect();
  expect(new Set(found.calls)).toEqual(
    new Set(['dflt', 'other', 'run_query', 'pkg.third', 'statement', 'inner', 'return', 'ref', 'var']),
  );
  expect(found.dispatches).toEqual([
    { name: 'impl', namespace: 'pkg' },
    { name: 'plain', namespace: null },
    { name: 'n', namespace: null },
  ]);
  expect(found.literals.map(({ name, positional }) => [name, ...positional])).toEqual([
    ['ref', 'model'],
    ['var', 'v', 1],
  ]);
});
