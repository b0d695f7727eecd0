{#
  Dynamic tables, which Snowflake keeps fresh by itself. Configs: target_lag (without one nothing is refreshed but by upsql
  run), scheduler (ENABLE, DISABLE), snowflake_warehouse, refresh_warehouse, snowflake_initialization_warehouse,
  refresh_mode (AUTO, FULL, INCREMENTAL), initialize (ON_CREATE, ON_SCHEDULE), on_configuration_change, transient
  (default false), cluster_by, immutable_where; Iceberg's as with tables.
#}
{% macro get_create_dynamic_table_as_sql(relation, sql) -%}
  {{ adapter.dispatch('get_create_dynamic_table_as_sql', 'dbt')(relation, sql) }}
{%- endmacro %}

{% macro snowflake__get_create_dynamic_table_as_sql(relation, sql) -%}
  {%- set wanted = upsql_dynamic_table_options() -%}
  create or replace {{ 'transient ' if config.get('transient', false) and not upsql_is_iceberg() }}dynamic {{ 'iceberg ' if upsql_is_iceberg() }}table {{ relation.render() }}
    {%- if wanted.target_lag is not none %}
    target_lag = '{{ wanted.target_lag }}'
    {%- endif %}
    warehouse = {{ wanted.warehouse }}
    {%- if wanted.initialization_warehouse is not none %}
    initialization_warehouse = {{ wanted.initialization_warehouse }}
    {%- endif %}
    {%- if upsql_is_iceberg() %}
    {{ upsql_iceberg_options(relation) }}
    {%- endif %}
    refresh_mode = {{ wanted.refresh_mode }}
    initialize = {{ upsql_dynamic_table_choice('initialize', ['ON_CREATE', 'ON_SCHEDULE']) }}
    {%- if wanted.scheduler == 'DISABLE' or config.get('scheduler') %}
    scheduler = '{{ wanted.scheduler }}'
    {%- endif %}
    {%- if wanted.cluster_by is not none %}
    cluster by ({{ wanted.cluster_by }})
    {%- endif %}
    {%- if copy_grants() %}
    copy grants
    {%- endif %}
    {{- upsql_governance(copies_tags=false) }}
    {%- if wanted.immutable_where is not none %}
    immutable where ({{ wanted.immutable_where }})
    {%- endif %}
    as (
      {{ sql }}
    )
{%- endmacro %}

{# A config that is one of `choices`, in upper case; the first one by default. #}
{% macro upsql_dynamic_table_choice(name, choices) -%}
  {%- set value = (config.get(name) or choices[0]) | upper -%}
  {%- if value not in choices -%}
    {%- do exceptions.raise_compiler_error('The dynamic table ' ~ model.name ~ ' has ' ~ name ~ ': ' ~ config.get(name) ~ '; it has to be one of ' ~ choices | join(', ')) -%}
  {%- endif -%}
  {{ return(value) }}
{%- endmacro %}

{# A config, or none where it is blank or the word none. #}
{% macro upsql_given(name) -%}
  {%- set value = config.get(name) -%}
  {{ return(none if value is none or value | string | trim | lower in ('', 'none') else value | string | trim) }}
{%- endmacro %}

{# What the configs ask for; none for what is to be absent. #}
{% macro upsql_dynamic_table_options() -%}
  {%- set warehouse = upsql_given('refresh_warehouse') or upsql_given('snowflake_warehouse') or target.warehouse -%}
  {%- set lag = upsql_given('target_lag') -%}
  {%- set scheduler = upsql_dynamic_table_choice('scheduler', ['ENABLE', 'DISABLE']) if config.get('scheduler') else 'DISABLE' if lag is none else 'ENABLE' -%}
  {%- if scheduler == 'ENABLE' and lag is none -%}
    {%- do exceptions.raise_compiler_error('The dynamic table ' ~ model.name ~ " has scheduler: ENABLE and no target_lag, such as '1 hour' or 'DOWNSTREAM'") -%}
  {%- elif scheduler == 'DISABLE' and lag is not none -%}
    {%- do exceptions.raise_compiler_error('The dynamic table ' ~ model.name ~ ' has scheduler: DISABLE, with which there is no target_lag') -%}
  {%- elif not warehouse -%}
    {%- do exceptions.raise_compiler_error('The dynamic table ' ~ model.name ~ ' needs the config snowflake_warehouse, or a warehouse in the profile') -%}
  {%- endif -%}
  {{ return({
      'target_lag': lag,
      'warehouse': warehouse,
      'initialization_warehouse': upsql_given('snowflake_initialization_warehouse'),
      'refresh_mode': upsql_dynamic_table_choice('refresh_mode', ['AUTO', 'FULL', 'INCREMENTAL']),
      'scheduler': scheduler,
      'cluster_by': upsql_cluster_keys() or none,
      'immutable_where': upsql_given('immutable_where'),
      'transient': config.get('transient')
  }) }}
{%- endmacro %}

{# A value of a config or of `show dynamic tables` in one form, so that both compare; none for an absent one. #}
{% macro upsql_dynamic_table_value(name, value) -%}
  {%- set text = '' if value is none else value | string | trim -%}
  {%- if text | lower in ('', 'none') -%}
    {{ return(none) }}
  {%- elif name == 'target_lag' -%}
    {{ return(upsql_lag_seconds(text | lower)) }}
  {%- elif name == 'immutable_where' -%}
    {{ return(text[17:-1] if text.upper().startswith('IMMUTABLE WHERE (') else text) }}
  {%- elif name == 'cluster_by' -%}
    {{ return(upsql_bare_keys(text)) }}
  {%- endif -%}
  {{ return((text[1:-1] if text.startswith('"') else text) | upper) }}
{%- endmacro %}

{# Snowflake tells a lag of 60 seconds as 1 minute. #}
{% macro upsql_lag_seconds(lag) -%}
  {%- set words = lag.split() -%}
  {%- set units = {'second': 1, 'minute': 60, 'hour': 3600, 'day': 86400} -%}
  {%- set unit = units.get(words[1].rstrip('s')) if words | length == 2 -%}
  {{ return(words[0] | int * unit if unit else words | join(' ')) }}
{%- endmacro %}

{# Snowflake tells the keys `id, day` as `LINEAR(id, day)` or `(id, day)`. #}
{% macro upsql_bare_keys(text) -%}
  {%- set keys = text | upper -%}
  {%- set keys = keys[6:] | trim if keys.startswith('LINEAR(') or keys.startswith('LINEAR (') else keys -%}
  {{ return((keys[1:-1] if keys.startswith('(') and keys.endswith(')') else keys).replace(' ', '')) }}
{%- endmacro %}

{#
  What differs from the configs of the dynamic table that is there, as {target_lag: '2 hours', cluster_by: none, ...}, or
  none. The dictionary is not empty where it is one.
#}
{% macro snowflake__get_dynamic_table_configuration_changes(existing_relation, new_config) -%}
  {%- set wanted = upsql_dynamic_table_options() -%}
  {%- set now = upsql_shown(existing_relation, 'dynamic tables') -%}
  {%- set changes = {} -%}
  {%- for name in ['target_lag', 'warehouse', 'initialization_warehouse', 'refresh_mode', 'scheduler', 'cluster_by', 'immutable_where'] -%}
    {%- set ignored = (name == 'refresh_mode' and wanted[name] == 'AUTO') or (name == 'target_lag' and wanted[name] is none) -%}
    {%- if name in now and not ignored and upsql_dynamic_table_value(name, wanted[name]) != upsql_dynamic_table_value(name, now[name]) -%}
      {%- do changes.update({name: wanted[name]}) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if wanted.transient is not none -%}
    {# `show dynamic tables` does not tell it. #}
    {%- set is_transient = upsql_shown(existing_relation, 'tables').kind == 'TRANSIENT' -%}
    {%- if is_transient != wanted.transient -%}
      {%- do changes.update({'transient': wanted.transient}) -%}
    {%- endif -%}
  {%- endif -%}
  {{ return(changes or none) }}
{%- endmacro %}

{# The row of `show` for one relation, by column names in lower case; empty when there is none. Names are patterns there. #}
{% macro upsql_shown(relation, kind) -%}
  {%- set found = run_query('show ' ~ kind ~ ' like ' ~ upsql_text(relation.identifier) ~ ' in schema ' ~ relation.without_identifier()) -%}
  {%- set shown = {} -%}
  {%- set names = found.column_names | map('lower') | list -%}
  {%- for row in found.rows if row[names.index('name')] == relation.identifier -%}
    {%- for name in names -%}
      {%- do shown.update({name: row[loop.index0]}) -%}
    {%- endfor -%}
  {%- endfor -%}
  {{ return(shown) }}
{%- endmacro %}

{# What can't be altered is replaced. #}
{% macro snowflake__get_alter_dynamic_table_as_sql(existing_relation, changes, target_relation, sql) -%}
  {%- if 'refresh_mode' in changes or 'transient' in changes -%}
    {{ return(get_create_dynamic_table_as_sql(target_relation, sql)) }}
  {%- endif -%}
  {%- set head = 'alter dynamic table ' ~ existing_relation.render() -%}
  {%- set sets = [] -%}
  {%- set statements = [] -%}
  {%- for name in ['target_lag', 'warehouse', 'initialization_warehouse', 'scheduler'] if changes.get(name) is not none -%}
    {%- do sets.append(' ' ~ name ~ ' = ' ~ (upsql_text(changes[name]) if name in ('target_lag', 'scheduler') else changes[name])) -%}
  {%- endfor -%}
  {%- if sets -%}
    {%- do statements.append(head ~ ' set' ~ sets | join('')) -%}
  {%- endif -%}
  {%- if 'initialization_warehouse' in changes and changes.initialization_warehouse is none -%}
    {%- do statements.append(head ~ ' unset initialization_warehouse') -%}
  {%- endif -%}
  {%- if 'immutable_where' in changes -%}
    {%- do statements.append(head ~ (' unset immutable where' if changes.immutable_where is none else ' set immutable where (' ~ changes.immutable_where ~ ')')) -%}
  {%- endif -%}
  {%- if 'cluster_by' in changes -%}
    {%- do statements.append(head ~ (' drop clustering key' if changes.cluster_by is none else ' cluster by (' ~ changes.cluster_by ~ ')')) -%}
  {%- endif -%}
  {{ return(statements | join(';\n')) }}
{%- endmacro %}

{% macro snowflake__refresh_dynamic_table(relation) -%}
  alter dynamic table {{ relation.render() }} refresh
{%- endmacro %}
