with user_weeks as (

    select distinct
        user_id,
        {{ iso_week_start('date') }} as week_start_date
    from {{ ref('int_user_days') }}

)

select
    {{ iso_year('week_start_date') }} as year,
    {{ iso_week('week_start_date') }} as week,
    week_start_date,
    cast(count(*) as {{ dbt.type_bigint() }}) as wau
from user_weeks
group by week_start_date
