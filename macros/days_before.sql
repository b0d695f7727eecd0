{# The date `days` days before `date`, as a date (DuckDB adds intervals to timestamps). #}
{% macro days_before(date, days) -%}
    cast({{ dbt.dateadd('day', -1 * days, date) }} as date)
{%- endmacro %}
