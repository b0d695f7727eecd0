{#
  How far new users get, as a strict funnel: each step counts who took it and all steps before it. Only sign-ups are counted
  that were watched from the first day on and whose last step is over by today.
#}

with signups as (

    select
        profiles.user_id,
        profiles.signup_date
    from {{ ref('stg_users') }} as profiles
    cross join {{ ref('as_of') }} as clock
    where
        profiles.signup_date >= clock.first_event_date
        and profiles.signup_date <= {{ days_before('clock.as_of_date', 60) }}

),

visits as (

    select
        signups.user_id,
        min(days.date) as first_date,
        max(case when days.date <= {{ days_before('signups.signup_date', -14) }} then days.date end) as last_date_14d,
        max(days.date) as last_date_60d
    from signups
    inner join {{ ref('int_user_days') }} as days
        on signups.user_id = days.user_id
        and days.date >= signups.signup_date
        and days.date <= {{ days_before('signups.signup_date', -60) }}
    group by signups.user_id

),

variety as (

    select
        signups.user_id,
        count(distinct used.feature_used) as features_30d
    from signups
    inner join {{ ref('int_user_features') }} as used
        on signups.user_id = used.user_id
        and used.first_used_date <= {{ days_before('signups.signup_date', -30) }}
    group by signups.user_id

),

reached as (

    select
        signups.user_id,
        case
            when visits.first_date is null or visits.first_date > {{ days_before('signups.signup_date', -7) }} then 1
            when visits.last_date_14d = visits.first_date then 2
            when variety.features_30d < 3 then 3
            when visits.last_date_60d <= {{ days_before('signups.signup_date', -30) }} then 4
            else 5
        end as step
    from signups
    left join visits
        on signups.user_id = visits.user_id
    left join variety
        on signups.user_id = variety.user_id

),

steps as (

    {% for name in ['signed_up', 'first_use_in_7_days', 'came_back_in_14_days', 'three_features_in_30_days', 'active_on_days_31_to_60'] %}
    select
        {{ loop.index }} as step,
        '{{ name }}' as step_name
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

counted as (

    select
        cast(steps.step as {{ dbt.type_int() }}) as step,
        steps.step_name,
        cast(count(reached.user_id) as {{ dbt.type_bigint() }}) as users
    from steps
    left join reached
        on reached.step >= steps.step
    group by steps.step, steps.step_name

)

select
    step,
    step_name,
    users,
    cast(users as double) / nullif(first_value(users) over (order by step), 0) as share_of_signups,
    cast(users as double) / nullif(lag(users) over (order by step), 0) as share_of_previous
from counted
