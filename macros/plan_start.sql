{# When the plan of a sign-up began: where nobody knows, before anything else. #}
{% macro plan_start(signup_date) -%}
    cast(coalesce({{ signup_date }}, cast('{{ var("earliest_event_date") }}' as date)) as {{ dbt.type_timestamp() }})
{%- endmacro %}
