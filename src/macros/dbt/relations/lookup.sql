{# The relation as the warehouse has it, with its type, or none. Answered from the run's cache. #}
{% macro load_cached_relation(relation) %}
  {%- do return(adapter.get_relation(database=relation.database, schema=relation.schema, identifier=relation.identifier)) -%}
{% endmacro %}

{% macro load_relation(relation) %}
  {{ return(load_cached_relation(relation)) }}
{% endmacro %}

{# Gives [exists, relation]. #}
{% macro get_or_create_relation(database, schema, identifier, type) -%}
  {{ return(adapter.dispatch('get_or_create_relation', 'dbt')(database, schema, identifier, type)) }}
{%- endmacro %}

{% macro default__get_or_create_relation(database, schema, identifier, type) %}
  {%- set found = adapter.get_relation(database=database, schema=schema, identifier=identifier) -%}
  {%- if found -%}
    {%- do return([true, found]) -%}
  {%- endif -%}
  {%- do return([false, api.Relation.create(database=database, schema=schema, identifier=identifier, type=type)]) -%}
{% endmacro %}
