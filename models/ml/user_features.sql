{# What each user who was ever active did, up to today: the input of the segments. #}

with activity as (

    select
        user_id,
        min(date) as first_seen_date,
        max(date) as last_seen_date,
        {{ sum_as_bigint('events') }} as total_events,
        sum(session_seconds) as session_seconds,
        cast(count(*) as {{ dbt.type_bigint() }}) as login_frequency
        {%- for platform in var('platforms') %},
        {{ sum_as_bigint('platform_' ~ platform) }} as platform_{{ platform }}
        {%- endfor %}
    from {{ ref('int_user_days') }}
    group by user_id

),

variety as (

    select
        user_id,
        cast(count(distinct feature_used) as {{ dbt.type_bigint() }}) as unique_features_used,
        cast(count(distinct category_used) as {{ dbt.type_bigint() }}) as unique_categories_used
    from {{ ref('int_user_features') }}
    group by user_id

)

select
    activity.user_id,
    activity.first_seen_date,
    activity.last_seen_date,
    activity.session_seconds / 60 as total_session_length_minutes,
    activity.session_seconds / 60 / activity.total_events as average_session_length_minutes,
    activity.login_frequency,
    variety.unique_features_used,
    variety.unique_categories_used,
    activity.total_events,
    cast({{ dbt.datediff('activity.last_seen_date', as_of_date(), 'day') }} as {{ dbt.type_bigint() }}) as days_since_last_login
    {%- for platform in var('platforms') %},
    activity.platform_{{ platform }}
    {%- endfor %}
from activity
inner join variety
    on activity.user_id = variety.user_id
