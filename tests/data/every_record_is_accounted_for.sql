{#
  Every raw record is staged, a repeated delivery, or in quarantine: none is lost and none counted twice. The summary says
  the same.
#}

with counts as (

    select
        (select count(*) from {{ ref('base_events') }}) as raw_records,
        (select coalesce(sum(deliveries), 0) from {{ ref('stg_events') }}) as staged_records,
        (select count(*) from {{ ref('stg_events_quarantine') }}) as quarantined_records,
        (select sum(records) from {{ ref('stg_load_summary') }}) as summarized_records

)

select *
from counts
where
    raw_records <> staged_records + quarantined_records
    or raw_records <> summarized_records
