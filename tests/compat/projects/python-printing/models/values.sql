{{- config(materialized='view') -}}
{%- set d = {'a': 1, 'b': [none, true, 1.0, 'q\'s', "d\"q"], 3: (1,), 'e': ()} -%}
-- {{ d }}
-- {{ d.items() | list }} {{ d['b'][-1] }} {{ d.b[1:3] }}
-- {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 2 ** 10 }} {{ 1 / 2 }} {{ 4 / 2 }} {{ 1e10 }} {{ 0.1 + 0.2 }}
-- {{ 'a' ~ 1 ~ none ~ 2.50 }} {{ '%s-%05.1f' % ('x', 3.14159) }} {{ '{:>5}|{:,}'.format('r', 1234567) }}
-- {{ [3, 1, 2] | sort }} {{ ['b', 'A', 'c'] | sort }} {{ {'x': 2, 'y': 1} | dictsort(by='value') }}
-- {{ 1 < 2 < 3 }} {{ 'a' in 'abc' }} {{ 4 not in [1, 2] }} {{ 'yes' if none else 'no' }}
-- {{ 'Hello World'.lower().split() }} {{ ' x '.strip() }} {{ 'abc'[::-1] }} {{ 'a,b'.partition(',') }}
{% set ns = namespace(total=0) %}
{% for k, v in {'one': 1, 'two': 2}.items() if v > 0 %}
    {%- set ns.total = ns.total + v %}
    -- {{ loop.index0 }} {{ k }} {{ loop.last }} {{ loop.cycle('odd', 'even') }}
{% else %}
    nothing
{%- endfor %}

select {{ ns.total }} as total,
    {% filter upper %}text{% endfilter %} as filtered
    {# a comment #}
    {%- if d -%} , 1 as one {%- endif +%}
    {% raw %}-- {{ raw }} {% not_a_tag %}{% endraw %}
{% set block %}
  captured {{ 1 + 1 }}
{% endset %}
-- {{ block | trim | replace('captured', 'kept') }} {{ block | length }}
-- {{ range(3) | list }} {{ range(10, 0, -3) | list }} {{ (1, 'a') }} {{ 'x' * 3 }} {{ [1] * 2 + [3] }}
-- {{ "2024-01-02" | as_text if false else 'skipped' }} {{ undefined_name | default('default') }} {{ undefined_name is defined }}
-- {{ [1, 2, 3] | map('string') | join('|') }} {{ [{'a': 1}, {'a': 2}] | map(attribute='a') | sum }} {{ 'abc' | list | batch(2) | list }}
