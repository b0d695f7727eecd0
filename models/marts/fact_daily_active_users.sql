select
    date,
    cast(count(*) as {{ dbt.type_bigint() }}) as dau
from {{ ref('int_user_days') }}
group by date
