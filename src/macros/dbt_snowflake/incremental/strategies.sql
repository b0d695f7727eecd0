{% macro snowflake__get_incremental_default_sql(arg_dict) %}
  {{ return(get_incremental_merge_sql(arg_dict)) }}
{% endmacro %}

{# Without a key nothing can match, so the rows are only added. #}
{% macro snowflake__get_incremental_merge_sql(arg_dict) %}
  {{ return(get_incremental_append_sql(arg_dict) if not arg_dict['unique_key'] else default__get_incremental_merge_sql(arg_dict)) }}
{% endmacro %}

{# Every column of the new rows by its full name, since those of the table have the same. #}
{% macro snowflake__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {%- set conditions = (incremental_predicates or []) + upsql_get_merge_key_conditions(unique_key) -%}
  {%- set columns = dest_columns | map(attribute='quoted') | list %}
    merge into {{ target }} as DBT_INTERNAL_DEST
    using {{ source }} as DBT_INTERNAL_SOURCE
    on ({{ conditions | join(') and (') }})
    {%- if unique_key %}
    when matched then update set
      {%- for column in get_merge_update_columns(config.get('merge_update_columns'), config.get('merge_exclude_columns'), dest_columns) %}
      {{ column }} = DBT_INTERNAL_SOURCE.{{ column }}{{ ',' if not loop.last }}
      {%- endfor %}
    {%- endif %}
    when not matched then insert ({{ columns | join(', ') }})
    values (DBT_INTERNAL_SOURCE.{{ columns | join(', DBT_INTERNAL_SOURCE.') }})
{%- endmacro %}

{% macro snowflake__snapshot_merge_sql(target, source, insert_cols) -%}
  {%- set names = upsql_snapshot_column_names() %}
    merge into {{ target.render() }} as DBT_INTERNAL_DEST
    using {{ source }} as DBT_INTERNAL_SOURCE
    on DBT_INTERNAL_SOURCE.{{ names.dbt_scd_id }} = DBT_INTERNAL_DEST.{{ names.dbt_scd_id }}
    when matched
        and {{ upsql_snapshot_is_current('DBT_INTERNAL_DEST.' ~ names.dbt_valid_to) }}
        and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
    then update set {{ names.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ names.dbt_valid_to }}
    when not matched and DBT_INTERNAL_SOURCE.dbt_change_type = 'insert'
    then insert ({{ insert_cols | join(', ') }})
    values (DBT_INTERNAL_SOURCE.{{ insert_cols | join(', DBT_INTERNAL_SOURCE.') }})
{%- endmacro %}

{# `using` reads the new rows once for the delete, whatever the number of keys. #}
{% macro snowflake__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  {%- set keys = [unique_key] if unique_key is string else (unique_key or []) -%}
  {%- if keys -%}
    begin;
    delete from {{ target }} as DBT_INTERNAL_DEST
    using (select distinct {{ keys | join(', ') }} from {{ source }}) as DBT_INTERNAL_SOURCE
    where {% for key in keys %}DBT_INTERNAL_SOURCE.{{ key }} = DBT_INTERNAL_DEST.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    {%- for predicate in incremental_predicates or [] %}
        and {{ predicate }}
    {%- endfor %};
  {% endif %}
    insert into {{ target }} ({{ columns }})
    (
        select {{ columns }}
        from {{ source }}
    )
    {{- ';\n    commit;' if keys }}
{%- endmacro %}

{# The whole table anew, in one atomic statement; `overwrite_columns` names the columns that are filled. #}
{% macro snowflake__get_incremental_insert_overwrite_sql(arg_dict) -%}
  {%- set given = config.get('overwrite_columns') -%}
  {%- set columns = (given | join(', ')) if given else get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) %}
    insert overwrite into {{ arg_dict['target_relation'] }} ({{ columns }})
    (
        select {{ columns }}
        from {{ arg_dict['temp_relation'] }}
    )
{%- endmacro %}

{# A batch replaces the rows of its span of time. #}
{% macro snowflake__get_incremental_microbatch_sql(arg_dict) -%}
  {%- set event_time = config.get('event_time') -%}
  {%- set batch = model.get('batch') or {} -%}
  {%- if not event_time -%}
    {%- do exceptions.raise_compiler_error('Model ' ~ model.name ~ " needs the config 'event_time' for the microbatch strategy") -%}
  {%- elif not (batch.get('event_time_start') and batch.get('event_time_end')) -%}
    {%- do exceptions.raise_compiler_error('The microbatch strategy ran without a batch: model.batch has no event_time_start and event_time_end') -%}
  {%- endif -%}
  {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) %}
    begin;
    delete from {{ arg_dict['target_relation'] }}
    where {{ event_time }} >= to_timestamp_tz('{{ batch.get('event_time_start') }}')
        and {{ event_time }} < to_timestamp_tz('{{ batch.get('event_time_end') }}')
    {%- for predicate in arg_dict.get('incremental_predicates') or [] %}
        and {{ predicate }}
    {%- endfor %};

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    (
        select {{ columns }}
        from {{ arg_dict['temp_relation'] }}
    );
    commit;
{%- endmacro %}

{% macro snowflake__post_snapshot(staging_relation) %}
  {%- do adapter.drop_relation(staging_relation) -%}
{% endmacro %}
