{# By `show` and `describe`, which need no warehouse to run. #}
{% macro snowflake__list_schemas(database) -%}
  {{ return(run_query('show terse schemas in database ' ~ adapter.quote_as_configured(database, 'database') ~ ' limit 10000')) }}
{%- endmacro %}

{% macro snowflake__check_schema_exists(information_schema, schema) -%}
  {{ return(run_query('select count(*) from ' ~ information_schema.database ~ ".information_schema.schemata where upper(schema_name) = upper('"
      ~ schema ~ "') and upper(catalog_name) = upper('" ~ information_schema.database ~ "')")) }}
{%- endmacro %}

{% macro snowflake__list_relations_without_caching(schema_relation) %}
  {{ return(run_query('show objects in schema ' ~ schema_relation.without_identifier() ~ ' limit 10000')) }}
{% endmacro %}

{% macro snowflake__get_columns_in_relation(relation) -%}
  {{ return(adapter.get_columns_in_relation(relation)) }}
{%- endmacro %}

{% macro snowflake__alter_column_type(relation, column_name, new_column_type) -%}
  {%- call statement('alter_column_type') -%}
    alter table {{ relation.render() }} alter {{ adapter.quote(column_name) }} set data type {{ new_column_type }}
  {%- endcall -%}
{%- endmacro %}

{% macro snowflake__alter_relation_add_remove_columns(relation, add_columns, remove_columns) %}
  {%- if add_columns -%}
    {%- set added = [] -%}
    {%- for column in add_columns -%}
      {%- do added.append(column.quoted ~ ' ' ~ column.expanded_data_type) -%}
    {%- endfor -%}
    {%- do run_query('alter table ' ~ relation.render() ~ ' add column ' ~ added | join(', ')) -%}
  {%- endif -%}
  {%- if remove_columns -%}
    {%- do run_query('alter table ' ~ relation.render() ~ ' drop column ' ~ remove_columns | map(attribute='quoted') | join(', ')) -%}
  {%- endif -%}
{% endmacro %}
