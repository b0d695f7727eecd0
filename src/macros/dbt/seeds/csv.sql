{# Makes the table of a seed from its columns and the `column_types` config; gives the statement. #}
{% macro create_csv_table(model, agate_table) -%}
  {{ adapter.dispatch('create_csv_table', 'dbt')(model, agate_table) }}
{%- endmacro %}

{% macro default__create_csv_table(model, agate_table) %}
  {%- set types = model['config'].get('column_types') or {} -%}
  {%- set quote = model['config'].get('quote_columns', none) -%}
  {%- set columns = [] -%}
  {%- for name in agate_table.column_names -%}
    {%- set type = types[name] if name in types else adapter.convert_type(agate_table, loop.index0) -%}
    {%- do columns.append(adapter.quote_seed_column(name | string, quote) ~ ' ' ~ type) -%}
  {%- endfor -%}
  {%- set create_sql = 'create table ' ~ this.render() ~ ' (' ~ columns | join(', ') ~ ')' -%}
  {%- call statement('_') -%}
    {{ create_sql }}
  {%- endcall -%}
  {{ return(create_sql) }}
{% endmacro %}

{# Empties the table of a seed, or makes it anew in a full refresh; gives the statement. #}
{% macro reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
  {{ adapter.dispatch('reset_csv_table', 'dbt')(model, full_refresh, old_relation, agate_table) }}
{%- endmacro %}

{% macro default__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
  {%- if full_refresh -%}
    {%- do adapter.drop_relation(old_relation) -%}
    {{ return(create_csv_table(model, agate_table)) }}
  {%- endif -%}
  {%- do adapter.truncate_relation(old_relation) -%}
  {{ return('truncate table ' ~ old_relation.render()) }}
{% endmacro %}

{# Puts the rows of the seed's file into its table; gives a statement to show. #}
{% macro load_csv_rows(model, agate_table) -%}
  {{ adapter.dispatch('load_csv_rows', 'dbt')(model, agate_table) }}
{%- endmacro %}

{% macro default__load_csv_rows(model, agate_table) %}
  {{ return(adapter.load_seed_rows(this)) }}
{% endmacro %}

{% macro get_csv_sql(create_or_truncate_sql, insert_sql) %}
  {{ adapter.dispatch('get_csv_sql', 'dbt')(create_or_truncate_sql, insert_sql) }}
{% endmacro %}

{% macro default__get_csv_sql(create_or_truncate_sql, insert_sql) %}
    {{ create_or_truncate_sql }};
    -- dbt seed --
    {{ insert_sql }}
{% endmacro %}

{# What stands for a bound value, and how many rows go into one insert: for macros that bind rows themselves. #}
{% macro get_binding_char() -%}
  {{ adapter.dispatch('get_binding_char', 'dbt')() }}
{%- endmacro %}

{% macro default__get_binding_char() -%}
  {{ return('%s') }}
{%- endmacro %}

{% macro get_batch_size() -%}
  {{ return(adapter.dispatch('get_batch_size', 'dbt')()) }}
{%- endmacro %}

{% macro default__get_batch_size() %}
  {{ return(10000) }}
{% endmacro %}

{% macro get_seed_column_quoted_csv(model, column_names) %}
  {%- set quoted = [] -%}
  {%- for name in column_names -%}
    {%- do quoted.append(adapter.quote_seed_column(name, model['config'].get('quote_columns', none))) -%}
  {%- endfor -%}
  {{ return(quoted | join(', ')) }}
{% endmacro %}
