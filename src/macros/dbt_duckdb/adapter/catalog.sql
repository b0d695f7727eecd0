{# One row a column of every table and view of the given schemas, as catalog.json wants them. #}
{% macro duckdb__get_catalog(information_schema, schemas) -%}
  {%- set conditions = [] -%}
  {%- for schema in schemas -%}
    {%- do conditions.append("lower(table_schema) = '" ~ (schema | lower) ~ "'") -%}
  {%- endfor -%}
  {{ return(run_query(upsql_duckdb_catalog_sql(information_schema.database, conditions))) }}
{%- endmacro %}

{# The same for given relations; one without an identifier means its whole schema. #}
{% macro duckdb__get_catalog_relations(information_schema, relations) -%}
  {%- set conditions = [] -%}
  {%- for relation in relations -%}
    {%- if not relation.schema -%}
      {%- do exceptions.raise_compiler_error('get_catalog_relations: ' ~ relation ~ ' has no schema') -%}
    {%- endif -%}
    {%- do conditions.append("lower(table_schema) = '" ~ (relation.schema | lower) ~ "'"
        ~ (" and lower(table_name) = '" ~ (relation.identifier | lower) ~ "'" if relation.identifier else '')) -%}
  {%- endfor -%}
  {{ return(run_query(upsql_duckdb_catalog_sql(information_schema.database, conditions))) }}
{%- endmacro %}

{% macro upsql_duckdb_catalog_sql(database, conditions) %}
    with relations as (
      select database_name as table_database, schema_name as table_schema, table_name,
        'BASE TABLE' as table_type, comment as table_comment
      from duckdb_tables()
      union all
      select database_name, schema_name, view_name, 'VIEW', comment
      from duckdb_views()
    ),
    chosen as (
      select * from relations
      where lower(table_database) = '{{ database | lower }}'
        and ({{ '(' ~ conditions | join(') or (') ~ ')' if conditions else 'false' }})
    )
    select
      chosen.*,
      columns.column_name,
      columns.column_index,
      columns.data_type as column_type,
      columns.comment as column_comment,
      null as table_owner
    from chosen
    join duckdb_columns() as columns
      on columns.database_name = table_database and columns.schema_name = table_schema and columns.table_name = chosen.table_name
    order by table_schema, table_name, column_index
{% endmacro %}
