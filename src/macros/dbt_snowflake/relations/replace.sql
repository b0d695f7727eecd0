{#
  `create or replace` exchanges a table for a table, and a view for a view, in one atomic statement. What is of another
  type is dropped only when the new one is ready.
#}
{% macro snowflake__upsql_replace_relation(existing_relation, target_relation, sql, transactional) %}
  {%- if existing_relation is none or existing_relation.type == target_relation.type -%}
    {%- call statement('main', auto_begin=false) -%}
      {{ get_create_sql(target_relation, sql) }}
    {%- endcall -%}
  {%- else -%}
    {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
    {%- call statement('main', auto_begin=false) -%}
      {{ get_create_sql(intermediate_relation, sql) }}
    {%- endcall -%}
    {%- do drop_relation_if_exists(existing_relation) -%}
    {%- do adapter.rename_relation(intermediate_relation, target_relation) -%}
  {%- endif -%}
{% endmacro %}

{# The rows of a Python or TypeScript model are staged, and one statement makes the table of them. #}
{% macro snowflake__upsql_build_table(existing_relation, target_relation) %}
  {%- if model['language'] == 'sql' -%}
    {%- do upsql_replace_relation(existing_relation, target_relation, compiled_code) -%}
  {%- elif existing_relation is none or existing_relation.is_table -%}
    {%- do upsql_run_code(target_relation) -%}
  {%- else -%}
    {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
    {%- do upsql_run_code(intermediate_relation) -%}
    {%- do drop_relation_if_exists(existing_relation) -%}
    {%- do adapter.rename_relation(intermediate_relation, target_relation) -%}
  {%- endif -%}
{% endmacro %}

{# A name alone would move the relation into the session's schema. #}
{% macro snowflake__rename_relation(from_relation, to_relation) -%}
  {%- call statement('rename_relation', auto_begin=false) -%}
    alter {{ 'view' if to_relation.is_view else 'table' }} {{ from_relation.render() }} rename to {{ to_relation.render() }}
  {%- endcall -%}
{%- endmacro %}

{% macro snowflake__get_rename_table_sql(relation, new_name) -%}
  alter table {{ relation.render() }} rename to {{ relation.incorporate(path={'identifier': new_name}).render() }}
{%- endmacro %}

{% macro snowflake__get_rename_view_sql(relation, new_name) -%}
  alter view {{ relation.render() }} rename to {{ relation.incorporate(path={'identifier': new_name}).render() }}
{%- endmacro %}

{% macro snowflake__get_drop_sql(relation) -%}
  {%- if relation.is_dynamic_table -%}
    drop dynamic table if exists {{ relation.render() }}
  {%- elif relation.is_materialized_view -%}
    drop materialized view if exists {{ relation.render() }}
  {%- else -%}
    drop {{ 'view' if relation.is_view else 'table' }} if exists {{ relation.render() }}
  {%- endif -%}
{%- endmacro %}

{% macro snowflake__get_create_sql(relation, sql) -%}
  {{ get_create_dynamic_table_as_sql(relation, sql) if relation.is_dynamic_table else default__get_create_sql(relation, sql) }}
{%- endmacro %}
