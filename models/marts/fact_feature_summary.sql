with features as (

    select
        feature_used,
        min(category_used) as category_used,
        {{ sum_as_bigint('events') }} as events,
        cast(count(distinct user_id) as {{ dbt.type_bigint() }}) as users,
        sum(session_seconds) / 60 as session_minutes,
        sum(session_seconds) / 60 / sum(events) as average_session_minutes,
        min(first_used_date) as first_used_date,
        max(last_used_date) as last_used_date
    from {{ ref('int_user_features') }}
    group by feature_used

)

select
    *,
    cast(events as double) / sum(events) over () as event_share,
    cast(row_number() over (order by events desc, feature_used) as {{ dbt.type_int() }}) as usage_rank
from features
