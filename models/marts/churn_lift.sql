{#
  What acting on the churn scores would have brought on the held out time: users in groups of equal size from the riskiest
  down, how many of each were expected to leave and did, and the share of all who left that the groups so far have in them.
#}

with bins as (

    select
        outcomes,
        cast(name as double) as predicted_rate,
        value as observed_rate,
        low as observed_rate_low,
        high as observed_rate_high,
        row_number() over (order by cast(name as double) desc) as risk_group,
        value * outcomes as churned
    from {{ ref('churn_quality') }}
    where kind = 'calibration'

)

select
    cast(risk_group as {{ dbt.type_int() }}) as risk_group,
    outcomes as users,
    predicted_rate,
    observed_rate,
    observed_rate_low,
    observed_rate_high,
    observed_rate / nullif(sum(churned) over () / sum(outcomes) over (), 0) as lift,
    cast(sum(outcomes) over (order by risk_group rows between unbounded preceding and current row) as double)
    / sum(outcomes) over () as share_of_users,
    sum(churned) over (order by risk_group rows between unbounded preceding and current row)
    / nullif(sum(churned) over (), 0) as share_of_churned
from bins
