{# The statement that creates a relation of any type from a query. #}
{% macro get_create_sql(relation, sql) -%}
  {{ adapter.dispatch('get_create_sql', 'dbt')(relation, sql) }}
{%- endmacro %}

{% macro default__get_create_sql(relation, sql) -%}
  {%- if relation.is_view -%}
    {{ get_create_view_as_sql(relation, sql) }}
  {%- elif relation.is_table -%}
    {{ get_create_table_as_sql(false, relation, sql) }}
  {%- elif relation.is_materialized_view -%}
    {{ get_create_materialized_view_as_sql(relation, sql) }}
  {%- else -%}
    {%- do exceptions.raise_compiler_error('get_create_sql cannot create a relation of type ' ~ relation.type) -%}
  {%- endif -%}
{%- endmacro %}

{% macro get_create_view_as_sql(relation, sql) -%}
  {{ adapter.dispatch('get_create_view_as_sql', 'dbt')(relation, sql) }}
{%- endmacro %}

{% macro default__get_create_view_as_sql(relation, sql) -%}
  {{ return(create_view_as(relation, sql)) }}
{%- endmacro %}

{% macro create_view_as(relation, sql) -%}
  {{ adapter.dispatch('create_view_as', 'dbt')(relation, sql) }}
{%- endmacro %}

{% macro default__create_view_as(relation, sql) -%}
  {%- if config.get('contract', {}).enforced -%}
    {%- do get_assert_columns_equivalent(sql) -%}
  {%- endif -%}
  {{ config.get('sql_header', none) or '' }}
  create view {{ relation.render() }} as (
    {{ sql }}
  );
{%- endmacro %}

{% macro get_create_table_as_sql(temporary, relation, sql) -%}
  {{ adapter.dispatch('get_create_table_as_sql', 'dbt')(temporary, relation, sql) }}
{%- endmacro %}

{% macro default__get_create_table_as_sql(temporary, relation, sql) -%}
  {{ return(create_table_as(temporary, relation, sql)) }}
{%- endmacro %}

{# An adapter's own create_table_as may not know of `language`: it is handed on only where it is not SQL. #}
{% macro create_table_as(temporary, relation, compiled_code, language='sql') -%}
  {%- if language == 'sql' -%}
    {{ adapter.dispatch('create_table_as', 'dbt')(temporary, relation, compiled_code, **kwargs) }}
  {%- else -%}
    {{ adapter.dispatch('create_table_as', 'dbt')(temporary, relation, compiled_code, language, **kwargs) }}
  {%- endif -%}
{%- endmacro %}

{% macro default__create_table_as(temporary, relation, sql) -%}
  {%- set contract = config.get('contract', {}) -%}
  {%- set constrained = contract.enforced and not temporary -%}
  {%- if constrained -%}
    {%- do get_assert_columns_equivalent(sql) -%}
  {%- endif -%}
  {{ config.get('sql_header', none) or '' }}
  create {{ 'temporary ' if temporary }}table {{ relation.include(database=(not temporary), schema=(not temporary)) }}
  {%- if constrained %}
  {{ get_table_columns_and_constraints() }}
  {%- endif %}
  as (
    {{ get_select_subquery(sql) if constrained else sql }}
  );
{%- endmacro %}

{# A query with its columns put in the order of the model's properties. #}
{% macro get_select_subquery(sql) %}
  {{ return(adapter.dispatch('get_select_subquery', 'dbt')(sql)) }}
{% endmacro %}

{% macro default__get_select_subquery(sql) %}
    select {{ adapter.dispatch('get_column_names', 'dbt')() }}
    from (
        {{ sql }}
    ) as model_subq
{%- endmacro %}

{% macro default__get_column_names() %}
  {%- for column in model['columns'].values() -%}
    {{ adapter.quote(column['name']) if column.get('quote') else column['name'] }}{{ ', ' if not loop.last }}
  {%- endfor -%}
{% endmacro %}
