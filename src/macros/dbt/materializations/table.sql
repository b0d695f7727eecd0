{% materialization table, default, supported_languages=['sql', 'python', 'typescript'] %}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- do upsql_drop_leftovers(target_relation) -%}
  {%- do run_hooks(pre_hooks, inside_transaction=false) -%}
  {%- do run_hooks(pre_hooks, inside_transaction=true) -%}

  {%- do upsql_build_table(existing_relation, target_relation) -%}
  {%- do create_indexes(target_relation) -%}
  {%- do upsql_finish_relation(existing_relation, target_relation) -%}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
