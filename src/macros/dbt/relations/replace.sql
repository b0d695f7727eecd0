{#
  Puts a relation built from `sql` in the place of `existing_relation` (none: there is nothing yet), as statement `main`.
  Other sessions see the old one or the new one. Where the create statement replaces by itself, it runs alone;
  else the new one is built beside the old and takes its name in one transaction, which the caller commits.
  `transactional`: more statements follow that belong to the same change.
#}
{% macro upsql_replace_relation(existing_relation, target_relation, sql, transactional=false) %}
  {{ return(adapter.dispatch('upsql_replace_relation', 'dbt')(existing_relation, target_relation, sql, transactional)) }}
{% endmacro %}

{% macro default__upsql_replace_relation(existing_relation, target_relation, sql, transactional) %}
  {%- set create_sql = get_create_sql(target_relation, sql) -%}
  {%- if existing_relation is none or upsql_replaces_by_itself(existing_relation, target_relation, create_sql) -%}
    {%- call statement('main', auto_begin=(transactional or upsql_is_several_statements(create_sql))) -%}
      {{ create_sql }}
    {%- endcall -%}
  {%- else -%}
    {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
    {%- call statement('main') -%}
      {{ get_create_sql(intermediate_relation, sql) }}
    {%- endcall -%}
    {%- do upsql_swap_relation(existing_relation, intermediate_relation, target_relation) -%}
  {%- endif -%}
{% endmacro %}

{# Gives an already built relation the name of the one it replaces, in the open transaction or a new one. #}
{% macro upsql_swap_relation(existing_relation, new_relation, target_relation) %}
  {%- do adapter.ensure_transaction() -%}
  {%- do drop_relation_if_exists(existing_relation) -%}
  {%- do adapter.rename_relation(new_relation, target_relation) -%}
{% endmacro %}

{# Read from the statement's text, since a project may have its own create macro. #}
{% macro upsql_replaces_by_itself(existing_relation, target_relation, create_sql) %}
  {%- do return(existing_relation.type == target_relation.type
      and ('create or replace ' ~ target_relation.type) in (create_sql | lower)) -%}
{% endmacro %}

{# A semicolon within the text may be one in a string: then a transaction is opened that is not needed. #}
{% macro upsql_is_several_statements(sql) %}
  {%- do return(';' in ((sql | trim).rstrip(';'))) -%}
{% endmacro %}

{# What a run that was killed may have left: a half-built relation or a backup under the names that builds use. #}
{% macro upsql_drop_leftovers(target_relation) %}
  {%- do drop_relation_if_exists(load_cached_relation(make_intermediate_relation(target_relation))) -%}
  {%- do drop_relation_if_exists(load_cached_relation(make_backup_relation(target_relation, target_relation.type))) -%}
{% endmacro %}

{# True when a build is more than one statement that others must see at once. #}
{% macro upsql_needs_transaction() %}
  {%- do return(
      (pre_hooks + post_hooks) | selectattr('transaction') | list | length > 0
      or (config.get('indexes') or []) | length > 0
      or (config.persist_relation_docs() and model.description)
      or (config.persist_column_docs() and model.columns)) -%}
{% endmacro %}
