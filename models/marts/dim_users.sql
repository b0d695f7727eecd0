{#
  Every user that signed up or left an event. Who was never active up to today has zeros, and no segment or churn score:
  there is nothing to judge them by.
#}

with users as (

    select user_id from {{ ref('stg_users') }}
    union
    select user_id from {{ ref('fact_events') }}

)

select
    users.user_id,
    profiles.user_id is not null as has_profile,
    profiles.name,
    profiles.email,
    profiles.country,
    plans.plan,
    plans.plan_since,
    profiles.signup_date,
    features.first_seen_date,
    features.last_seen_date,
    coalesce(features.total_session_length_minutes, 0) as total_session_length_minutes,
    coalesce(features.average_session_length_minutes, 0) as average_session_length_minutes,
    coalesce(features.login_frequency, 0) as login_frequency,
    coalesce(features.unique_features_used, 0) as unique_features_used,
    coalesce(features.unique_categories_used, 0) as unique_categories_used,
    coalesce(features.total_events, 0) as total_events,
    features.days_since_last_login
    {%- for platform in var('platforms') %},
    coalesce(features.platform_{{ platform }}, 0) as platform_{{ platform }}
    {%- endfor %},
    segments.segment,
    scores.churn_probability,
    scores.predicted_churn
from users
left join {{ ref('stg_users') }} as profiles
    on users.user_id = profiles.user_id
left join {{ ref('int_user_plans') }} as plans
    on users.user_id = plans.user_id
left join {{ ref('user_features') }} as features
    on users.user_id = features.user_id
left join {{ ref('user_segments') }} as segments
    on users.user_id = segments.user_id
left join {{ ref('churn_scores') }} as scores
    on users.user_id = scores.user_id
