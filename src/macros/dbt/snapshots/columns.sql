{# The columns that a snapshot adds to its query's. #}
{% macro get_snapshot_table_column_names() %}
  {%- set names = {} -%}
  {%- for name in ['dbt_valid_to', 'dbt_valid_from', 'dbt_scd_id', 'dbt_updated_at', 'dbt_is_deleted'] -%}
    {%- do names.update({name: name}) -%}
  {%- endfor -%}
  {{ return(names) }}
{% endmacro %}

{# The same with the names of the `snapshot_meta_column_names` config. #}
{% macro upsql_snapshot_column_names() %}
  {%- set resolved = config.get('snapshot_table_column_names') -%}
  {%- if resolved -%}
    {{ return(resolved) }}
  {%- endif -%}
  {%- set names = get_snapshot_table_column_names() -%}
  {%- for key, name in (config.get('snapshot_meta_column_names') or {}).items() if name -%}
    {%- do names.update({key: name}) -%}
  {%- endfor -%}
  {{ return(names) }}
{% endmacro %}

{# The key under names of our own: dbt_unique_key, or dbt_unique_key_1 and so on for a list. #}
{% macro unique_key_fields(unique_key) %}
  {%- if unique_key | is_list -%}
    {%- for key in unique_key %}
    {{ key }} as dbt_unique_key_{{ loop.index }}{{ ',' if not loop.last }}
    {%- endfor -%}
  {%- else %}
    {{ unique_key }} as dbt_unique_key
  {%- endif -%}
{% endmacro %}

{% macro unique_key_join_on(unique_key, identifier, from_identifier) %}
  {%- if unique_key | is_list -%}
    {%- for key in unique_key -%}
      {%- set name = '.dbt_unique_key_' ~ loop.index -%}
      {{ equals(identifier ~ name, from_identifier ~ name) | trim }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
  {%- else -%}
    {{ identifier }}.dbt_unique_key = {{ from_identifier }}.dbt_unique_key
  {%- endif -%}
{% endmacro %}

{% macro unique_key_is_null(unique_key, identifier) %}
  {{- identifier }}.dbt_unique_key{{ '_1' if unique_key | is_list }} is null
{%- endmacro %}

{% macro unique_key_is_not_null(unique_key, identifier) %}
  {{- identifier }}.dbt_unique_key{{ '_1' if unique_key | is_list }} is not null
{%- endmacro %}

{# `dbt_valid_to` of a row that is current. The nullif gives the untyped value the type of updated_at. #}
{% macro get_dbt_valid_to_current(strategy, columns) %}
  coalesce(nullif({{ strategy.updated_at }}, {{ strategy.updated_at }}), {{ config.get('dbt_valid_to_current') or 'null' }})
  as {{ columns.dbt_valid_to }}
{% endmacro %}

{# The condition that a row of the snapshot's table is current. #}
{% macro upsql_snapshot_is_current(valid_to) %}
  {%- set current = config.get('dbt_valid_to_current') -%}
  {%- if current -%}
    ({{ equals(valid_to, current | trim) | trim }} or {{ valid_to }} is null)
  {%- else -%}
    {{ valid_to }} is null
  {%- endif -%}
{% endmacro %}

{# The type of a snapshot's dbt_updated_at, to be compared with that of the clock. #}
{% macro get_updated_at_column_data_type(snapshot_sql) %}
  {%- for column in get_column_schema_from_query(snapshot_sql) if column.column | lower == 'dbt_updated_at' -%}
    {{ return(column.dtype) }}
  {%- endfor -%}
  {{ return(none) }}
{% endmacro %}

{% macro check_time_data_types(sql) %}
  {%- set updated_at_type = get_updated_at_column_data_type(sql) -%}
  {%- set clock_type = get_snapshot_get_time_data_type() -%}
  {%- if updated_at_type is not none and clock_type is not none and updated_at_type != clock_type
      and exceptions.warn_snapshot_timestamp_data_types -%}
    {%- do exceptions.warn_snapshot_timestamp_data_types(clock_type, updated_at_type) -%}
  {%- endif -%}
{% endmacro %}
