{# What could not be read as an event, with the reason: nothing is thrown away. #}

select
    reason,
    raw_record,
    user_id,
    timestamp,
    category_used,
    feature_used,
    session_length_sec,
    platform
from {{ ref('base_events') }}
where reason is not null
