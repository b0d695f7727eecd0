{# Replacement as text, for materializations that put all of it in one statement (materialized views). #}
{% macro get_replace_sql(existing_relation, target_relation, sql) -%}
  {{ adapter.dispatch('get_replace_sql', 'dbt')(existing_relation, target_relation, sql) }}
{%- endmacro %}

{% macro default__get_replace_sql(existing_relation, target_relation, sql) -%}
  {%- set stage = target_relation.can_be_renamed -%}
  {%- set keep = existing_relation.can_be_renamed -%}
  {%- if existing_relation.type == target_relation.type and existing_relation.can_be_replaced -%}
    {%- if target_relation.is_view -%}
      {{ get_replace_view_sql(target_relation, sql) }}
    {%- elif target_relation.is_table -%}
      {{ get_replace_table_sql(target_relation, sql) }}
    {%- else -%}
      {{ get_replace_materialized_view_sql(target_relation, sql) }}
    {%- endif -%}
  {%- else -%}
    {{ get_create_intermediate_sql(target_relation, sql) ~ ';' if stage }}
    {{ (get_create_backup_sql(existing_relation) if keep else get_drop_sql(existing_relation)) }};
    {{ get_rename_intermediate_sql(target_relation) if stage else get_create_sql(target_relation, sql) }}
    {{ ';' ~ get_drop_backup_sql(existing_relation) if keep }}
  {%- endif -%}
{%- endmacro %}

{% macro get_replace_view_sql(relation, sql) -%}
  {{ adapter.dispatch('get_replace_view_sql', 'dbt')(relation, sql) }}
{%- endmacro %}

{% macro default__get_replace_view_sql(relation, sql) -%}
  {%- do exceptions.raise_compiler_error('get_replace_view_sql: ' ~ adapter.type() ~ ' has no way to replace a view') -%}
{%- endmacro %}

{% macro get_replace_table_sql(relation, sql) -%}
  {{ adapter.dispatch('get_replace_table_sql', 'dbt')(relation, sql) }}
{%- endmacro %}

{% macro default__get_replace_table_sql(relation, sql) -%}
  {%- do exceptions.raise_compiler_error('get_replace_table_sql: ' ~ adapter.type() ~ ' has no way to replace a table') -%}
{%- endmacro %}

{% macro get_create_intermediate_sql(relation, sql) -%}
  {{ adapter.dispatch('get_create_intermediate_sql', 'dbt')(relation, sql) }}
{%- endmacro %}

{% macro default__get_create_intermediate_sql(relation, sql) -%}
  {%- set intermediate_relation = make_intermediate_relation(relation) -%}
  {{ get_drop_sql(intermediate_relation) }};
  {{ get_create_sql(intermediate_relation, sql) }}
{%- endmacro %}

{% macro get_rename_intermediate_sql(relation) -%}
  {{ adapter.dispatch('get_rename_intermediate_sql', 'dbt')(relation) }}
{%- endmacro %}

{% macro default__get_rename_intermediate_sql(relation) -%}
  {{ get_rename_sql(make_intermediate_relation(relation), relation.identifier) }}
{%- endmacro %}

{% macro get_create_backup_sql(relation) -%}
  {{ adapter.dispatch('get_create_backup_sql', 'dbt')(relation) }}
{%- endmacro %}

{% macro default__get_create_backup_sql(relation) -%}
  {%- set backup_relation = make_backup_relation(relation, relation.type) -%}
  {{ get_drop_sql(backup_relation) }};
  {{ get_rename_sql(relation, backup_relation.identifier) }}
{%- endmacro %}

{% macro get_drop_backup_sql(relation) -%}
  {{ adapter.dispatch('get_drop_backup_sql', 'dbt')(relation) }}
{%- endmacro %}

{% macro default__get_drop_backup_sql(relation) -%}
  {{ get_drop_sql(make_backup_relation(relation, relation.type)) }}
{%- endmacro %}
