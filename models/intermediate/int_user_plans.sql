{#
  One row a user with a plan: which it is today, and since when. That is what the app's profile page knows; the snapshot
  snap_user_plans keeps what it said before.
#}

with changes as (

    select
        user_id,
        plan,
        changed_at,
        row_number() over (partition by user_id order by changed_at desc, plan) as recency
    from {{ ref('stg_plan_changes') }}
    where cast(changed_at as date) <= {{ as_of_date() }}

),

latest as (

    select
        user_id,
        plan,
        changed_at
    from changes
    where recency = 1

)

select
    coalesce(latest.user_id, profiles.user_id) as user_id,
    coalesce(latest.plan, profiles.plan) as plan,
    coalesce(latest.changed_at, {{ plan_start('profiles.signup_date') }}) as plan_since
from {{ ref('stg_users') }} as profiles
full outer join latest
    on profiles.user_id = latest.user_id
where coalesce(latest.plan, profiles.plan) is not null
