{#
  Adds to an incremental model's table. A query that is read once goes straight into the strategy's statement: then it is
  `describe` and that statement, nothing else. It is put into a temporary table first where it is read twice, and into a
  temporary view where its columns must be looked at: for on_schema_change, and when a text column of the table may have
  to grow.
#}
{% macro snowflake__upsql_add_to_table(existing_relation, target_relation, strategy, get_strategy_sql) %}
  {%- set columns = adapter.get_columns_in_relation(existing_relation) -%}
  {%- set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore') -%}
  {%- set looked_at = on_schema_change != 'ignore' or (not config.get('contract', {}).enforced and upsql_has_short_text(columns)) -%}
  {%- set direct = upsql_reads_once(strategy) and upsql_tmp_relation_type(strategy) is none -%}
  {%- if model['language'] == 'sql' and not looked_at -%}
    {%- set staged = none if direct else upsql_create_incremental_source(target_relation, strategy) -%}
    {%- set source = staged or '(\n' ~ compiled_code ~ '\n)' -%}
    {%- call statement('main', auto_begin=false) -%}
      {{ (config.get('sql_header', none) or '') if not staged }}
      {{ get_strategy_sql(upsql_strategy_arguments(target_relation, source, columns)) }}
    {%- endcall -%}
    {%- do upsql_finish_relation(existing_relation, target_relation, full_refresh_mode=false) -%}
    {%- do drop_relation_if_exists(staged) -%}
  {%- else -%}
    {%- do default__upsql_add_to_table(existing_relation, target_relation, strategy, get_strategy_sql) -%}
  {%- endif -%}
{% endmacro %}

{% macro upsql_strategy_arguments(target_relation, source, columns) %}
  {{ return({
      'target_relation': target_relation,
      'temp_relation': source,
      'unique_key': config.get('unique_key'),
      'dest_columns': columns,
      'incremental_predicates': config.get('predicates', none) or config.get('incremental_predicates', none)
  }) }}
{% endmacro %}

{# delete+insert and microbatch read the new rows twice; of a strategy of the project's own it is not known. #}
{% macro upsql_reads_once(strategy) %}
  {{ return(strategy in ['default', 'append', 'merge', 'insert_overwrite']) }}
{% endmacro %}

{# A text column that was made with a length of its own. #}
{% macro upsql_has_short_text(columns) %}
  {%- for column in columns if column.is_string() and (column.char_size or 16777216) | int < 16777216 -%}
    {{ return(true) }}
  {%- endfor -%}
  {{ return(false) }}
{% endmacro %}

{#
  The config `tmp_relation_type` (table, view, transient): where the new rows wait; none where nothing is said. A view may
  give other rows to the second of two statements, and a Python model is no view.
#}
{% macro upsql_tmp_relation_type(strategy) %}
  {%- set wanted = config.get('tmp_relation_type') -%}
  {%- if wanted is none -%}
    {{ return(none) }}
  {%- elif wanted not in ['table', 'view', 'transient'] -%}
    {%- do exceptions.raise_compiler_error('tmp_relation_type is ' ~ wanted ~ '; it has to be table, view or transient') -%}
  {%- elif model['language'] != 'sql' and wanted != 'table' -%}
    {%- do exceptions.raise_compiler_error('tmp_relation_type is ' ~ wanted ~ '; rows of a model in ' ~ model['language'] ~ ' wait in a table') -%}
  {%- elif wanted == 'view' and strategy in ['delete+insert', 'microbatch'] and config.get('unique_key') is not none -%}
    {%- do exceptions.raise_compiler_error('tmp_relation_type is view, which might give other rows to each of the two statements of ' ~ strategy ~ '; it has to be table or transient') -%}
  {%- endif -%}
  {{ return(wanted) }}
{% endmacro %}

{% macro snowflake__upsql_create_incremental_source(target_relation, strategy) %}
  {%- set wanted = upsql_tmp_relation_type(strategy) or ('view' if upsql_reads_once(strategy) else 'table') -%}
  {%- if model['language'] != 'sql' or wanted == 'table' -%}
    {{ return(default__upsql_create_incremental_source(target_relation, strategy)) }}
  {%- elif wanted == 'transient' -%}
    {%- set relation = make_temp_relation(target_relation).incorporate(type='table') -%}
    {%- call statement('source', auto_begin=false) -%}
      {{ config.get('sql_header', none) or '' }}
      create or replace transient table {{ relation.render() }} as (
        {{ compiled_code }}
      )
    {%- endcall -%}
    {{ return(relation) }}
  {%- endif -%}
  {%- set relation = make_temp_relation(target_relation).incorporate(type='view') -%}
  {%- call statement('source', auto_begin=false) -%}
    {{ config.get('sql_header', none) or '' }}
    create or replace temporary view {{ relation.render() }} as (
      {{ compiled_code }}
    )
  {%- endcall -%}
  {{ return(relation) }}
{% endmacro %}
