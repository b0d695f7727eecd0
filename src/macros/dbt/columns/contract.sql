{# The column list of an enforced contract's `create table`. #}
{% macro get_table_columns_and_constraints() -%}
  {{ adapter.dispatch('get_table_columns_and_constraints', 'dbt')() }}
{%- endmacro %}

{% macro default__get_table_columns_and_constraints() -%}
  {{ return(table_columns_and_constraints()) }}
{%- endmacro %}

{% macro table_columns_and_constraints() %}
  {%- set lines = adapter.render_raw_columns_constraints(raw_columns=model['columns'])
      + adapter.render_raw_model_constraints(raw_constraints=model['constraints']) %}
    (
    {{ lines | join(',\n    ') }}
    )
{% endmacro %}

{# Raises unless the query's names and types are those of the model's properties, in any order. #}
{% macro get_assert_columns_equivalent(sql) -%}
  {{ adapter.dispatch('get_assert_columns_equivalent', 'dbt')(sql) }}
{%- endmacro %}

{% macro default__get_assert_columns_equivalent(sql) -%}
  {{ return(assert_columns_equivalent(sql)) }}
{%- endmacro %}

{% macro assert_columns_equivalent(sql) %}
  {%- if not model['columns'] -%}
    {%- do exceptions.raise_contract_error([], []) -%}
  {%- endif -%}
  {%- set actual = format_columns(get_column_schema_from_query(sql, config.get('sql_header', none))) -%}
  {%- set expected = format_columns(get_column_schema_from_query(get_empty_schema_sql(model['columns']))) -%}
  {%- set by_name = {} -%}
  {%- for column in expected -%}
    {%- do by_name.update({column['name']: column['formatted']}) -%}
  {%- endfor -%}
  {%- set fits = [] -%}
  {%- for column in actual if by_name.get(column['name']) == column['formatted'] -%}
    {%- do fits.append(column) -%}
  {%- endfor -%}
  {%- if fits | length != actual | length or actual | length != expected | length -%}
    {%- do exceptions.raise_contract_error(expected, actual) -%}
  {%- endif -%}
{% endmacro %}

{% macro format_columns(columns) %}
  {%- set formatted = [] -%}
  {%- for column in columns -%}
    {%- do formatted.append(adapter.dispatch('format_column', 'dbt')(column)) -%}
  {%- endfor -%}
  {{ return(formatted) }}
{% endmacro %}

{% macro default__format_column(column) -%}
  {{ return({
      'name': column.name,
      'data_type': column.dtype,
      'formatted': (column.column | lower) ~ ' ' ~ column.dtype
  }) }}
{%- endmacro %}
