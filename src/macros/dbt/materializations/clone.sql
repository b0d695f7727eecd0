{# Makes a copy of the relation in the state that is deferred to: a clone where the warehouse can, else a view on it. #}
{% materialization clone, default %}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- if not defer_relation -%}
    {%- do log('The state has no relation for ' ~ model.unique_id, info=true) -%}
    {{ return({'relations': []}) }}
  {%- elif existing_relation and not flags.FULL_REFRESH -%}
    {%- do log(existing_relation ~ ' is there already', info=true) -%}
    {{ return({'relations': []}) }}
  {%- endif -%}

  {%- set source_relation = load_cached_relation(defer_relation) -%}
  {%- if source_relation and source_relation.is_table and can_clone_table() -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- if existing_relation is not none and not existing_relation.is_table -%}
      {%- do adapter.drop_relation(existing_relation) -%}
    {%- endif -%}
    {%- if target_relation.render() != defer_relation.render() -%}
      {%- call statement('main') -%}
        {{ create_or_replace_clone(target_relation, defer_relation) }}
      {%- endcall -%}
    {%- endif -%}
    {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing_relation, full_refresh_mode=true)) -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ return({'relations': [target_relation]}) }}
  {%- endif -%}

  {%- set own = 'materialization_view_' ~ adapter.type() -%}
  {{ return(context[own if own in context else 'materialization_view_default']()) }}
{% endmaterialization %}

{% macro can_clone_table() %}
  {{ return(adapter.dispatch('can_clone_table', 'dbt')()) }}
{% endmacro %}

{% macro default__can_clone_table() %}
  {{ return(false) }}
{% endmacro %}

{% macro create_or_replace_clone(this_relation, defer_relation) %}
  {{ return(adapter.dispatch('create_or_replace_clone', 'dbt')(this_relation, defer_relation)) }}
{% endmacro %}

{% macro default__create_or_replace_clone(this_relation, defer_relation) -%}
    create or replace table {{ this_relation.render() }} clone {{ defer_relation.render() }}
{%- endmacro %}
