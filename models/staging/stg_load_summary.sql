{# Where every raw event record went: staged, dropped as a repeated delivery, or kept aside with a reason. #}

with staged as (

    select
        {{ sum_as_bigint('1') }} as events,
        {{ sum_as_bigint('deliveries - 1') }} as repeats
    from {{ ref('stg_events') }}

)

select
    'staged' as outcome,
    'ok' as reason,
    events as records
from staged

union all

select
    'duplicate' as outcome,
    'repeated_delivery' as reason,
    repeats as records
from staged

union all

select
    'quarantined' as outcome,
    reason,
    cast(count(*) as {{ dbt.type_bigint() }}) as records
from {{ ref('stg_events_quarantine') }}
group by reason
