{% macro set_sql_header(config) -%}
  {{ config.set('sql_header', caller()) }}
{%- endmacro %}

{# The node's own `full_refresh` goes before --full-refresh. #}
{% macro should_full_refresh() %}
  {%- set own = config.get('full_refresh') -%}
  {%- do return(flags.FULL_REFRESH if own is none else own) -%}
{% endmacro %}

{% macro should_store_failures() %}
  {%- set own = config.get('store_failures') -%}
  {%- do return(flags.STORE_FAILURES if own is none else own) -%}
{% endmacro %}

{% macro is_core_v2() -%}
  {%- do return((dbt_version.split('.')[0] | int) == 2) -%}
{%- endmacro %}
