{% materialization test, default %}
  {%- set rows_sql = get_limit_subquery_sql(sql, config.get('limit')) -%}
  {%- set header = (config.get('sql_header') or '') if flags.REQUIRE_SQL_HEADER_IN_TEST_CONFIGS else '' -%}
  {%- set relations = [] -%}
  {%- if should_store_failures() -%}
    {%- set relation = upsql_store_failures(rows_sql, header) -%}
    {%- do relations.append(relation) -%}
    {%- set rows_sql = 'select * from ' ~ relation -%}
  {%- endif -%}

  {%- call statement('main', fetch_result=true, auto_begin=false) -%}
    {{ header }}
    {{ get_test_sql(rows_sql, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), limit=none) }}
  {%- endcall -%}
  {{ return({'relations': relations}) }}
{% endmaterialization %}

{# Keeps the failing rows of a test in the relation of its alias, in place of those of the run before. #}
{% macro upsql_store_failures(rows_sql, header) %}
  {%- set type = config.get('store_failures_as') or 'table' -%}
  {%- if type not in ['table', 'view'] -%}
    {%- do exceptions.raise_compiler_error(
        "store_failures_as: '" ~ type ~ "' is not a valid value. Accepted values are: ['ephemeral', 'table', 'view']") -%}
  {%- endif -%}
  {%- set existing_relation = adapter.get_relation(database=database, schema=schema, identifier=model['alias']) -%}
  {%- set target_relation = api.Relation.create(database=database, schema=schema, identifier=model['alias'], type=type) -%}
  {%- if header -%}
    {%- do run_query(header) -%}
  {%- endif -%}
  {%- do upsql_replace_relation(existing_relation, target_relation, rows_sql) -%}
  {%- do adapter.commit() -%}
  {{ return(target_relation) }}
{% endmacro %}
