{# The text as the type, or null where it isn't one. (dbt.safe_cast is a plain cast on DuckDB, which fails instead.) #}
{% macro cast_or_null(text, type) -%}
    try_cast({{ text }} as {{ type }})
{%- endmacro %}
