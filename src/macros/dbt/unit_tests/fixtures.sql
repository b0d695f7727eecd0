{# A query that gives the rows of a fixture; columns that a row does not name are null of the relation's type. #}
{% macro get_fixture_sql(rows, column_name_to_data_types, column_name_to_quoted=none) %}
-- Fixture for {{ model.name }}
{% set types = column_name_to_data_types or {} -%}
  {%- set quoted = column_name_to_quoted or {} -%}
  {%- if not types -%}
    {%- set relation = defer_relation if defer_relation and not load_relation(this) else this -%}
    {%- set types = {} -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
      {%- do types.update({column.name | lower: column.data_type}) -%}
      {%- do quoted.update({column.name | lower: column.quoted}) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- if not types -%}
    {%- do exceptions.raise_compiler_error(
        "The columns of '" ~ model.name ~ "' are needed for a unit test, but " ~ this ~ ' is not there. Build it first, for example with --empty.') -%}
  {%- endif -%}
  {%- do validate_fixture_rows(rows, none) -%}
  {%- set nulls = {} -%}
  {%- for name, type in types.items() -%}
    {%- do nulls.update({name: safe_cast('null', type) | trim}) -%}
  {%- endfor -%}
  {%- for row in rows or [{}] -%}
    {%- set values = nulls.copy() -%}
    {%- do values.update(format_row(row, types)) -%}
select {% for name, value in values.items() -%}
    {{ value }} as {{ quoted[name] if name in quoted else adapter.quote(name) }}{{ ', ' if not loop.last }}
    {%- endfor %}
    {%- if not rows %}
    limit 0
    {%- elif not loop.last %}
union all
{% endif -%}
  {%- endfor -%}
{% endmacro %}

{# The expected rows of a unit test, with the columns that they name. #}
{% macro get_expected_sql(rows, column_name_to_data_types, column_name_to_quoted) %}
  {%- for row in rows -%}
select {% for name, value in format_row(row, column_name_to_data_types).items() -%}
    {{ value }} as {{ column_name_to_quoted[name] }}{{ ', ' if not loop.last }}
    {%- endfor %}
    {%- if not loop.last %}
union all
{% endif -%}
  {%- else -%}
select * from dbt_internal_unit_test_actual
limit 0
  {%- endfor -%}
{% endmacro %}

{# Rows that all name the same columns in the same order, so that they can stand below each other; what a row leaves out is null. #}
{% macro align_unit_test_rows(rows) -%}
  {%- set blank = {} -%}
  {%- for row in rows -%}
    {%- for key in row -%}
      {%- do blank.update({key | lower: none}) -%}
    {%- endfor -%}
  {%- endfor -%}
  {%- set filled = [] -%}
  {%- for row in rows -%}
    {%- set values = blank.copy() -%}
    {%- for key, value in row.items() -%}
      {%- do values.update({key | lower: value}) -%}
    {%- endfor -%}
    {%- do filled.append(values) -%}
  {%- endfor -%}
  {{ return(filled) }}
{%- endmacro %}

{# A fixture's row as {lower-case column: SQL expression of the column's type}. #}
{% macro format_row(row, column_name_to_data_types) -%}
  {%- set formatted = {} -%}
  {%- for key, value in row.items() -%}
    {%- set name = key | lower -%}
    {%- if name not in column_name_to_data_types -%}
      {%- set fixture = 'the expected rows' if model.resource_type == 'unit_test' else "the fixture of '" ~ model.name ~ "'" -%}
      {%- do exceptions.raise_compiler_error(
          "Column '" ~ key ~ "' in " ~ fixture ~ ' is none of the relation: ' ~ column_name_to_data_types.keys() | join(', ')) -%}
    {%- endif -%}
    {%- set type = column_name_to_data_types[name] -%}
    {%- if value is string -%}
      {#- A length in the type would cut the text off without a word. -#}
      {%- do formatted.update({name: safe_cast(dbt.string_literal(dbt.escape_single_quotes(value)),
          type.split('(')[0] if 'varying' in type else type)}) -%}
    {%- else -%}
      {%- do formatted.update({name: safe_cast('null' if value is none else value, type)}) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(formatted) }}
{%- endmacro %}

{# Where an adapter or a project can refuse rows. #}
{% macro validate_fixture_rows(rows, row_number) -%}
  {{ return(adapter.dispatch('validate_fixture_rows', 'dbt')(rows, row_number)) }}
{%- endmacro %}

{% macro default__validate_fixture_rows(rows, row_number) -%}
{%- endmacro %}
