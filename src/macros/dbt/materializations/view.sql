{% materialization view, default %}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='view') -%}
  {%- do upsql_drop_leftovers(target_relation) -%}
  {%- do run_hooks(pre_hooks, inside_transaction=false) -%}
  {%- do run_hooks(pre_hooks, inside_transaction=true) -%}

  {%- do upsql_replace_relation(existing_relation, target_relation, sql, transactional=upsql_needs_transaction()) -%}
  {%- do upsql_finish_relation(existing_relation, target_relation) -%}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
