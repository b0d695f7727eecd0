{{
  config(
    materialized = 'incremental',
    unique_key = 'id',
    incremental_strategy = 'delete+insert',
    on_schema_change = 'sync_all_columns',
    incremental_predicates = ["day > current_date - 7"],
    full_refresh = false
  )
}}
select 1 as id, current_date as day
{% if is_incremental() %}
where day > (select max(day) from {{ this }})
{% else %}
-- full
{% endif %}
