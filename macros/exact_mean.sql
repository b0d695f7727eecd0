{# A mean that does not depend on the order of its parts, as a sum of doubles does: values are taken in whole millionths. #}
{% macro exact_mean(expression) -%}
    cast({{ sum_as_bigint('round((' ~ expression ~ ') * 1000000)') }} as double) / count({{ expression }}) / 1000000
{%- endmacro %}
