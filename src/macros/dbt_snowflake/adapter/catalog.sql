{# One row a column of every table and view of the given schemas, as catalog.json wants them; one statement. #}
{% macro snowflake__get_catalog(information_schema, schemas) -%}
  {%- set names = [] -%}
  {%- for schema in schemas -%}
    {%- do names.append("upper('" ~ schema ~ "')") -%}
  {%- endfor -%}
  {{ return(run_query(upsql_snowflake_catalog_sql(information_schema.database, 'upper(tables.table_schema) in (' ~ names | join(', ') ~ ')'))) }}
{%- endmacro %}

{# The same for given relations; one without an identifier means its whole schema. #}
{% macro snowflake__get_catalog_relations(information_schema, relations) -%}
  {%- set conditions = [] -%}
  {%- for relation in relations -%}
    {%- do conditions.append("upper(tables.table_schema) = upper('" ~ relation.schema ~ "')"
        ~ (" and upper(tables.table_name) = upper('" ~ relation.identifier ~ "')" if relation.identifier else '')) -%}
  {%- endfor -%}
  {{ return(run_query(upsql_snowflake_catalog_sql(information_schema.database, '(' ~ conditions | join(') or (') ~ ')'))) }}
{%- endmacro %}

{% macro upsql_snowflake_catalog_sql(database, condition) %}
    select
      tables.table_catalog as "table_database",
      tables.table_schema as "table_schema",
      tables.table_name as "table_name",
      tables.table_type as "table_type",
      tables.comment as "table_comment",
      tables.table_owner as "table_owner",
      columns.column_name as "column_name",
      columns.ordinal_position as "column_index",
      columns.data_type as "column_type",
      columns.comment as "column_comment",
      'Rows' as "stats:row_count:label",
      tables.row_count as "stats:row_count:value",
      'How many rows the table has' as "stats:row_count:description",
      tables.row_count is not null as "stats:row_count:include",
      'Bytes' as "stats:bytes:label",
      tables.bytes as "stats:bytes:value",
      'How much the table takes, compressed' as "stats:bytes:description",
      tables.bytes is not null as "stats:bytes:include"
    from {{ database }}.information_schema.tables as tables
    join {{ database }}.information_schema.columns as columns
      on columns.table_schema = tables.table_schema and columns.table_name = tables.table_name
    where {{ condition }}
    order by tables.table_schema, tables.table_name, columns.ordinal_position
{% endmacro %}
