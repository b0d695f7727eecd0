{# One statement an entry of the `indexes` config. #}
{% macro create_indexes(relation) -%}
  {{ adapter.dispatch('create_indexes', 'dbt')(relation) }}
{%- endmacro %}

{% macro default__create_indexes(relation) -%}
  {%- for entry in config.get('indexes', default=[]) -%}
    {%- set index_sql = get_create_index_sql(relation, entry) -%}
    {%- if index_sql -%}
      {%- do run_query(index_sql) -%}
    {%- endif -%}
  {%- endfor -%}
{%- endmacro %}

{# Nothing where the warehouse has no indexes. #}
{% macro get_create_index_sql(relation, index_dict) -%}
  {{ return(adapter.dispatch('get_create_index_sql', 'dbt')(relation, index_dict)) }}
{%- endmacro %}

{% macro default__get_create_index_sql(relation, index_dict) -%}
  {%- do return(none) -%}
{%- endmacro %}

{% macro get_drop_index_sql(relation, index_name) -%}
  {{ adapter.dispatch('get_drop_index_sql', 'dbt')(relation, index_name) }}
{%- endmacro %}

{% macro default__get_drop_index_sql(relation, index_name) -%}
  {%- do exceptions.raise_compiler_error('get_drop_index_sql is not implemented for adapter ' ~ adapter.type()) -%}
{%- endmacro %}

{% macro get_show_indexes_sql(relation) -%}
  {{ adapter.dispatch('get_show_indexes_sql', 'dbt')(relation) }}
{%- endmacro %}

{% macro default__get_show_indexes_sql(relation) -%}
  {%- do exceptions.raise_compiler_error('get_show_indexes_sql is not implemented for adapter ' ~ adapter.type()) -%}
{%- endmacro %}
