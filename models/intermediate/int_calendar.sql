{# Every day from the first event to today, without gaps. #}

with recursive days as (

    select
        first_event_date as date,
        as_of_date
    from {{ ref('as_of') }}
    where first_event_date <= as_of_date

    union all

    select
        cast({{ dbt.dateadd('day', 1, 'date') }} as date) as date,
        as_of_date
    from days
    where date < as_of_date

)

select date
from days
