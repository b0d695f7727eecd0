{# Recounts the rolling active users of the last three days of the calendar the direct way. #}

with days as (

    select
        date,
        wau_7d,
        mau_30d
    from {{ ref('fact_stickiness') }}
    where date > {{ days_before(as_of_date(), 3) }}

),

recounted as (

    select
        days.date,
        count(distinct case when active.date > {{ days_before('days.date', 7) }} then active.user_id end) as wau_7d,
        count(distinct active.user_id) as mau_30d
    from days
    left join {{ ref('int_user_days') }} as active
        on active.date > {{ days_before('days.date', 30) }}
        and active.date <= days.date
    group by days.date

)

select
    days.date,
    days.wau_7d,
    recounted.wau_7d as recounted_wau_7d,
    days.mau_30d,
    recounted.mau_30d as recounted_mau_30d
from days
inner join recounted
    on days.date = recounted.date
where
    days.wau_7d <> recounted.wau_7d
    or days.mau_30d <> recounted.mau_30d
