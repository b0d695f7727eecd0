{% macro upsql_snowflake_dynamic_table() %}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type=this.DynamicTable) -%}
  {%- do run_hooks(pre_hooks, inside_transaction=false) -%}
  {%- do run_hooks(pre_hooks, inside_transaction=true) -%}
  {%- set build_sql = upsql_dynamic_table_build_sql(existing_relation, target_relation) -%}
  {%- if build_sql | trim == '' -%}
    {%- do store_raw_result(name='main', message='skip ' ~ target_relation, code='skip', rows_affected='-1') -%}
  {%- else -%}
    {%- call statement('main', auto_begin=false) -%}
      {{ config.get('sql_header', none) or '' }}
      {{ build_sql }}
    {%- endcall -%}
  {%- endif -%}
  {%- if upsql_dynamic_table_options().scheduler == 'DISABLE' -%}
    {%- call statement('refresh', auto_begin=false) -%}
      {{ snowflake__refresh_dynamic_table(target_relation) }}
    {%- endcall -%}
  {%- endif -%}
  {%- do upsql_finish_relation(existing_relation, target_relation) -%}
  {{ return({'relations': [target_relation]}) }}
{% endmacro %}

{#
  Create, replace, alter, or nothing (an empty text), by what is there and what the configs say. What is there and as it
  should be is Snowflake's to refresh.
#}
{% macro upsql_dynamic_table_build_sql(existing_relation, target_relation) %}
  {%- if existing_relation is not none and not existing_relation.is_dynamic_table -%}
    {%- do adapter.drop_relation(existing_relation) -%}
  {%- endif -%}
  {%- if existing_relation is none or not existing_relation.is_dynamic_table or should_full_refresh() -%}
    {{ return(get_create_dynamic_table_as_sql(target_relation, sql)) }}
  {%- endif -%}
  {%- set changes = snowflake__get_dynamic_table_configuration_changes(existing_relation, config) -%}
  {%- set wanted = config.get('on_configuration_change') -%}
  {%- if changes is none -%}
    {{ return('') }}
  {%- elif wanted == 'apply' -%}
    {{ return(snowflake__get_alter_dynamic_table_as_sql(existing_relation, changes, target_relation, sql)) }}
  {%- elif wanted == 'continue' -%}
    {%- do exceptions.warn('The configuration of ' ~ target_relation.render() ~ ' has changed; it stays as it is (on_configuration_change: continue)') -%}
    {{ return('') }}
  {%- endif -%}
  {%- do exceptions.raise_fail_fast_error('The configuration of ' ~ target_relation.render() ~ ' has changed (on_configuration_change: fail)') -%}
{% endmacro %}
