{% macro alter_column_type(relation, column_name, new_column_type) -%}
  {{ return(adapter.dispatch('alter_column_type', 'dbt')(relation, column_name, new_column_type)) }}
{%- endmacro %}

{# Through a second column, since not every warehouse can change a type in place. #}
{% macro default__alter_column_type(relation, column_name, new_column_type) -%}
  {%- set table = relation.render() -%}
  {%- set column = adapter.quote(column_name) -%}
  {%- set changed = adapter.quote(column_name ~ '__dbt_alter') -%}
  {%- call statement('alter_column_type') %}
    alter table {{ table }} add column {{ changed }} {{ new_column_type }};
    update {{ table }} set {{ changed }} = {{ column }};
    alter table {{ table }} drop column {{ column }} cascade;
    alter table {{ table }} rename column {{ changed }} to {{ column }}
  {% endcall -%}
{%- endmacro %}

{% macro alter_relation_add_remove_columns(relation, add_columns=none, remove_columns=none) -%}
  {{ return(adapter.dispatch('alter_relation_add_remove_columns', 'dbt')(relation, add_columns, remove_columns)) }}
{%- endmacro %}

{% macro default__alter_relation_add_remove_columns(relation, add_columns, remove_columns) %}
  {%- set changes = [] -%}
  {%- for column in add_columns or [] -%}
    {%- do changes.append('add column ' ~ column.quoted ~ ' ' ~ column.expanded_data_type) -%}
  {%- endfor -%}
  {%- for column in remove_columns or [] -%}
    {%- do changes.append('drop column ' ~ column.quoted) -%}
  {%- endfor -%}
  {%- do run_query('alter ' ~ relation.type ~ ' ' ~ relation.render() ~ ' ' ~ changes | join(', ')) -%}
{% endmacro %}

{# Columns that a snapshot's table lacks. #}
{% macro create_columns(relation, columns) %}
  {{ adapter.dispatch('create_columns', 'dbt')(relation, columns) }}
{% endmacro %}

{% macro default__create_columns(relation, columns) %}
  {%- for column in columns -%}
    {%- call statement() -%}
      alter table {{ relation.render() }} add column {{ adapter.quote(column.name) }} {{ column.expanded_data_type }}
    {%- endcall -%}
  {%- endfor -%}
{% endmacro %}
