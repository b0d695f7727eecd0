{#
  One row a user and active day, up to today. Much smaller than the events, so what counts users by day, week, month or
  cohort reads this instead of the events.
#}

with days as (

    select
        user_id,
        date,
        cast(count(*) as {{ dbt.type_bigint() }}) as events,
        sum(session_length_sec) as session_seconds
        {%- for platform in var('platforms') %},
        {{ sum_as_bigint("case when platform = '" ~ platform ~ "' then 1 else 0 end") }} as platform_{{ platform }}
        {%- endfor %}
    from {{ ref('fact_events') }}
    where date <= {{ as_of_date() }}
    group by user_id, date

)

select
    *,
    lag(date) over (partition by user_id order by date) as previous_date,
    lead(date) over (partition by user_id order by date) as next_date
from days
