{#
  A seed is filled beside its place and then takes it, so that nobody meets it empty or half filled. A table that is there
  is exchanged by one statement, which leaves what was granted on it with `copy_grants`.
#}
{% macro upsql_snowflake_seed() %}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- if existing_relation is not none and not existing_relation.is_table -%}
    {%- do exceptions.raise_compiler_error(
        'Seed ' ~ model['name'] ~ ' cannot be loaded into ' ~ existing_relation.render() ~ ': that is a '
        ~ existing_relation.type ~ '. Drop it, or give the seed another alias.') -%}
  {%- endif -%}
  {%- set agate_table = load_agate_table() -%}
  {%- do store_result('agate_table', response='OK', agate_table=agate_table) -%}
  {%- do run_hooks(pre_hooks, inside_transaction=false) -%}
  {%- do run_hooks(pre_hooks, inside_transaction=true) -%}

  {%- set staged_relation = make_intermediate_relation(target_relation) -%}
  {%- set create_sql = upsql_seed_table_sql(staged_relation, agate_table) -%}
  {%- do run_query(create_sql) -%}
  {%- set row_count = agate_table.rows | length -%}
  {%- set rows_sql = adapter.load_seed_rows(staged_relation) if row_count else '' -%}
  {%- set replace_sql = upsql_take_place_sql(staged_relation, existing_relation, target_relation) -%}
  {%- do run_query(replace_sql) -%}
  {%- set code = 'CREATE' if should_full_refresh() else 'INSERT' -%}
  {%- call noop_statement('main', code ~ ' ' ~ row_count, code, row_count) -%}
    {{ get_csv_sql(create_sql, rows_sql) }};
    {{ replace_sql }};
  {%- endcall -%}
  {%- do upsql_finish_relation(existing_relation, target_relation) -%}
  {{ return({'relations': [target_relation]}) }}
{% endmacro %}

{% macro upsql_seed_table_sql(relation, agate_table) %}
  {%- set types = model['config'].get('column_types') or {} -%}
  {%- set quote = model['config'].get('quote_columns', none) -%}
  {%- set columns = [] -%}
  {%- for name in agate_table.column_names -%}
    {%- set type = types[name] if name in types else adapter.convert_type(agate_table, loop.index0) -%}
    {%- do columns.append(adapter.quote_seed_column(name | string, quote) ~ ' ' ~ type) -%}
  {%- endfor -%}
  {{ return('create or replace ' ~ ('transient ' if config.get('transient', true)) ~ 'table ' ~ relation.render() ~ ' (' ~ columns | join(', ') ~ ')') }}
{% endmacro %}

{# Gives a filled table the name of the one it replaces. #}
{% macro upsql_take_place_sql(staged_relation, existing_relation, target_relation) %}
  {%- if existing_relation is none -%}
    {{ return('alter table ' ~ staged_relation.render() ~ ' rename to ' ~ target_relation.render()) }}
  {%- elif copy_grants() -%}
    {{ return('create or replace ' ~ ('transient ' if config.get('transient', true)) ~ 'table ' ~ target_relation.render()
        ~ ' clone ' ~ staged_relation.render() ~ ' copy grants;\ndrop table ' ~ staged_relation.render()) }}
  {%- endif -%}
  {{ return('alter table ' ~ staged_relation.render() ~ ' swap with ' ~ target_relation.render() ~ ';\ndrop table ' ~ staged_relation.render()) }}
{% endmacro %}
