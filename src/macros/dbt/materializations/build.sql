{# Builds a table model, in SQL, Python or TypeScript, in the place of what is there. #}
{% macro upsql_build_table(existing_relation, target_relation) %}
  {{ return(adapter.dispatch('upsql_build_table', 'dbt')(existing_relation, target_relation)) }}
{% endmacro %}

{% macro default__upsql_build_table(existing_relation, target_relation) %}
  {%- if model['language'] == 'sql' -%}
    {%- do upsql_replace_relation(existing_relation, target_relation, compiled_code, transactional=upsql_needs_transaction()) -%}
  {%- elif existing_relation is none -%}
    {%- do upsql_run_code(target_relation) -%}
  {%- else -%}
    {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
    {%- do upsql_run_code(intermediate_relation) -%}
    {%- do upsql_swap_relation(existing_relation, intermediate_relation, target_relation) -%}
  {%- endif -%}
{% endmacro %}

{# Runs a Python or TypeScript model's function and loads what it returns into `relation`, which must not be there yet. #}
{% macro upsql_run_code(relation, temporary=false) %}
  {%- if model['language'] == 'typescript' -%}
    {%- do store_result('main', response=adapter.run_typescript_model(relation), agate_table=none) -%}
  {%- else -%}
    {%- call statement('main', language=model['language']) -%}
{{ create_table_as(temporary, relation, compiled_code, model['language']) }}
    {%- endcall -%}
  {%- endif -%}
{% endmacro %}

{# What follows a build: grants, comments, the hooks inside the transaction, its commit, the hooks after it. #}
{% macro upsql_finish_relation(existing_relation, target_relation, full_refresh_mode=true) %}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing_relation, full_refresh_mode)) -%}
  {%- do persist_docs(target_relation, model) -%}
  {%- do run_hooks(post_hooks, inside_transaction=true) -%}
  {%- do adapter.commit() -%}
  {%- do run_hooks(post_hooks, inside_transaction=false) -%}
{% endmacro %}
