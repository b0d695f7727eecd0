{# Adds the rows of the model's query to its table, with all that follows a build. #}
{% macro upsql_add_to_table(existing_relation, target_relation, strategy, get_strategy_sql) %}
  {{ return(adapter.dispatch('upsql_add_to_table', 'dbt')(existing_relation, target_relation, strategy, get_strategy_sql)) }}
{% endmacro %}

{% macro default__upsql_add_to_table(existing_relation, target_relation, strategy, get_strategy_sql) %}
  {%- set new_rows = upsql_create_incremental_source(target_relation, strategy) -%}
  {%- do upsql_merge_new_rows(existing_relation, target_relation, new_rows, get_strategy_sql) -%}
  {%- do upsql_finish_relation(existing_relation, target_relation, full_refresh_mode=false) -%}
  {%- do adapter.drop_relation(new_rows) -%}
{% endmacro %}

{# The model's query as a relation that the strategy's SQL reads: a temporary table, dropped by the materialization. #}
{% macro upsql_create_incremental_source(target_relation, strategy) %}
  {{ return(adapter.dispatch('upsql_create_incremental_source', 'dbt')(target_relation, strategy)) }}
{% endmacro %}

{% macro default__upsql_create_incremental_source(target_relation, strategy) %}
  {%- if model['language'] == 'typescript' -%}
    {%- set relation = make_intermediate_relation(target_relation) -%}
    {%- do upsql_run_code(relation) -%}
  {%- elif model['language'] == 'python' -%}
    {%- set relation = make_temp_relation(target_relation) -%}
    {%- do upsql_run_code(relation, temporary=true) -%}
  {%- else -%}
    {%- set relation = make_temp_relation(target_relation) -%}
    {%- do run_query(get_create_table_as_sql(true, relation, compiled_code)) -%}
  {%- endif -%}
  {{ return(relation) }}
{% endmacro %}

{# Brings the rows of `source_relation` into the model's table; the caller commits. #}
{% macro upsql_merge_new_rows(existing_relation, target_relation, source_relation, get_strategy_sql) %}
  {%- set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore') -%}
  {%- if not config.get('contract', {}).enforced -%}
    {%- do adapter.expand_target_column_types(from_relation=source_relation, to_relation=target_relation) -%}
  {%- endif -%}
  {%- if on_schema_change != 'ignore' -%}
    {%- do adapter.ensure_transaction() -%}
  {%- endif -%}
  {%- set columns = process_schema_changes(on_schema_change, source_relation, existing_relation)
      or adapter.get_columns_in_relation(existing_relation) -%}
  {%- set build_sql = get_strategy_sql({
      'target_relation': target_relation,
      'temp_relation': source_relation,
      'unique_key': config.get('unique_key'),
      'dest_columns': columns,
      'incremental_predicates': config.get('predicates', none) or config.get('incremental_predicates', none)
  }) -%}
  {%- call statement('main', auto_begin=(upsql_needs_transaction() or upsql_is_several_statements(build_sql))) -%}
    {{ build_sql }}
  {%- endcall -%}
{% endmacro %}

{# True in a run that adds to the table of an incremental model that is there; false while parsing. #}
{% macro is_incremental() %}
  {%- if not execute -%}
    {{ return(false) }}
  {%- endif -%}
  {%- set relation = adapter.get_relation(this.database, this.schema, this.table) -%}
  {{ return(relation is not none
      and relation.type == 'table'
      and model.config.materialized == 'incremental'
      and not should_full_refresh()) }}
{% endmacro %}
