{# A view materialization in one call, for warehouses where `create or replace view` is atomic and DDL commits itself. #}
{% macro create_or_replace_view() %}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='view') -%}
  {%- do run_hooks(pre_hooks) -%}
  {%- if existing_relation is not none and not existing_relation.is_view -%}
    {%- do handle_existing_table(should_full_refresh(), existing_relation) -%}
  {%- endif -%}
  {%- call statement('main') -%}
    {{ get_create_view_as_sql(target_relation, sql) }}
  {%- endcall -%}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing_relation, full_refresh_mode=true)) -%}
  {%- do run_hooks(post_hooks) -%}
  {{ return({'relations': [target_relation]}) }}
{% endmacro %}

{% macro handle_existing_table(full_refresh, old_relation) %}
  {{ adapter.dispatch('handle_existing_table', 'dbt')(full_refresh, old_relation) }}
{% endmacro %}

{% macro default__handle_existing_table(full_refresh, old_relation) %}
  {%- do log('Dropping ' ~ old_relation.render() ~ ', a ' ~ old_relation.type ~ ' where a view is to be') -%}
  {%- do adapter.drop_relation(old_relation) -%}
{% endmacro %}
