{# What a generic test reads: the relation, or its rows that pass the `where` config. #}
{% macro get_where_subquery(relation) -%}
  {%- do return(adapter.dispatch('get_where_subquery', 'dbt')(relation)) -%}
{%- endmacro %}

{% macro default__get_where_subquery(relation) -%}
  {%- set condition = config.get('where', '') -%}
  {%- do return('(select * from ' ~ relation ~ ' where ' ~ condition ~ ') dbt_subquery' if condition else relation) -%}
{%- endmacro %}

{# One row that says how a test ended: failures, should_warn, should_error. #}
{% macro get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
  {{ adapter.dispatch('get_test_sql', 'dbt')(main_sql, fail_calc, warn_if, error_if, limit) }}
{%- endmacro %}

{% macro default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    select
      {{ fail_calc }} as failures,
      {{ fail_calc }} {{ warn_if }} as should_warn,
      {{ fail_calc }} {{ error_if }} as should_error
    from (
      {{ main_sql }}
      {{ 'limit ' ~ limit if limit is not none }}
    ) dbt_internal_test
{%- endmacro %}
