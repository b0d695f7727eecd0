{#
  Recounts each look back's basic features and label from the events themselves. A feature that saw an event from after its
  cutoff, or a label that saw one from before it, differs here.
#}

with looks as (

    select distinct
        split,
        cutoff_date
    from {{ ref('churn_features') }}

),

recounted as (

    select
        looks.split,
        looks.cutoff_date,
        events.user_id,
        sum(case when events.date <= looks.cutoff_date then 1 else 0 end) as events_before,
        max(case when events.date <= looks.cutoff_date then events.date end) as last_date_before,
        sum(case
            when
                events.date > looks.cutoff_date
                and events.date <= {{ days_before('looks.cutoff_date', -1 * var('churn_horizon_days')) }}
                and events.date <= {{ as_of_date() }}
                then 1
            else 0
        end) as events_after
    from {{ ref('fact_events') }} as events
    cross join looks
    group by looks.split, looks.cutoff_date, events.user_id

)

select
    features.split,
    features.user_id,
    features.total_events,
    recounted.events_before,
    recounted.events_after,
    features.churned
from {{ ref('churn_features') }} as features
left join recounted
    on features.split = recounted.split
    and features.user_id = recounted.user_id
where
    recounted.user_id is null
    or features.last_seen_date > features.cutoff_date
    or features.last_seen_date <> recounted.last_date_before
    or features.total_events <> recounted.events_before
    or (features.split = 'score' and features.churned is not null)
    or (features.split <> 'score' and features.churned <> case when recounted.events_after = 0 then 1 else 0 end)
