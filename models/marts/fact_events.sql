{#
  Incremental by key, not by time: an event that arrives late has an old timestamp but a new key, so it is added whenever it
  comes, and the table equals a full refresh.
#}
{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns') }}

select
    event_key,
    user_id,
    timestamp,
    category_used,
    feature_used,
    session_length_sec,
    platform,
    cast(timestamp as date) as date,
    {{ iso_week('cast(timestamp as date)') }} as week,
    {{ iso_year('cast(timestamp as date)') }} as year
from {{ ref('stg_events') }} as staged
{% if is_incremental() %}
where not exists (
    select 1
    from {{ this }} as known
    where known.event_key = staged.event_key
)
{% endif %}
