{# Every raw record is staged, a repeated delivery, or in quarantine: none is lost and none counted twice. #}

with raw_records as (

    select count(*) as records
    from {{ ref('base_events') }}

),

outcomes as (

    select sum(records) as records
    from {{ ref('stg_load_summary') }}

)

select
    raw_records.records as raw_records,
    outcomes.records as accounted_records
from raw_records
cross join outcomes
where raw_records.records <> outcomes.records
