{% macro get_columns_in_relation(relation) -%}
  {{ return(adapter.dispatch('get_columns_in_relation', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__get_columns_in_relation(relation) -%}
  {%- do exceptions.raise_not_implemented('get_columns_in_relation is not implemented for adapter ' ~ adapter.type()) -%}
{%- endmacro %}

{# Column objects from rows of (name, type, character length, numeric precision, numeric scale). #}
{% macro sql_convert_columns_in_relation(table) -%}
  {%- set columns = [] -%}
  {%- for row in table -%}
    {%- do columns.append(api.Column(*row)) -%}
  {%- endfor -%}
  {{ return(columns) }}
{%- endmacro %}

{% macro get_list_of_column_names(columns) -%}
  {{ return(columns | map(attribute='name') | list) }}
{%- endmacro %}

{% macro get_quoted_csv(column_names) %}
  {%- set quoted = [] -%}
  {%- for name in column_names -%}
    {%- do quoted.append(adapter.quote(name)) -%}
  {%- endfor -%}
  {{ return(quoted | join(', ')) }}
{% endmacro %}

{# A query with the columns of `select_sql` and no row, so that nothing is scanned. #}
{% macro get_empty_subquery_sql(select_sql, select_sql_header=none) -%}
  {{ return(adapter.dispatch('get_empty_subquery_sql', 'dbt')(select_sql, select_sql_header)) }}
{%- endmacro %}

{% macro default__get_empty_subquery_sql(select_sql, select_sql_header=none) %}
    {{ select_sql_header or '' }}
    select * from (
        {{ select_sql }}
    ) as __dbt_sbq
    where false
    limit 0
{% endmacro %}

{% macro get_column_schema_from_query(select_sql, select_sql_header=none) -%}
  {{ return(adapter.get_column_schema_from_query(get_empty_subquery_sql(select_sql, select_sql_header))) }}
{%- endmacro %}

{# The names of a query's columns. #}
{% macro get_columns_in_query(select_sql) -%}
  {{ return(adapter.dispatch('get_columns_in_query', 'dbt')(select_sql)) }}
{%- endmacro %}

{% macro default__get_columns_in_query(select_sql) %}
  {%- call statement('get_columns_in_query', fetch_result=true, auto_begin=false) -%}
    {{ get_empty_subquery_sql(select_sql) }}
  {%- endcall -%}
  {{ return(load_result('get_columns_in_query').table.columns | map(attribute='name') | list) }}
{% endmacro %}

{# A query with the names and types of a model's properties and no row. #}
{% macro get_empty_schema_sql(columns) -%}
  {{ return(adapter.dispatch('get_empty_schema_sql', 'dbt')(columns)) }}
{%- endmacro %}

{% macro default__get_empty_schema_sql(columns) %}
  {%- set untyped = [] -%}
  {%- set unscaled = [] -%}
    select
    {%- for column in columns.values() -%}
      {%- set type = column['data_type'] if column['data_type'] is defined else none -%}
      {%- if not type -%}
        {%- do untyped.append(column['name']) -%}
      {%- else -%}
        {%- if type.strip().lower() in ['numeric', 'decimal', 'number'] -%}
          {%- do unscaled.append(column['name']) -%}
        {%- endif %}
      {{ cast('null', type) | trim }} as {{ adapter.quote(column['name']) if column.get('quote') else column['name'] }}{{ ',' if not loop.last }}
      {%- endif -%}
    {%- endfor -%}
  {%- if untyped -%}
    {%- do exceptions.column_type_missing(column_names=untyped) -%}
  {%- elif unscaled -%}
    {%- do exceptions.warn('Columns of ' ~ model.name ~ ' with a numeric type and no precision and scale may be rounded: ' ~ unscaled | join(', ')) -%}
  {%- endif -%}
{% endmacro %}
