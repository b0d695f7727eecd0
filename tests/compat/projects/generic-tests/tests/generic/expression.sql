{% test expression(model, expression, column_name=none) %}
{{ config(severity='error', fail_calc='sum(n)') }}
select count(*) as n from {{ model }} where not ({{ column_name ~ ' ' if column_name }}{{ expression }})
{% endtest %}

{%- test related(model, column_name, to, options={}) -%}
select {{ column_name }} from {{ model }} except select {{ options.get('field', column_name) }} from {{ to }}
{%- endtest -%}
