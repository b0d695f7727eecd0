select
    feature_used,
    min(category_used) as category_used,
    date,
    cast(count(*) as {{ dbt.type_bigint() }}) as events,
    cast(count(distinct user_id) as {{ dbt.type_bigint() }}) as users,
    sum(session_length_sec) / 60 as session_minutes
from {{ ref('fact_events') }}
where date <= {{ as_of_date() }}
group by feature_used, date
