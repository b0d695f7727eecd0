{# The four tests that every project has. Their SQL is dispatched, so that an adapter or a project can change it. #}
{% test not_null(model, column_name) %}
    {% set find = adapter.dispatch('test_not_null', 'dbt') %}
    {{ find(model, column_name) }}
{% endtest %}

{% test unique(model, column_name) %}
    {% set find = adapter.dispatch('test_unique', 'dbt') %}
    {{ find(model, column_name) }}
{% endtest %}

{% test accepted_values(model, column_name, values, quote=true) %}
    {% set find = adapter.dispatch('test_accepted_values', 'dbt') %}
    {{ find(model, column_name, values, quote) }}
{% endtest %}

{% test relationships(model, column_name, to, field) %}
    {% set find = adapter.dispatch('test_relationships', 'dbt') %}
    {{ find(model, column_name, to, field) }}
{% endtest %}

{% macro default__test_not_null(model, column_name) %}

{% set columns = column_name %}{% if should_store_failures() %}{% set columns = '*' %}{% endif %}

select {{ columns }}
from {{ model }}
where {{ column_name }} is null

{% endmacro %}

{% macro default__test_unique(model, column_name) %}

select
    {{ column_name }} as unique_field,
    count(*) as n_records

from {{ model }}
where {{ column_name }} is not null
group by {{ column_name }}
having count(*) > 1

{% endmacro %}

{% macro default__test_accepted_values(model, column_name, values, quote=true) %}

with all_values as (

    select
        {{ column_name }} as value_field,
        count(*) as n_records

    from {{ model }}
    group by {{ column_name }}

)

select *
from all_values
where value_field not in (
    {% for value in values -%}
        {{ "'" ~ value ~ "'" if quote else value }}{{ ',' if not loop.last }}
    {%- endfor %}
)

{% endmacro %}

{% macro default__test_relationships(model, column_name, to, field) %}

with child as (
    select {{ column_name }} as from_field
    from {{ model }}
    where {{ column_name }} is not null
),

parent as (
    select {{ field }} as to_field
    from {{ to }}
)

select
    from_field

from child
left join parent
    on child.from_field = parent.to_field

where parent.to_field is null

{% endmacro %}
