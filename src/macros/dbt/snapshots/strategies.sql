{#
  A strategy is a macro snapshot_<name>_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) that gives
  {unique_key, updated_at, row_changed, scd_id, invalidate_hard_deletes, hard_deletes}: the first two and scd_id are
  expressions over the snapshot's query, row_changed one over both relations.
#}
{% macro strategy_dispatch(name) -%}
  {%- set package = name.split('.')[0] if '.' in name else none -%}
  {%- set macro_name = 'snapshot_' ~ (name.split('.', 1)[1] if package else name) ~ '_strategy' -%}
  {%- if package and package not in context -%}
    {%- do exceptions.raise_compiler_error("Snapshot strategy '" ~ name ~ "': there is no package '" ~ package ~ "'") -%}
  {%- endif -%}
  {%- set namespace_ = context[package] if package else context -%}
  {%- if macro_name not in namespace_ -%}
    {%- do exceptions.raise_compiler_error("Snapshot strategy '" ~ name ~ "': there is no macro " ~ macro_name) -%}
  {%- endif -%}
  {{ return(namespace_[macro_name]) }}
{%- endmacro %}

{% macro snapshot_timestamp_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
  {%- set names = upsql_snapshot_column_names() -%}
  {%- set updated_at = config.get('updated_at') -%}
  {{ return(upsql_snapshot_strategy(
      updated_at,
      '(' ~ snapshotted_rel ~ '.' ~ names.dbt_valid_from ~ ' < ' ~ current_rel ~ '.' ~ updated_at ~ ')'
  )) }}
{% endmacro %}

{% macro snapshot_check_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
  {%- set updated_at = config.get('updated_at') or snapshot_get_time() -%}
  {%- set column_added, columns = snapshot_check_all_get_existing_columns(node, target_exists, config.get('check_cols')) -%}
  {%- if column_added -%}
    {{ return(upsql_snapshot_strategy(updated_at, '(' ~ get_true_sql() ~ ')')) }}
  {%- endif -%}
  {%- set differences = [] -%}
  {%- for column in columns -%}
    {%- set before = snapshotted_rel ~ '.' ~ column -%}
    {%- set now = current_rel ~ '.' ~ column -%}
    {%- do differences.append(
        before ~ ' != ' ~ now
        ~ ' or (' ~ before ~ ' is null and ' ~ now ~ ' is not null)'
        ~ ' or (' ~ before ~ ' is not null and ' ~ now ~ ' is null)') -%}
  {%- endfor -%}
  {{ return(upsql_snapshot_strategy(updated_at, '(' ~ differences | join('\n    or ') ~ ')')) }}
{% endmacro %}

{# What both strategies have in common. #}
{% macro upsql_snapshot_strategy(updated_at, row_changed) %}
  {%- set unique_key = config.get('unique_key') -%}
  {%- set hard_deletes = adapter.get_hard_deletes_behavior(config) -%}
  {{ return({
      'unique_key': unique_key,
      'updated_at': updated_at,
      'row_changed': row_changed,
      'scd_id': snapshot_hash_arguments(api.Relation.scd_args(unique_key, updated_at)),
      'invalidate_hard_deletes': hard_deletes == 'invalidate',
      'hard_deletes': hard_deletes
  }) }}
{% endmacro %}

{# Gives (whether the query has a column that the table lacks, the quoted columns to compare). #}
{% macro snapshot_check_all_get_existing_columns(node, target_exists, check_cols_config) -%}
  {%- if not target_exists -%}
    {{ return((false, [])) }}
  {%- endif -%}
  {%- if check_cols_config == 'all' -%}
    {%- set checked = get_columns_in_query(node['compiled_code']) -%}
  {%- elif check_cols_config is iterable and check_cols_config is not string and check_cols_config | length > 0 -%}
    {#- A line break before the bracket: the query may end in a comment. -#}
    {%- set checked = get_columns_in_query(
        'select ' ~ check_cols_config | join(', ') ~ ' from (\n' ~ node['compiled_code'] ~ '\n) subq') -%}
  {%- else -%}
    {%- do exceptions.raise_compiler_error("check_cols of snapshot " ~ node['name'] ~ " is " ~ check_cols_config ~ "; it can be a list of columns or 'all'") -%}
  {%- endif -%}
  {%- set table = adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias) -%}
  {%- set present = adapter.get_columns_in_relation(table) | map(attribute='name') | list -%}
  {%- set common = [] -%}
  {%- for name in checked if name in present -%}
    {%- do common.append(adapter.quote(name)) -%}
  {%- endfor -%}
  {{ return((common | length < checked | length, common)) }}
{%- endmacro %}

{% macro snapshot_hash_arguments(args) -%}
  {{ adapter.dispatch('snapshot_hash_arguments', 'dbt')(args) }}
{%- endmacro %}

{% macro default__snapshot_hash_arguments(args) -%}
  md5({%- for arg in args -%}
    coalesce(cast({{ arg }} as varchar), ''){{ " || '|' || " if not loop.last }}
  {%- endfor -%})
{%- endmacro %}

{% macro snapshot_string_as_time(timestamp) -%}
  {{ adapter.dispatch('snapshot_string_as_time', 'dbt')(timestamp) }}
{%- endmacro %}

{% macro default__snapshot_string_as_time(timestamp) %}
  {%- do exceptions.raise_not_implemented('snapshot_string_as_time is not implemented for adapter ' ~ adapter.type()) -%}
{% endmacro %}

{% macro get_true_sql() %}
  {{ adapter.dispatch('get_true_sql', 'dbt')() }}
{% endmacro %}

{% macro default__get_true_sql() %}
  {{ return('TRUE') }}
{% endmacro %}
