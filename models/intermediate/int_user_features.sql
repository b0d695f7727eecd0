{# One row a user and feature, up to today. #}

select
    user_id,
    feature_used,
    category_used,
    cast(count(*) as {{ dbt.type_bigint() }}) as events,
    sum(session_length_sec) as session_seconds,
    min(date) as first_used_date,
    max(date) as last_used_date
from {{ ref('fact_events') }}
where date <= {{ as_of_date() }}
group by user_id, feature_used, category_used
