{# A sum of whole numbers as bigint: DuckDB would make it a 128-bit integer, which few clients read as a number. #}
{% macro sum_as_bigint(expression) -%}
    cast(coalesce(sum({{ expression }}), 0) as {{ dbt.type_bigint() }})
{%- endmacro %}
