{% macro get_drop_sql(relation) -%}
  {{ adapter.dispatch('get_drop_sql', 'dbt')(relation) }}
{%- endmacro %}

{% macro default__get_drop_sql(relation) -%}
  {%- if relation.is_view -%}
    {{ drop_view(relation) }}
  {%- elif relation.is_table -%}
    {{ drop_table(relation) }}
  {%- elif relation.is_materialized_view -%}
    {{ drop_materialized_view(relation) }}
  {%- else -%}
    drop {{ relation.type }} if exists {{ relation.render() }} cascade
  {%- endif -%}
{%- endmacro %}

{% macro drop_view(relation) -%}
  {{ adapter.dispatch('drop_view', 'dbt')(relation) }}
{%- endmacro %}

{% macro default__drop_view(relation) -%}
  drop view if exists {{ relation.render() }} cascade
{%- endmacro %}

{% macro drop_table(relation) -%}
  {{ adapter.dispatch('drop_table', 'dbt')(relation) }}
{%- endmacro %}

{% macro default__drop_table(relation) -%}
  drop table if exists {{ relation.render() }} cascade
{%- endmacro %}

{% macro drop_materialized_view(relation) -%}
  {{ adapter.dispatch('drop_materialized_view', 'dbt')(relation) }}
{%- endmacro %}

{% macro default__drop_materialized_view(relation) -%}
  drop materialized view if exists {{ relation.render() }} cascade
{%- endmacro %}

{% macro drop_relation(relation) -%}
  {{ return(adapter.dispatch('drop_relation', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__drop_relation(relation) -%}
  {%- call statement('drop_relation', auto_begin=false) -%}
    {{ get_drop_sql(relation) }}
  {%- endcall -%}
{%- endmacro %}

{% macro drop_relation_if_exists(relation) %}
  {%- if relation is not none -%}
    {%- do adapter.drop_relation(relation) -%}
  {%- endif -%}
{% endmacro %}

{% macro drop_schema_named(schema_name) %}
  {{ return(adapter.dispatch('drop_schema_named', 'dbt')(schema_name)) }}
{% endmacro %}

{% macro default__drop_schema_named(schema_name) %}
  {%- do adapter.drop_schema(api.Relation.create(schema=schema_name)) -%}
{% endmacro %}

{% macro truncate_relation(relation) -%}
  {{ return(adapter.dispatch('truncate_relation', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__truncate_relation(relation) -%}
  {%- call statement('truncate_relation') -%}
    truncate table {{ relation.render() }}
  {%- endcall -%}
{%- endmacro %}
