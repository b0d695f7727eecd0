{# Two statements in the snapshot's transaction, so that no version of DuckDB needs to know `merge`. #}
{% macro duckdb__snapshot_merge_sql(target, source, insert_cols) -%}
  {%- set names = upsql_snapshot_column_names() %}
    update {{ target.render() }} as DBT_INTERNAL_TARGET
    set {{ names.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ names.dbt_valid_to }}
    from {{ source }} as DBT_INTERNAL_SOURCE
    where DBT_INTERNAL_SOURCE.{{ names.dbt_scd_id }}::text = DBT_INTERNAL_TARGET.{{ names.dbt_scd_id }}::text
        and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
        and {{ upsql_snapshot_is_current('DBT_INTERNAL_TARGET.' ~ names.dbt_valid_to) }};

    insert into {{ target.render() }} ({{ insert_cols | join(', ') }})
    select {{ insert_cols | join(', ') }}
    from {{ source }} as DBT_INTERNAL_SOURCE
    where DBT_INTERNAL_SOURCE.dbt_change_type = 'insert';
{%- endmacro %}

{% macro duckdb__post_snapshot(staging_relation) %}
  {%- do adapter.drop_relation(staging_relation) -%}
{% endmacro %}
