{% macro duckdb__list_schemas(database) -%}
  {{ return(run_query('select schema_name from system.information_schema.schemata'
      ~ (" where lower(catalog_name) = '" ~ (database | lower) ~ "'" if database is not none else ''))) }}
{%- endmacro %}

{% macro duckdb__check_schema_exists(information_schema, schema) -%}
  {{ return(run_query("select count(*) from system.information_schema.schemata where lower(schema_name) = '"
      ~ (schema | lower) ~ "' and lower(catalog_name) = '" ~ (information_schema.database | lower) ~ "'")) }}
{%- endmacro %}

{# An attached SQLite or MySQL database has the one schema it has. #}
{% macro duckdb__create_schema(relation) -%}
  {%- set kind = run_query("select type from duckdb_databases() where lower(database_name) = '" ~ (relation.database | lower) ~ "'") -%}
  {%- set kind = kind.rows[0][0] if kind.rows | length else 'duckdb' -%}
  {%- if kind == 'sqlite' and relation.schema != 'main' -%}
    {%- do exceptions.raise_compiler_error("The schema of a SQLite database is 'main', not '" ~ relation.schema ~ "'") -%}
  {%- elif kind not in ['sqlite', 'mysql'] -%}
    {{ return(default__create_schema(relation)) }}
  {%- endif -%}
{%- endmacro %}

{% macro duckdb__list_relations_without_caching(schema_relation) %}
  {{ return(run_query(
      "select '" ~ schema_relation.database ~ "' as database, table_name as name, table_schema as schema, "
      ~ "case table_type when 'VIEW' then 'view' else 'table' end as type from system.information_schema.tables "
      ~ "where lower(table_schema) = '" ~ (schema_relation.schema | lower) ~ "' "
      ~ "and lower(table_catalog) = '" ~ (schema_relation.database | lower) ~ "'")) }}
{% endmacro %}

{# `describe` asks for one relation; information_schema would read the whole catalog. #}
{% macro duckdb__get_columns_in_relation(relation) -%}
  {%- call statement('get_columns_in_relation', fetch_result=true, auto_begin=false) -%}
    select
      column_name,
      column_type as data_type,
      cast(null as bigint) as character_maximum_length,
      cast(null as bigint) as numeric_precision,
      cast(null as bigint) as numeric_scale
    from (describe {{ relation.render() }})
  {%- endcall -%}
  {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{%- endmacro %}

{# `describe` cannot stand over a header, so the header runs before. #}
{% macro duckdb__get_empty_subquery_sql(select_sql, select_sql_header=none) %}
  {%- if select_sql_header is not none -%}
    {%- do run_query(select_sql_header) -%}
  {%- endif -%}
  {{ return(default__get_empty_subquery_sql(select_sql)) }}
{% endmacro %}

{% macro duckdb__alter_relation_add_remove_columns(relation, add_columns, remove_columns) %}
  {%- for column in add_columns or [] -%}
    {%- do run_query('alter ' ~ relation.type ~ ' ' ~ relation.render() ~ ' add column ' ~ adapter.quote(column.name) ~ ' ' ~ column.data_type) -%}
  {%- endfor -%}
  {%- for column in remove_columns or [] -%}
    {%- do run_query('alter ' ~ relation.type ~ ' ' ~ relation.render() ~ ' drop column ' ~ adapter.quote(column.name)) -%}
  {%- endfor -%}
{% endmacro %}

{% macro duckdb__current_timestamp() -%}
  now()
{%- endmacro %}

{% macro duckdb__snapshot_get_time() -%}
  {{ current_timestamp() }}::timestamp
{%- endmacro %}

{% macro duckdb__snapshot_string_as_time(timestamp) -%}
  {{ return("'" ~ timestamp ~ "'::timestamp") }}
{%- endmacro %}
