{#
  Of the users who signed up in a month, how many were active so many months later. A user without a known sign-up date, or
  with one after the first event, counts from the first event. Months before the first event of all are not shown, since
  nothing was recorded then; a month without anybody is shown as 0.
#}

with first_days as (

    select
        user_id,
        min(date) as first_seen_date
    from {{ ref('int_user_days') }}
    group by user_id

),

users as (

    select
        coalesce(profiles.user_id, first_days.user_id) as user_id,
        coalesce(
            least(profiles.signup_date, first_days.first_seen_date),
            first_days.first_seen_date,
            profiles.signup_date
        ) as cohort_date
    from {{ ref('stg_users') }} as profiles
    full outer join first_days
        on profiles.user_id = first_days.user_id

),

user_cohorts as (

    select
        user_id,
        cast({{ dbt.date_trunc('month', 'cohort_date') }} as date) as cohort_month
    from users
    where cohort_date <= {{ as_of_date() }}

),

months as (

    select distinct cast({{ dbt.date_trunc('month', 'date') }} as date) as month
    from {{ ref('int_calendar') }}

),

cohorts as (

    select
        cohort_month,
        cast(count(*) as {{ dbt.type_bigint() }}) as cohort_users
    from user_cohorts
    group by cohort_month

),

active as (

    select
        user_cohorts.cohort_month,
        user_months.month,
        cast(count(*) as {{ dbt.type_bigint() }}) as active_users
    from (
        select distinct
            user_id,
            cast({{ dbt.date_trunc('month', 'date') }} as date) as month
        from {{ ref('int_user_days') }}
    ) as user_months
    inner join user_cohorts
        on user_months.user_id = user_cohorts.user_id
    group by user_cohorts.cohort_month, user_months.month

)

select
    cohorts.cohort_month,
    months.month as activity_month,
    cast({{ dbt.datediff('cohorts.cohort_month', 'months.month', 'month') }} as {{ dbt.type_int() }}) as months_since_signup,
    cohorts.cohort_users,
    coalesce(active.active_users, 0) as active_users,
    cast(coalesce(active.active_users, 0) as double) / cohorts.cohort_users as retention_rate
from cohorts
inner join months
    on months.month >= cohorts.cohort_month
left join active
    on cohorts.cohort_month = active.cohort_month
    and months.month = active.month
