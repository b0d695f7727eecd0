{% materialization incremental, default, supported_languages=['sql', 'typescript'] %}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set strategy = config.get('incremental_strategy') or 'default' -%}
  {%- set get_strategy_sql = adapter.get_incremental_strategy_macro(context, strategy) -%}
  {%- set rebuild = existing_relation is none or not existing_relation.is_table or should_full_refresh() -%}
  {%- do upsql_drop_leftovers(target_relation) -%}
  {%- do run_hooks(pre_hooks, inside_transaction=false) -%}
  {%- do run_hooks(pre_hooks, inside_transaction=true) -%}

  {%- if rebuild -%}
    {%- do upsql_build_table(existing_relation, target_relation) -%}
    {%- do create_indexes(target_relation) -%}
    {%- do upsql_finish_relation(existing_relation, target_relation) -%}
  {%- else -%}
    {%- set new_rows = upsql_create_incremental_source(target_relation, strategy) -%}
    {%- do upsql_merge_new_rows(existing_relation, target_relation, new_rows, get_strategy_sql) -%}
    {%- do upsql_finish_relation(existing_relation, target_relation, full_refresh_mode=false) -%}
    {%- do adapter.drop_relation(new_rows) -%}
  {%- endif -%}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
