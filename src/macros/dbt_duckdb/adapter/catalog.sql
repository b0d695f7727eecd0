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

{# The rows of each chosen table as rows of `values`; of DuckDB's own databases, where counting reads no data. #}
{% macro upsql_duckdb_row_counts(database, condition) %}
  {%- set tables = run_query(
      "select table_schema, table_name from (select database_name, schema_name as table_schema, table_name from duckdb_tables()) "
      ~ "where lower(database_name) = '" ~ (database | lower) ~ "' and (" ~ condition ~ ") "
      ~ "and database_name in (select database_name from duckdb_databases() where type = 'duckdb')") -%}
  {%- set counts = [] -%}
  {%- for group in tables.rows | batch(100) -%}
    {%- set queries = [] -%}
    {%- for table in group -%}
      {%- set relation = api.Relation.create(database=database, schema=table[0], identifier=table[1],
          quote_policy={'database': true, 'schema': true, 'identifier': true}) -%}
      {%- do queries.append("select '" ~ (table[0] | replace("'", "''")) ~ "', '" ~ (table[1] | replace("'", "''")) ~ "', count(*) from " ~ relation.render()) -%}
    {%- endfor -%}
    {%- for row in run_query(queries | join(' union all ')).rows -%}
      {%- do counts.append("('" ~ (row[0] | replace("'", "''")) ~ "', '" ~ (row[1] | replace("'", "''")) ~ "', " ~ row[2] ~ ')') -%}
    {%- endfor -%}
  {%- endfor -%}
  {{ return(counts | join(', ')) }}
{% endmacro %}

{% macro upsql_duckdb_catalog_sql(database, conditions) %}
  {%- set condition = '(' ~ conditions | join(') or (') ~ ')' if conditions else 'false' -%}
  {%- set counts = upsql_duckdb_row_counts(database, condition) %}
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
        and ({{ condition }})
    ),
    counts as (
      select * from (values (null::varchar, null::varchar, null::bigint){{ ', ' ~ counts if counts }}) as counted(in_schema, of_table, row_count)
    )
    select
      chosen.*,
      columns.column_name,
      columns.column_index,
      columns.data_type as column_type,
      columns.comment as column_comment,
      null as table_owner,
      'Rows' as "stats:row_count:label",
      row_count as "stats:row_count:value",
      'How many rows the table has' as "stats:row_count:description",
      row_count is not null as "stats:row_count:include"
    from chosen
    left join counts on in_schema = table_schema and of_table = chosen.table_name
    join duckdb_columns() as columns
      on columns.database_name = table_database and columns.schema_name = table_schema and columns.table_name = chosen.table_name
    order by table_schema, table_name, column_index
{% endmacro %}
