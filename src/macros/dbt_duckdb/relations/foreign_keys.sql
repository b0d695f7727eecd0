{#
  DuckDB replaces no table that another one's foreign key points at, and cannot take a foreign key away. So the tables that
  point here are set aside in the same transaction: each goes on as a copy of its rows without constraints, until this run
  builds it again. Tables that the run would not build again are an error, since their constraints would be lost.
#}
{% macro duckdb__upsql_replace_relation(existing_relation, target_relation, sql, transactional) %}
  {%- set dependents = upsql_foreign_key_dependents(existing_relation) -%}
  {%- if not dependents -%}
    {{ return(default__upsql_replace_relation(existing_relation, target_relation, sql, transactional)) }}
  {%- endif -%}
  {%- do upsql_assert_rebuilt(target_relation, dependents) -%}
  {%- set copies = [] -%}
  {%- for name in dependents -%}
    {%- set table = target_relation.incorporate(path={'identifier': name}, type='table') -%}
    {%- set copy = make_backup_relation(table, 'table', suffix='__dbt_fk_backup') -%}
    {%- call statement('set_aside') -%}
      create or replace table {{ copy.render() }} as from {{ table.render() }}
    {%- endcall -%}
    {%- do adapter.drop_relation(table) -%}
    {%- do copies.append([copy, table]) -%}
  {%- endfor -%}
  {%- do default__upsql_replace_relation(existing_relation, target_relation, sql, true) -%}
  {%- for copy, table in copies -%}
    {%- do adapter.rename_relation(copy, table) -%}
  {%- endfor -%}
{% endmacro %}

{# The names of the tables that point at a relation, straight or through others, those that nothing points at first. #}
{% macro upsql_foreign_key_dependents(relation) %}
  {%- set key_types = upsql_contract_constraint_types() | select('in', ['primary_key', 'unique']) | list -%}
  {%- if relation is none or not relation.is_table or not key_types -%}
    {{ return([]) }}
  {%- endif -%}
  {%- set found = run_query(
      "with recursive keys as (select table_name, referenced_table from duckdb_constraints() where constraint_type = 'FOREIGN KEY'"
      ~ " and lower(database_name) = '" ~ (relation.database | lower) ~ "' and lower(schema_name) = '" ~ (relation.schema | lower) ~ "'"
      ~ " and lower(table_name) <> lower(referenced_table)),"
      ~ " dependents as (select table_name, 1 as depth from keys where lower(referenced_table) = '" ~ (relation.identifier | lower) ~ "'"
      ~ " union select keys.table_name, depth + 1 from keys join dependents on lower(keys.referenced_table) = lower(dependents.table_name))"
      ~ " select table_name from dependents group by table_name order by max(depth) desc, table_name") -%}
  {{ return(found.rows | map(attribute=0) | list) }}
{% endmacro %}

{# The types of all constraints of the model's enforced contract. #}
{% macro upsql_contract_constraint_types() %}
  {%- set types = [] -%}
  {%- if config.get('contract', {}).enforced -%}
    {%- for constraint in model.get('constraints') or [] -%}
      {%- do types.append(constraint['type'] | string) -%}
    {%- endfor -%}
    {%- for column in (model.get('columns') or {}).values() -%}
      {%- for constraint in column.get('constraints') or [] -%}
        {%- do types.append(constraint['type'] | string) -%}
      {%- endfor -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(types) }}
{% endmacro %}

{% macro upsql_assert_rebuilt(relation, names) %}
  {%- set rebuilt = [] -%}
  {%- for node in graph['nodes'].values() if node['resource_type'] == 'model' and node['unique_id'] in selected_resources
      and (node['database'] or '') | lower == relation.database | lower and node['schema'] | lower == relation.schema | lower -%}
    {%- set own = node['config'].get('full_refresh') -%}
    {%- set anew = flags.FULL_REFRESH if own is none else own -%}
    {%- if node['config']['materialized'] == 'table' or (node['config']['materialized'] == 'incremental' and anew) -%}
      {%- do rebuilt.append((node['alias'] or node['name']) | lower) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- for name in names if name | lower not in rebuilt -%}
    {%- do exceptions.raise_compiler_error(
        relation.render() ~ ' cannot be replaced: a foreign key of ' ~ name ~ ' points at it, and this run does not build ' ~ name
        ~ ' anew, so that its constraints would be lost. Select it as well; an incremental model needs --full-refresh.') -%}
  {%- endfor -%}
{% endmacro %}
