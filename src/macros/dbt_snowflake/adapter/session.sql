{#
  What a node asks of its session: a query tag and a warehouse of its own. Neither costs a statement where it is that of
  the session already: the tag travels with each statement, and a `use warehouse` of the warehouse in use is not sent.
#}
{% macro upsql_run_default(name) %}
  {%- set original_query_tag = set_query_tag() -%}
  {%- set own_warehouse = config.get('snowflake_warehouse') if model['config']['materialized'] != 'dynamic_table' -%}
  {%- if own_warehouse -%}
    {%- do run_query('use warehouse ' ~ own_warehouse) -%}
  {%- endif -%}
  {%- set result = context[name]() -%}
  {%- do unset_query_tag(original_query_tag) -%}
  {%- if own_warehouse and target.warehouse -%}
    {%- do run_query('use warehouse ' ~ target.warehouse) -%}
  {%- endif -%}
  {{ return(result) }}
{% endmacro %}

{# Sets the tag of the `query_tag` config; gives the one before it. A project may have macros of its own in place of these. #}
{% macro set_query_tag() -%}
  {{ return(adapter.dispatch('set_query_tag', 'dbt')()) }}
{%- endmacro %}

{% macro snowflake__set_query_tag() -%}
  {%- set tag = config.get('query_tag') -%}
  {%- if tag -%}
    {%- do upsql_alter_query_tag(tag) -%}
  {%- endif -%}
  {{ return(get_current_query_tag() if tag else none) }}
{%- endmacro %}

{% macro unset_query_tag(original_query_tag) -%}
  {{ return(adapter.dispatch('unset_query_tag', 'dbt')(original_query_tag)) }}
{%- endmacro %}

{% macro snowflake__unset_query_tag(original_query_tag) -%}
  {%- set tag = original_query_tag or get_current_query_tag() -%}
  {%- if tag -%}
    {%- do upsql_alter_query_tag(tag) -%}
  {%- else -%}
    {%- do run_query('alter session unset query_tag') -%}
  {%- endif -%}
{%- endmacro %}

{# The profile's: the tag that sessions start with. #}
{% macro get_current_query_tag() -%}
  {{ return(target.query_tag or '') }}
{%- endmacro %}

{% macro upsql_alter_query_tag(tag) -%}
  {%- do run_query("alter session set query_tag = '" ~ (tag | string | replace('\\', '\\\\') | replace("'", "''")) ~ "'") -%}
{%- endmacro %}

{# DML in a transaction of its own, for macros that put several statements together. #}
{% macro snowflake_dml_explicit_transaction(dml) %}
begin;
{{ dml | trim | trim(';') }};
commit;
{% endmacro %}
