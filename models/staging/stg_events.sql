{#
  One row an event. The raw records carry no id, so an event is known by all that it says: records that agree in every
  field are one event delivered more than once (two sessions of one user cannot begin in the same instant with the same
  feature, length and platform). The key is the same on every warehouse.
#}

with events as (

    select
        user_id,
        timestamp,
        category_used,
        feature_used,
        session_length_sec,
        platform,
        cast(count(*) as {{ dbt.type_bigint() }}) as deliveries
    from {{ ref('base_events') }}
    where reason is null
    group by user_id, timestamp, category_used, feature_used, session_length_sec, platform

)

select
    {{ dbt.hash(dbt.concat([
        'user_id', "'|'",
        timestamp_text('timestamp'), "'|'",
        'category_used', "'|'",
        'feature_used', "'|'",
        seconds_text('session_length_sec'), "'|'",
        'platform'
    ])) }} as event_key,
    user_id,
    timestamp,
    category_used,
    feature_used,
    session_length_sec,
    platform,
    deliveries
from events
