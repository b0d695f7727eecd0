{#
  ISO 8601 weeks start on Monday and belong to the year of their Thursday: 2024-12-30 is in week 1 of 2025, 2027-01-01 in
  week 53 of 2026. Where a dialect has functions of its own, they don't depend on the session's settings.
#}
{% macro iso_week_start(date) -%}
    {{ return(adapter.dispatch('iso_week_start', 'userpulse')(date)) }}
{%- endmacro %}

{% macro default__iso_week_start(date) -%}
    cast({{ dbt.date_trunc('week', date) }} as date)
{%- endmacro %}

{% macro snowflake__iso_week_start(date) -%}
    dateadd(day, 1 - dayofweekiso({{ date }}), cast({{ date }} as date))
{%- endmacro %}

{% macro iso_week(date) -%}
    {{ return(adapter.dispatch('iso_week', 'userpulse')(date)) }}
{%- endmacro %}

{% macro default__iso_week(date) -%}
    cast(extract(week from {{ date }}) as {{ dbt.type_int() }})
{%- endmacro %}

{% macro snowflake__iso_week(date) -%}
    weekiso({{ date }})
{%- endmacro %}

{% macro iso_year(date) -%}
    {{ return(adapter.dispatch('iso_year', 'userpulse')(date)) }}
{%- endmacro %}

{% macro default__iso_year(date) -%}
    cast(extract(isoyear from {{ date }}) as {{ dbt.type_int() }})
{%- endmacro %}

{% macro snowflake__iso_year(date) -%}
    yearofweekiso({{ date }})
{%- endmacro %}
