{#
  Three looks back, each made as if its cutoff were today: `train` and `holdout`, whose outcome is known by now, and `score`,
  whose outcome is still to come. Features come only from days up to the cutoff, the label only from the days after it, so
  that nothing of the outcome leaks into the features. The holdout's label window is where the train window ends: a model
  is judged on a time that it has not seen.
#}

{% set horizon = var('churn_horizon_days') %}
{% set windows = {'last_7d': 7, 'last_30d': 30, 'observed': var('churn_observation_days')} %}

with cutoffs as (

    select 'train' as split, {{ days_before('as_of_date', 2 * horizon) }} as cutoff_date from {{ ref('as_of') }}
    union all
    select 'holdout' as split, {{ days_before('as_of_date', horizon) }} as cutoff_date from {{ ref('as_of') }}
    union all
    select 'score' as split, as_of_date as cutoff_date from {{ ref('as_of') }}

),

observed as (

    select
        cutoffs.split,
        cutoffs.cutoff_date,
        days.user_id,
        min(days.date) as first_seen_date,
        max(days.date) as last_seen_date,
        {{ sum_as_bigint('days.events') }} as total_events,
        cast(count(*) as {{ dbt.type_bigint() }}) as active_days,
        sum(days.session_seconds) / 60 as total_minutes
        {%- for window, days in windows.items() %}
        {%- set start = days_before('cutoffs.cutoff_date', days) %},
        {{ sum_as_bigint('case when days.date > ' ~ start ~ ' then days.events else 0 end') }} as events_{{ window }},
        {{ sum_as_bigint('case when days.date > ' ~ start ~ ' then 1 else 0 end') }} as active_days_{{ window }}
        {%- endfor %},
        sum(case when days.date > {{ days_before('cutoffs.cutoff_date', 30) }} then days.session_seconds else 0 end) / 60 as minutes_last_30d
    from {{ ref('int_user_days') }} as days
    inner join cutoffs
        on days.date <= cutoffs.cutoff_date
    group by cutoffs.split, cutoffs.cutoff_date, days.user_id

),

variety as (

    select
        cutoffs.split,
        features.user_id,
        cast(count(distinct features.feature_used) as {{ dbt.type_bigint() }}) as unique_features_used,
        cast(count(distinct features.category_used) as {{ dbt.type_bigint() }}) as unique_categories_used
    from {{ ref('int_user_features') }} as features
    inner join cutoffs
        on features.first_used_date <= cutoffs.cutoff_date
    group by cutoffs.split, features.user_id

),

returned as (

    select distinct
        cutoffs.split,
        days.user_id
    from {{ ref('int_user_days') }} as days
    inner join cutoffs
        on days.date > cutoffs.cutoff_date
        and days.date <= {{ days_before('cutoffs.cutoff_date', -1 * horizon) }}

)

select
    observed.split,
    observed.user_id,
    observed.cutoff_date,
    observed.last_seen_date,
    cast({{ dbt.datediff('observed.first_seen_date', 'observed.cutoff_date', 'day') }} as {{ dbt.type_bigint() }}) as tenure_days,
    cast({{ dbt.datediff('observed.last_seen_date', 'observed.cutoff_date', 'day') }} as {{ dbt.type_bigint() }}) as days_since_last_event,
    observed.total_events,
    observed.active_days,
    observed.total_minutes,
    observed.total_minutes / observed.total_events as average_minutes,
    cast({{ dbt.datediff('observed.first_seen_date', 'observed.last_seen_date', 'day') }} as double) / observed.active_days as average_gap_days
    {%- for window in windows %},
    observed.events_{{ window }},
    observed.active_days_{{ window }}
    {%- endfor %},
    observed.minutes_last_30d,
    variety.unique_features_used,
    variety.unique_categories_used,
    case
        when observed.split = 'score' then null
        when returned.user_id is null then 1
        else 0
    end as churned
from observed
inner join variety
    on observed.split = variety.split
    and observed.user_id = variety.user_id
left join returned
    on observed.split = returned.split
    and observed.user_id = returned.user_id
