{# "Today": the one clock of every metric. A scalar subquery, so that no model has to join. #}
{% macro as_of_date() -%}
    (select as_of_date from {{ ref('as_of') }})
{%- endmacro %}
