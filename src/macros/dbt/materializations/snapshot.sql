{% materialization snapshot, default %}
  {%- set exists, target_relation = get_or_create_relation(
      database=model.database, schema=model.schema, identifier=model.get('alias', model.get('name')), type='table') -%}
  {%- if not target_relation.is_table -%}
    {%- do exceptions.relation_wrong_type(target_relation, 'table') -%}
  {%- endif -%}
  {%- do run_hooks(pre_hooks, inside_transaction=false) -%}
  {%- do run_hooks(pre_hooks, inside_transaction=true) -%}

  {%- set strategy_macro = strategy_dispatch(config.get('strategy')) -%}
  {%- set strategy = strategy_macro(model, 'snapshotted_data', 'source_data', model['config'], exists) -%}
  {%- if not exists -%}
    {%- set changes_sql = build_snapshot_table(strategy, model['compiled_code']) -%}
    {%- set main_sql = create_table_as(false, target_relation, changes_sql) -%}
  {%- else -%}
    {%- do adapter.assert_valid_snapshot_target_given_strategy(target_relation, upsql_snapshot_column_names(), strategy) -%}
    {%- set changes_sql = snapshot_staging_table(strategy, sql, target_relation) -%}
    {%- set staging_table = build_snapshot_staging_table(strategy, sql, target_relation) -%}
    {%- set main_sql = upsql_snapshot_merge_into(target_relation, staging_table, strategy) -%}
  {%- endif -%}
  {%- do check_time_data_types(changes_sql) -%}
  {%- call statement('main') -%}
    {{ main_sql }}
  {%- endcall -%}

  {%- if not exists -%}
    {%- do create_indexes(target_relation) -%}
  {%- endif -%}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(exists, full_refresh_mode=false)) -%}
  {%- do persist_docs(target_relation, model) -%}
  {%- do run_hooks(post_hooks, inside_transaction=true) -%}
  {%- do adapter.commit() -%}
  {%- if exists -%}
    {%- do post_snapshot(staging_table) -%}
  {%- endif -%}
  {%- do run_hooks(post_hooks, inside_transaction=false) -%}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Gives the table the columns that are new in the query, and the statement that takes the changes over. #}
{% macro upsql_snapshot_merge_into(target_relation, staging_table, strategy) %}
  {%- set own = ['dbt_change_type', 'dbt_unique_key'] -%}
  {%- for key in (strategy.unique_key if strategy.unique_key | is_list else []) -%}
    {%- do own.append('dbt_unique_key_' ~ loop.index) -%}
  {%- endfor -%}
  {%- set own = own + (own | map('upper') | list) -%}
  {%- do adapter.expand_target_column_types(from_relation=staging_table, to_relation=target_relation) -%}
  {%- set missing = adapter.get_missing_columns(staging_table, target_relation) | rejectattr('name', 'in', own) | list -%}
  {%- do create_columns(target_relation, missing) -%}
  {%- set columns = adapter.get_columns_in_relation(staging_table) | rejectattr('name', 'in', own) | map(attribute='name') -%}
  {%- set quoted = [] -%}
  {%- for name in columns -%}
    {%- do quoted.append(adapter.quote(name)) -%}
  {%- endfor -%}
  {{ return(snapshot_merge_sql(target=target_relation, source=staging_table, insert_cols=quoted)) }}
{% endmacro %}
