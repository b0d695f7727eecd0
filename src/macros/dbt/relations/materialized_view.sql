{# Dispatch points that an adapter with materialized views fills. #}
{% macro get_create_materialized_view_as_sql(relation, sql) -%}
  {{ adapter.dispatch('get_create_materialized_view_as_sql', 'dbt')(relation, sql) }}
{%- endmacro %}

{% macro default__get_create_materialized_view_as_sql(relation, sql) -%}
  {%- do exceptions.raise_compiler_error('Adapter ' ~ adapter.type() ~ ' has no materialized views') -%}
{%- endmacro %}

{% macro get_replace_materialized_view_sql(relation, sql) -%}
  {{ adapter.dispatch('get_replace_materialized_view_sql', 'dbt')(relation, sql) }}
{%- endmacro %}

{% macro default__get_replace_materialized_view_sql(relation, sql) -%}
  {%- do exceptions.raise_compiler_error('Adapter ' ~ adapter.type() ~ ' has no materialized views') -%}
{%- endmacro %}

{% macro get_rename_materialized_view_sql(relation, new_name) -%}
  {{ adapter.dispatch('get_rename_materialized_view_sql', 'dbt')(relation, new_name) }}
{%- endmacro %}

{% macro default__get_rename_materialized_view_sql(relation, new_name) -%}
  {%- do exceptions.raise_compiler_error('Adapter ' ~ adapter.type() ~ ' has no materialized views') -%}
{%- endmacro %}

{% macro refresh_materialized_view(relation) -%}
  {{ adapter.dispatch('refresh_materialized_view', 'dbt')(relation) }}
{%- endmacro %}

{% macro default__refresh_materialized_view(relation) -%}
  {%- do exceptions.raise_compiler_error('Adapter ' ~ adapter.type() ~ ' has no materialized views') -%}
{%- endmacro %}

{% macro get_alter_materialized_view_as_sql(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) -%}
  {{ adapter.dispatch('get_alter_materialized_view_as_sql', 'dbt')(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) }}
{%- endmacro %}

{% macro default__get_alter_materialized_view_as_sql(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) -%}
  {%- do exceptions.raise_compiler_error('Adapter ' ~ adapter.type() ~ ' has no materialized views') -%}
{%- endmacro %}

{# {category: [{action, context}]} of what differs between the relation and the configs, or none. #}
{% macro get_materialized_view_configuration_changes(existing_relation, new_config) -%}
  {{ return(adapter.dispatch('get_materialized_view_configuration_changes', 'dbt')(existing_relation, new_config)) }}
{%- endmacro %}

{% macro default__get_materialized_view_configuration_changes(existing_relation, new_config) -%}
  {%- do exceptions.raise_compiler_error('Adapter ' ~ adapter.type() ~ ' has no materialized views') -%}
{%- endmacro %}
