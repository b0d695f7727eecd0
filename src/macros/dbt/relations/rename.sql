{% macro get_rename_sql(relation, new_name) -%}
  {{ adapter.dispatch('get_rename_sql', 'dbt')(relation, new_name) }}
{%- endmacro %}

{% macro default__get_rename_sql(relation, new_name) -%}
  {%- if relation.is_view -%}
    {{ get_rename_view_sql(relation, new_name) }}
  {%- elif relation.is_table -%}
    {{ get_rename_table_sql(relation, new_name) }}
  {%- elif relation.is_materialized_view -%}
    {{ get_rename_materialized_view_sql(relation, new_name) }}
  {%- else -%}
    {%- do exceptions.raise_compiler_error('get_rename_sql cannot rename a relation of type ' ~ relation.type) -%}
  {%- endif -%}
{%- endmacro %}

{% macro get_rename_view_sql(relation, new_name) -%}
  {{ adapter.dispatch('get_rename_view_sql', 'dbt')(relation, new_name) }}
{%- endmacro %}

{% macro default__get_rename_view_sql(relation, new_name) -%}
  alter view {{ relation.render() }} rename to {{ adapter.quote_as_configured(new_name, 'identifier') }}
{%- endmacro %}

{% macro get_rename_table_sql(relation, new_name) -%}
  {{ adapter.dispatch('get_rename_table_sql', 'dbt')(relation, new_name) }}
{%- endmacro %}

{% macro default__get_rename_table_sql(relation, new_name) -%}
  alter table {{ relation.render() }} rename to {{ adapter.quote_as_configured(new_name, 'identifier') }}
{%- endmacro %}

{% macro rename_relation(from_relation, to_relation) -%}
  {{ return(adapter.dispatch('rename_relation', 'dbt')(from_relation, to_relation)) }}
{%- endmacro %}

{% macro default__rename_relation(from_relation, to_relation) -%}
  {%- call statement('rename_relation') -%}
    {{ get_rename_sql(from_relation, to_relation.identifier) }}
  {%- endcall -%}
{%- endmacro %}
