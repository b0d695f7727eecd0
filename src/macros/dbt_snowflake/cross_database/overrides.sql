{% macro snowflake__array_construct(inputs, data_type) -%}
    array_construct( {{ inputs | join(' , ') }} )
{%- endmacro %}

{% macro snowflake__bool_or(expression) -%}
    boolor_agg({{ expression }})
{%- endmacro %}

{# Snowflake casts to its two spatial types by functions. #}
{% macro snowflake__cast(field, type) -%}
  {%- set kind = type | upper -%}
  {{ '\n    ' }}
  {%- if kind in ['GEOGRAPHY', 'GEOMETRY'] -%}
    to_{{ kind | lower }}({{ field }})
  {%- else -%}
    cast({{ field }} as {{ type }})
  {%- endif -%}
  {{ '\n    ' }}
{%- endmacro %}

{# try_cast reads text, so a number is quoted; it knows no VARIANT. #}
{% macro snowflake__safe_cast(field, type) -%}
  {%- set kind = type | upper -%}
  {{ '\n    ' }}
  {%- if kind in ['GEOGRAPHY', 'GEOMETRY'] -%}
    try_to_{{ kind | lower }}({{ field }})
  {%- elif kind == 'VARIANT' -%}
    {{ adapter.dispatch('cast', 'dbt')(field, type) }}
  {%- else -%}
    {{ '\n        try_cast(' ~ (dbt.string_literal(field) if field is number else field) ~ ' as ' ~ type ~ ')' }}
  {%- endif -%}
  {{ '\n    ' }}
{%- endmacro %}

{% macro snowflake__equals(expr1, expr2) -%}
{%- if adapter.behavior is defined and adapter.behavior.enable_truthy_nulls_equals_macro.no_warn %}
    ({{ expr1 }} IS NOT DISTINCT FROM {{ expr2 }})
{%- else -%}
    ({{ expr1 }} = {{ expr2 }})
{%- endif %}
{%- endmacro %}

{% macro snowflake__escape_single_quotes(expression) -%}
{{ expression | replace("'", "\\'") }}
{%- endmacro %}

{# Snowflake's own `right` wants a length above 0. #}
{% macro snowflake__right(string_text, length_expression) %}

    case when {{ length_expression }} = 0
        then ''
    else
        right(
            {{ string_text }},
            {{ length_expression }}
        )
    end

{%- endmacro %}
