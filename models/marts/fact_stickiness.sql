{#
  Daily, rolling 7-day and rolling 30-day active users. An active day keeps its user counted for 7 (or 30) days, or until
  the next active day takes over: a user enters the count on a day with no active day close before it, and leaves it where
  none follows in time. Running sums of those entries and exits give the counts in one pass, however long the window.
#}

{% set windows = {'wau_7d': 7, 'mau_30d': 30} %}

with changes as (
    {% for name, days in windows.items() %}
    select
        date,
        '{{ name }}' as metric,
        1 as change
    from {{ ref('int_user_days') }}
    where previous_date is null or {{ dbt.datediff('previous_date', 'date', 'day') }} >= {{ days }}

    union all

    select
        {{ days_before('date', -1 * days) }} as date,
        '{{ name }}' as metric,
        -1 as change
    from {{ ref('int_user_days') }}
    where next_date is null or {{ dbt.datediff('date', 'next_date', 'day') }} >= {{ days }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

daily_changes as (

    select
        date
        {%- for name in windows %},
        sum(case when metric = '{{ name }}' then change else 0 end) as {{ name }}
        {%- endfor %}
    from changes
    group by date

),

counts as (

    select
        calendar.date,
        coalesce(daily.dau, 0) as dau
        {%- for name in windows %},
        cast(sum(coalesce(daily_changes.{{ name }}, 0)) over (
            order by calendar.date rows between unbounded preceding and current row
        ) as {{ dbt.type_bigint() }}) as {{ name }}
        {%- endfor %}
    from {{ ref('int_calendar') }} as calendar
    left join {{ ref('fact_daily_active_users') }} as daily
        on calendar.date = daily.date
    left join daily_changes
        on calendar.date = daily_changes.date

)

select
    date,
    dau,
    wau_7d,
    mau_30d,
    cast(dau as double) / nullif(wau_7d, 0) as dau_wau,
    cast(dau as double) / nullif(mau_30d, 0) as stickiness
from counts
