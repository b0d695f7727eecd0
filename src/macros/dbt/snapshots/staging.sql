{# The first filling of a snapshot's table. #}
{% macro build_snapshot_table(strategy, sql) -%}
  {{ adapter.dispatch('build_snapshot_table', 'dbt')(strategy, sql) }}
{%- endmacro %}

{% macro default__build_snapshot_table(strategy, sql) %}
  {%- set names = upsql_snapshot_column_names() %}
    select *,
        {{ strategy.scd_id }} as {{ names.dbt_scd_id }},
        {{ strategy.updated_at }} as {{ names.dbt_updated_at }},
        {{ strategy.updated_at }} as {{ names.dbt_valid_from }},
        {{ get_dbt_valid_to_current(strategy, names) }}
        {%- if strategy.hard_deletes == 'new_record' -%}
        , 'False' as {{ names.dbt_is_deleted }}
        {%- endif %}
    from (
        {{ sql }}
    ) sbq
{% endmacro %}

{#
  The changes since the last run, one row each, as dbt_change_type says: `insert` a new version, `update` the end of the
  version before it, `delete` the end of a row that is gone.
#}
{% macro snapshot_staging_table(strategy, source_sql, target_relation) -%}
  {{ adapter.dispatch('snapshot_staging_table', 'dbt')(strategy, source_sql, target_relation) }}
{%- endmacro %}

{% macro default__snapshot_staging_table(strategy, source_sql, target_relation) -%}
  {%- set names = upsql_snapshot_column_names() -%}
  {%- set key = strategy.unique_key -%}
  {%- set flagged = strategy.hard_deletes == 'new_record' -%}
  {%- set deletes = flagged or strategy.hard_deletes == 'invalidate' -%}
  {%- set matched = unique_key_join_on(key, 'snapshotted_data', 'source_data') -%}
  {%- set was_deleted = 'snapshotted_data.' ~ names.dbt_is_deleted ~ " = 'True'" -%}
  {%- set changed = '(' ~ strategy.row_changed ~ (' or ' ~ was_deleted if flagged) ~ ')' %}
    with snapshot_query as (
        {{ source_sql }}
    ),

    snapshotted_data as (
        select *, {{ unique_key_fields(key) }}
        from {{ target_relation }}
        where {{ upsql_snapshot_is_current(names.dbt_valid_to) }}
    ),

    insertions_source_data as (
        select *, {{ unique_key_fields(key) }},
            {{ strategy.updated_at }} as {{ names.dbt_updated_at }},
            {{ strategy.updated_at }} as {{ names.dbt_valid_from }},
            {{ get_dbt_valid_to_current(strategy, names) }},
            {{ strategy.scd_id }} as {{ names.dbt_scd_id }}
        from snapshot_query
    ),

    updates_source_data as (
        select *, {{ unique_key_fields(key) }},
            {{ strategy.updated_at }} as {{ names.dbt_updated_at }},
            {{ strategy.updated_at }} as {{ names.dbt_valid_from }},
            {{ strategy.updated_at }} as {{ names.dbt_valid_to }}
        from snapshot_query
    ),

    insertions as (
        select 'insert' as dbt_change_type, source_data.*{{ ", 'False' as " ~ names.dbt_is_deleted if flagged }}
        from insertions_source_data as source_data
        left join snapshotted_data on {{ matched }}
        where {{ unique_key_is_null(key, 'snapshotted_data') }}
            or ({{ unique_key_is_not_null(key, 'snapshotted_data') }} and {{ changed }})
    ),

    updates as (
        select 'update' as dbt_change_type, source_data.*, snapshotted_data.{{ names.dbt_scd_id }}
            {{- ', snapshotted_data.' ~ names.dbt_is_deleted if flagged }}
        from updates_source_data as source_data
        join snapshotted_data on {{ matched }}
        where {{ changed }}
    )
  {%- if deletes -%},

    deletes_source_data as (
        select *, {{ unique_key_fields(key) }}
        from snapshot_query
    ),

    deletes as (
        select 'delete' as dbt_change_type, source_data.*,
            {{ snapshot_get_time() }} as {{ names.dbt_valid_from }},
            {{ snapshot_get_time() }} as {{ names.dbt_updated_at }},
            {{ snapshot_get_time() }} as {{ names.dbt_valid_to }},
            snapshotted_data.{{ names.dbt_scd_id }}{{ ', snapshotted_data.' ~ names.dbt_is_deleted if flagged }}
        from snapshotted_data
        left join deletes_source_data as source_data on {{ matched }}
        where {{ unique_key_is_null(key, 'source_data') }}
            {{- ' and not ' ~ was_deleted if flagged }}
    )
  {%- endif -%}
  {%- if flagged -%},

    deletion_records as (
        {{ upsql_snapshot_deletion_records(strategy, source_sql, target_relation, names) }}
        from snapshotted_data
        left join deletes_source_data as source_data on {{ matched }}
        where {{ unique_key_is_null(key, 'source_data') }} and not {{ was_deleted }}
    )
  {%- endif %}

    select * from insertions
    union all
    select * from updates
  {%- if deletes %}
    union all
    select * from deletes
  {%- endif %}
  {%- if flagged %}
    union all
    select * from deletion_records
  {%- endif %}
{%- endmacro %}

{# A version that says that the row is gone, with the row's last values. #}
{% macro upsql_snapshot_deletion_records(strategy, source_sql, target_relation, names) %}
  {%- set kept = get_list_of_column_names(get_columns_in_relation(target_relation)) -%}
        select 'insert' as dbt_change_type,
            {%- for name in get_columns_in_query(source_sql) %}
            {{ 'snapshotted_data' if name in kept else 'source_data' }}.{{ adapter.quote(name) }},
            {%- endfor %}
            {%- for key in (strategy.unique_key if strategy.unique_key | is_list else ['']) %}
            snapshotted_data.dbt_unique_key{{ '_' ~ loop.index if key }},
            {%- endfor %}
            {{ snapshot_get_time() }} as {{ names.dbt_updated_at }},
            {{ snapshot_get_time() }} as {{ names.dbt_valid_from }},
            snapshotted_data.{{ names.dbt_valid_to }} as {{ names.dbt_valid_to }},
            {{ snapshot_hash_arguments([names.dbt_scd_id, snapshot_get_time()]) }} as {{ names.dbt_scd_id }},
            'True' as {{ names.dbt_is_deleted }}
{%- endmacro %}

{# The staging query as a temporary table; gives it. #}
{% macro build_snapshot_staging_table(strategy, sql, target_relation) %}
  {%- set relation = make_temp_relation(target_relation) -%}
  {%- do run_query(create_table_as(true, relation, snapshot_staging_table(strategy, sql, target_relation))) -%}
  {%- do return(relation) -%}
{% endmacro %}

{# Called with the staging table after the commit. #}
{% macro post_snapshot(staging_relation) %}
  {{ adapter.dispatch('post_snapshot', 'dbt')(staging_relation) }}
{% endmacro %}

{% macro default__post_snapshot(staging_relation) %}
{% endmacro %}

{% macro snapshot_merge_sql(target, source, insert_cols) -%}
  {{ adapter.dispatch('snapshot_merge_sql', 'dbt')(target, source, insert_cols) }}
{%- endmacro %}

{% macro default__snapshot_merge_sql(target, source, insert_cols) -%}
  {%- set names = upsql_snapshot_column_names() -%}
    merge into {{ target.render() }} as DBT_INTERNAL_DEST
    using {{ source }} as DBT_INTERNAL_SOURCE
    on DBT_INTERNAL_SOURCE.{{ names.dbt_scd_id }} = DBT_INTERNAL_DEST.{{ names.dbt_scd_id }}
    when matched
        and {{ upsql_snapshot_is_current('DBT_INTERNAL_DEST.' ~ names.dbt_valid_to) }}
        and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
    then update set {{ names.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ names.dbt_valid_to }}
    when not matched and DBT_INTERNAL_SOURCE.dbt_change_type = 'insert'
    then insert ({{ insert_cols | join(', ') }})
    values ({{ insert_cols | join(', ') }})
{%- endmacro %}
