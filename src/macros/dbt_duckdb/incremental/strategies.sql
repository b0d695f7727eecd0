{% macro duckdb__get_incremental_default_sql(arg_dict) %}
  {{ return(get_incremental_delete_insert_sql(arg_dict)) }}
{% endmacro %}

{# Rows that are only added are read once, so a view serves and nothing is written twice. #}
{% macro duckdb__upsql_create_incremental_source(target_relation, strategy) %}
  {%- set only_added = strategy == 'append' or (strategy in ['default', 'delete+insert'] and not config.get('unique_key')) -%}
  {%- if model['language'] != 'sql' or not only_added or config.get('contract', {}).enforced -%}
    {{ return(default__upsql_create_incremental_source(target_relation, strategy)) }}
  {%- endif -%}
  {%- set relation = make_temp_relation(target_relation).incorporate(type='view') -%}
  {%- call statement('source', auto_begin=false) -%}
    {{ config.get('sql_header', none) or '' }}
    create or replace temporary view {{ relation.include(database=false, schema=false) }} as (
      {{ compiled_code }}
    )
  {%- endcall -%}
  {{ return(relation) }}
{% endmacro %}

{# With `using`, one pass over both tables deletes by a key of several columns. #}
{% macro duckdb__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  {%- set predicates = normalize_incremental_predicates(incremental_predicates) -%}
  {%- if unique_key is string and unique_key -%}
    delete from {{ target }}
    where ({{ unique_key }}) in (
        select ({{ unique_key }})
        from {{ source }}
    )
    {%- for predicate in predicates %}
        and {{ predicate }}
    {%- endfor %};
  {%- elif unique_key -%}
    delete from {{ target }} as DBT_INCREMENTAL_TARGET
    using {{ source }}
    where
    {%- for key in unique_key %}
        {{ 'and ' if not loop.first }}{{ source }}.{{ key }} = DBT_INCREMENTAL_TARGET.{{ key }}
    {%- endfor %}
    {%- for predicate in predicates %}
        and {{ predicate }}
    {%- endfor %};
  {%- endif %}
    insert into {{ target }} ({{ columns }})
    (
        select {{ columns }}
        from {{ source }}
    )
{%- endmacro %}

{# A batch replaces the rows of its span of time. #}
{% macro duckdb__get_incremental_microbatch_sql(arg_dict) -%}
  {%- set event_time = config.get('event_time') -%}
  {%- set batch = model.get('batch') or {} -%}
  {%- if not event_time -%}
    {%- do exceptions.raise_compiler_error('Model ' ~ model.name ~ " needs the config 'event_time' for the microbatch strategy") -%}
  {%- elif config.get('unique_key') -%}
    {%- do exceptions.raise_compiler_error('Model ' ~ model.name ~ ": the microbatch strategy replaces spans of 'event_time' and knows no 'unique_key'. Take it away, or use the merge strategy.") -%}
  {%- elif not (batch.get('event_time_start') and batch.get('event_time_end')) -%}
    {%- do exceptions.raise_compiler_error('The microbatch strategy ran without a batch: model.batch has no event_time_start and event_time_end') -%}
  {%- endif -%}
  {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
  {%- set in_batch = event_time ~ " >= '" ~ batch.get('event_time_start') ~ "' and " ~ event_time ~ " < '" ~ batch.get('event_time_end') ~ "'" -%}
  {%- set build_sql %}
    delete from {{ arg_dict['target_relation'] }}
    where {{ in_batch }}
    {%- for predicate in normalize_incremental_predicates(arg_dict.get('incremental_predicates')) %}
        and ({{ predicate }})
    {%- endfor %};

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }}
    where {{ in_batch }};
  {%- endset -%}
  {{ return(build_sql) }}
{%- endmacro %}

{# A list of texts from a text, a list of texts or none. #}
{% macro normalize_string_or_list(raw, field_name) -%}
  {%- set values = [] if raw is none else [raw] if raw is string else raw -%}
  {%- if values is mapping or values is not sequence or values | reject('string') | list -%}
    {%- do exceptions.raise_compiler_error(field_name ~ ' has to be a text or a list of texts, not ' ~ raw) -%}
  {%- endif -%}
  {{ return(values | list) }}
{%- endmacro %}

{% macro normalize_incremental_predicates(incremental_predicates) -%}
  {{ return(normalize_string_or_list(incremental_predicates, 'incremental_predicates')) }}
{%- endmacro %}
