{% materialization incremental, default, supported_languages=['sql', 'python', 'typescript'] %}
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
    {%- do upsql_add_to_table(existing_relation, target_relation, strategy, get_strategy_sql) -%}
  {%- endif -%}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
