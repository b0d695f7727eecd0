{#
  Dynamic tables, which Snowflake keeps fresh by itself. Configs: target_lag, snowflake_warehouse, refresh_mode (AUTO,
  FULL, INCREMENTAL), initialize (ON_CREATE, ON_SCHEDULE), on_configuration_change, transient
  (default false), snowflake_initialization_warehouse, immutable_where; Iceberg's as with tables.
#}
{% macro get_create_dynamic_table_as_sql(relation, sql) -%}
  {{ adapter.dispatch('get_create_dynamic_table_as_sql', 'dbt')(relation, sql) }}
{%- endmacro %}

{% macro snowflake__get_create_dynamic_table_as_sql(relation, sql) -%}
  {%- set wanted = upsql_dynamic_table_options() -%}
  {%- set keys = upsql_cluster_keys() -%}
  create or replace {{ 'transient ' if config.get('transient', false) and not upsql_is_iceberg() }}dynamic {{ 'iceberg ' if upsql_is_iceberg() }}table {{ relation.render() }}
    target_lag = '{{ wanted.target_lag }}'
    warehouse = {{ wanted.warehouse }}
    {%- if config.get('snowflake_initialization_warehouse') %}
    initialization_warehouse = {{ config.get('snowflake_initialization_warehouse') }}
    {%- endif %}
    {%- if upsql_is_iceberg() %}
    {{ upsql_iceberg_options(relation) }}
    {%- endif %}
    refresh_mode = {{ wanted.refresh_mode }}
    initialize = {{ (config.get('initialize') or 'ON_CREATE') | upper }}
    {%- if keys %}
    cluster by ({{ keys }})
    {%- endif %}
    {%- if copy_grants() %}
    copy grants
    {%- endif %}
    {{- upsql_governance() }}
    {%- if config.get('immutable_where') %}
    immutable where ({{ config.get('immutable_where') }})
    {%- endif %}
    as (
      {{ sql }}
    )
{%- endmacro %}

{% macro upsql_dynamic_table_options() -%}
  {%- set warehouse = config.get('snowflake_warehouse') or target.warehouse -%}
  {%- if not config.get('target_lag') -%}
    {%- do exceptions.raise_compiler_error('The dynamic table ' ~ model.name ~ " needs the config target_lag, such as '1 hour' or 'DOWNSTREAM'") -%}
  {%- elif not warehouse -%}
    {%- do exceptions.raise_compiler_error('The dynamic table ' ~ model.name ~ ' needs the config snowflake_warehouse, or a warehouse in the profile') -%}
  {%- endif -%}
  {{ return({
      'target_lag': config.get('target_lag'),
      'warehouse': warehouse,
      'refresh_mode': (config.get('refresh_mode') or 'AUTO') | upper
  }) }}
{%- endmacro %}

{# What differs from the configs of the dynamic table that is there: {target_lag, warehouse, refresh_mode}, or none. #}
{% macro snowflake__get_dynamic_table_configuration_changes(existing_relation, new_config) -%}
  {%- set found = run_query("show dynamic tables like '" ~ existing_relation.identifier ~ "' in schema " ~ existing_relation.without_identifier()) -%}
  {%- set wanted = upsql_dynamic_table_options() -%}
  {%- set changes = {} -%}
  {%- for row in found.rows -%}
    {%- for name, position in upsql_positions(found, ['target_lag', 'warehouse', 'refresh_mode']).items() -%}
      {%- set now = row[position] | string -%}
      {%- if now | upper != wanted[name] | upper and not (name == 'refresh_mode' and wanted[name] == 'AUTO') -%}
        {%- do changes.update({name: wanted[name]}) -%}
      {%- endif -%}
    {%- endfor -%}
  {%- endfor -%}
  {{ return(changes or none) }}
{%- endmacro %}

{% macro upsql_positions(table, names) -%}
  {%- set positions = {} -%}
  {%- for name in table.column_names -%}
    {%- if name | lower in names -%}
      {%- do positions.update({name | lower: loop.index0}) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(positions) }}
{%- endmacro %}

{% macro snowflake__get_alter_dynamic_table_as_sql(existing_relation, changes, target_relation, sql) -%}
  {%- if 'refresh_mode' in changes -%}
    {{ get_create_dynamic_table_as_sql(target_relation, sql) }}
  {%- else -%}
    alter dynamic table {{ existing_relation.render() }} set
      {{- " target_lag = '" ~ changes.target_lag ~ "'" if changes.target_lag }}
      {{- ' warehouse = ' ~ changes.warehouse if changes.warehouse }}
  {%- endif -%}
{%- endmacro %}

{% macro snowflake__refresh_dynamic_table(relation) -%}
  alter dynamic table {{ relation.render() }} refresh
{%- endmacro %}
